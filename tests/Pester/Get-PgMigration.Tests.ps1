BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Get-PgMigration' {
    It 'emits the files of a folder as objects, in the order of a plan and without a database' {
        Use-Environment @{ DATABASE_URL = 'postgresql://nobody@127.0.0.1:1/none' } {
            $folder = New-MigrationFolder ($sampleFiles + @{ '010_vacuum.sql' = 'VACUUM;'; '004_first.sql' = "-- Depends: 010_vacuum`nSELECT 1;" })
            $files = @(Get-PgMigration -Path $folder)
            $files | ForEach-Object { $_ | Should -BeOfType ([PgMigrate.MigrationFile]) }
            $files.Version | Should -Be '1', '2', '3', '10', '4'
            $files.Order | Should -Be (1..5)
            $first = $files[0]
            $first.Name, $first.FileName, $first.Description, $first.Format, $first.Kind |
                Should -Be '001_create_customers', '001_create_customers.sql', 'Who buys', 'native', 'Versioned'
            $first.FilePath | Should -Be (Join-Path $folder '001_create_customers.sql')
            $first.StatementCount, $first.HasUndo, $first.Transaction, $first.IsTemplate | Should -Be 2, $true, $true, $false
            $first.Checksum | Should -Match '^[0-9a-f]{64}$'
            $files[3].Transaction | Should -BeFalse
            $files[4].DependsOn | Should -Be '010_vacuum'
        }
    }

    It 'chooses by version, by name and by range' {
        $folder = New-MigrationFolder $sampleFiles
        (Get-PgMigration 2 $folder).Name | Should -Be '002_add_email'
        (Get-PgMigration -Version 003_create_orders, 1 -Path $folder).Version | Should -Be '1', '3'
        (Get-PgMigration -Path $folder -From 2).Version | Should -Be '2', '3'
        (Get-PgMigration -Path $folder -From 0 -To 02).Version | Should -Be '1', '2'
        Get-PgMigration -Path $folder -From 7 -To 9 | Should -BeNullOrEmpty
        (Get-ErrorOf { Get-PgMigration 9 $folder }).FullyQualifiedErrorId | Should -BeLike 'MigrationNotFound,*'
        (Get-ErrorOf { Get-PgMigration -Path $folder -From nothing }).FullyQualifiedErrorId | Should -BeLike 'RangeInvalid,*'
        (Get-ErrorOf { Get-PgMigration 1 $folder -To 2 }).FullyQualifiedErrorId | Should -BeLike 'ParametersContradict,*'
    }

    It 'emits what can be read, and one error for each file that cannot, with its place' {
        $folder = New-MigrationFolder ($sampleFiles + @{ '004_open.sql' = "SELECT 1;`nSELECT 'open"; 'nothing.sql' = 'SELECT 1;'; '005_bytes.sql' = [byte[]](0x53, 0x0A, 0xFF) })
        $files = @(Get-PgMigration -Path $folder -ErrorVariable problems -ErrorAction SilentlyContinue)
        $files.Version | Should -Be '1', '2', '3', '4'
        $problems.TargetObject.Error.FileName | Should -Be '004_open.sql', '005_bytes.sql', 'nothing.sql'
        $problems[0].TargetObject.Error.FilePath | Should -Be (Join-Path $folder '004_open.sql')
        "$($problems[0].TargetObject.Error.Line):$($problems[0].TargetObject.Error.Column)" | Should -Be '2:8'
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'UnterminatedString,*'
        $empty = New-MigrationFolder
        (Get-ErrorOf { Get-PgMigration -LiteralPath $empty -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'FolderEmpty,*'
        (Get-ErrorOf { Get-PgMigration -Path "$empty/none" }).FullyQualifiedErrorId | Should -BeLike 'FolderNotFound,*'
    }

    It 'reads folders of other tools and folders with wildcard characters' {
        $folder = New-MigrationFolder @{ 'br[1]/V1.9__a.sql' = 'SELECT 1;'; 'br[1]/V1.10__b.sql' = 'SELECT 1;'; 'br[1]/R__view.sql' = 'SELECT 1;' }
        $files = Get-PgMigration -LiteralPath "$folder/br[1]"
        $files.Version | Should -Be '1.9', '1.10', 'R__view'
        $files.Kind | Should -Be 'Versioned', 'Versioned', 'Repeatable'
        ([pscustomobject]@{ Folders = "$folder/br[1]" } | Get-PgMigration).Count | Should -Be 3
    }

    It 'pipes into Get-PgMigrationStatus and Invoke-PgMigration, which connect once' {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $folder = New-MigrationFolder $sampleFiles
        (Get-PgMigration -Path $folder -To 2 | Invoke-PgMigration @connection).Version | Should -Be '1', '2'
        $statuses = Get-PgMigration -Path $folder -From 2 | Get-PgMigrationStatus @connection -Verbose 4>&1
        @($statuses | Where-Object { $_ -is [PgMigrate.MigrationStatus] }).State | Should -Be 'Applied', 'Pending'
        @($statuses | Where-Object { $_ -match '^Connection: ' }).Count | Should -Be 2 -Because 'the parameters are read for each object'
        $mixed = [pscustomobject]@{ Version = '1' }, [pscustomobject]@{ Version = '99' }, [pscustomobject]@{ Version = '3' } |
            Get-PgMigrationStatus @connection -Path $folder -ErrorVariable missing -ErrorAction SilentlyContinue
        $mixed.Version | Should -Be '1', '3'
        $missing.FullyQualifiedErrorId | Should -BeLike 'MigrationNotFound,*'
    }
}
