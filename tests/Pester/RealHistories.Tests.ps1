BeforeDiscovery {
    $here = Split-Path (Split-Path $PSScriptRoot)
    $shared = $env:PGMIGRATE_SHARED ? $env:PGMIGRATE_SHARED : (Join-Path (Split-Path $here) 'shared')
    $realData = Join-Path $shared 'realdata'
    $histories = @(
        @{
            History     = 'harbor'
            Files       = 39
            ColumnsMd5  = '4fa2a556bd8bf0fff76e676f2ee53a8c'
            # The files alter the table of another tool.
            Preparation = 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);'
            Arguments   = @{ HistoryTable = 'pgm_history'; AllowNonEmpty = $true }
            LeftOut     = "table_schema = 'public' AND table_name IN ('pgm_history', 'pgm_history_log')"
            RealData    = $realData
        }
        @{
            History     = 'supabase-auth'
            Files       = 70
            ColumnsMd5  = 'dcc2ce41ece125108bb34a042e42a63b'
            Preparation = 'CREATE SCHEMA auth;'
            Arguments   = @{}
            LeftOut     = "table_schema = 'public' AND table_name IN ('schema_migrations', 'schema_migrations_log')"
            RealData    = $realData
        }
    )
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $shared = $env:PGMIGRATE_SHARED ? $env:PGMIGRATE_SHARED : (Join-Path (Split-Path (Split-Path (Split-Path $PSScriptRoot))) 'shared')
    $realData = Join-Path $shared 'realdata'
}

AfterAll {
    Remove-TestDatabase
}

Describe 'The real history of <History>' -ForEach $histories {
    BeforeAll {
        $source = Join-Path $RealData $History
        $isThere = Test-Path $source
        if ($isThere) {
            $database = New-TestDatabase
            Invoke-Sql -Database $database.Name $Preparation
            $folder = New-MigrationFolder
            foreach ($file in Get-ChildItem $source -Filter '*.sql') {
                $text = [IO.File]::ReadAllText($file.FullName)
                [IO.File]::WriteAllText((Join-Path $folder $file.Name), [regex]::Replace($text, '\{\{\s*index \.Options "Namespace"\s*\}\}', 'auth'))
            }
            $call = @{ ConnectionString = $database.ConnectionString; Path = $folder }
            $table = $Arguments.ContainsKey('HistoryTable') ? @{ HistoryTable = $Arguments.HistoryTable } : @{}
            $qualified = 'public.' + ($table['HistoryTable'] ?? 'schema_migrations')
        }
    }

    BeforeEach {
        if (-not $isThere) {
            Set-ItResult -Skipped -Because "the shared data is not there: set PGMIGRATE_SHARED to the folder that holds realdata/$History"
        }
    }

    It 'is applied as a whole and gives the known columns' {
        $results = @(Invoke-PgMigration @call @Arguments 3>$null 6>$null)
        $results | Should -HaveCount $Files
        $results.Outcome | Select-Object -Unique | Should -Be 'Applied'
        Invoke-Sql -Database $database.Name @"
SELECT md5(string_agg(concat_ws(',', table_schema, table_name, column_name, data_type, is_nullable, column_default), ';'
                      ORDER BY table_schema, table_name, column_name))
  FROM information_schema.columns
 WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND NOT ($LeftOut);
"@ | Should -Be $ColumnsMd5
    }

    It 'has nothing to do the second time' {
        $summary = Invoke-PgMigration @call @table -Summary 3>$null
        $summary.Status | Should -Be 'UpToDate'
        $summary.Total | Should -Be $Files
        (Get-PgMigrationStatus @call @table -Summary 3>$null).IsUpToDate | Should -BeTrue
    }

    It 'is shown as applied, file by file' {
        $rows = @(Get-PgMigrationStatus @call @table 3>$null)
        $rows | Should -HaveCount $Files
        $rows.State | Select-Object -Unique | Should -Be 'Applied'
        $rows.HasUndo | Select-Object -Unique | Should -BeFalse
        Get-PgMigrationStatus @call @table -History | Should -HaveCount $Files
    }

    It 'refuses an undo, since there is no DOWN, and changes nothing' {
        $failure = Get-ErrorOf { Undo-PgMigration @call @table -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -BeLike 'NoUndo,*'
        Invoke-Sql -Database $database.Name "SELECT count(*) FROM $qualified;" | Should -Be $Files
    }

    It 'has its last record removed, then shows that file as pending' {
        $last = (Get-PgMigrationStatus @call @table 3>$null)[-1]
        ($last | Remove-PgMigrationRecord -Confirm:$false).Version | Should -Be $last.Version
        (Get-PgMigrationStatus @call @table 3>$null)[-1].State | Should -Be 'Pending'
        Invoke-Sql -Database $database.Name "SELECT count(*) FROM $qualified;" | Should -Be ($Files - 1)
    }
}

Describe 'A dump whose file names have no version' {
    It 'is applied untouched: the schema by its name, then what is left' {
        $source = Join-Path $realData 'pagila-3.1.0'
        if (-not (Test-Path $source)) {
            Set-ItResult -Skipped -Because 'the shared data is not there: set PGMIGRATE_SHARED to the folder that holds realdata/pagila-3.1.0'
            return
        }
        $database = New-TestDatabase
        # By name the data sort before the schema.
        $call = @{ ConnectionString = $database.ConnectionString; Path = $source; AllowUnversioned = $true }
        $schema = Invoke-PgMigration @call -Version pagila-schema -OutOfOrder Apply 3>$null 6>$null
        $data = Invoke-PgMigration @call -OutOfOrder Apply 3>$null 6>$null
        @($schema) + @($data) | ForEach-Object { "$($_.Name) $($_.Outcome)" } | Should -Be 'pagila-schema Applied', 'pagila-data Applied'
        (Get-PgMigrationStatus @call -Summary 3>$null).IsUpToDate | Should -BeTrue
        Invoke-Sql -Database $database.Name @"
SELECT md5(string_agg(concat_ws(',', table_schema, table_name, column_name, data_type, is_nullable, column_default), ';'
                      ORDER BY table_schema, table_name, column_name))
  FROM information_schema.columns
 WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
   AND NOT (table_schema = 'public' AND table_name IN ('schema_migrations', 'schema_migrations_log'));
"@ | Should -Be '354e54b51b4bf5c624a557d5bcb2900e'
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM public.rental;' | Should -Be 16044
    }
}
