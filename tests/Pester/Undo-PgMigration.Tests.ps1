BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Undo-PgMigration' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $folder = New-MigrationFolder $sampleFiles
        $null = Invoke-PgMigration @connection -Path $folder
        $undo = @{ Path = $folder; Confirm = $false }
    }

    It 'undoes the last one and emits a typed result' {
        $results = @(Undo-PgMigration @connection @undo)
        $results | Should -HaveCount 1
        $results[0] | Should -BeOfType ([PgMigrate.MigrationResult])
        $results[0].Version | Should -Be '3'
        $results[0].Direction | Should -Be ([PgMigrate.MigrationDirection]::Undo)
        $results[0].Outcome | Should -Be ([PgMigrate.MigrationOutcome]::Undone)
        $results[0].StatementCount | Should -Be 1
        $results[0].DurationMs | Should -BeGreaterThan 0
        Invoke-Sql -Database $database.Name "SELECT to_regclass('orders') IS NULL, to_regclass('customers') IS NOT NULL, count(*) FROM schema_migrations;" | Should -Be 't|t|2'
        (Get-PgMigrationStatus @connection -Path $folder -Version 3).State | Should -Be 'Pending'
    }

    It 'undoes -Steps, newest first, and none with -Steps 0' {
        Undo-PgMigration @connection @undo -Steps 0 | Should -BeNullOrEmpty
        (Undo-PgMigration @connection @undo -Steps 2).Version | Should -Be '3', '2'
    }

    It 'goes down to -Target <_>, which stays' -ForEach '1', '001', '001_create_customers' {
        (Undo-PgMigration @connection @undo -Target $_).Version | Should -Be '3', '2'
        (Get-PgMigrationStatus @connection -Path $folder).State | Should -Be 'Applied', 'Pending', 'Pending'
    }

    It 'undoes the versions that a wildcard matches, also in position 0' {
        (Undo-PgMigration @connection '00[23]*' $folder -Confirm:$false).Version | Should -Be '3', '2'
    }

    It 'prefers an exact name to a pattern' {
        $literal = New-MigrationFolder @{ '004_[a].sql' = "SELECT 4;`n-- DOWN`nSELECT 4;"; '005_a.sql' = "SELECT 5;`n-- DOWN`nSELECT 5;" }
        $null = Invoke-PgMigration @connection -Path $literal -Module literal
        (Get-PgMigrationStatus @connection -Path $literal -Module literal '004_[a]').FileName | Should -Be '004_[a].sql'
        (Get-PgMigrationStatus @connection -Path $literal -Module literal | Where-Object Version -EQ 4 |
            Undo-PgMigration -Confirm:$false).FileName | Should -Be '004_[a].sql'
    }

    It 'undoes nothing when a wildcard matches nothing' {
        $failure = Get-ErrorOf { Undo-PgMigration @connection @undo -Version '9*', '1' }
        $failure.FullyQualifiedErrorId | Should -BeLike 'MigrationNotFound,*'
        $failure.Exception.Message | Should -BeLike "*matches '9?'*"
        (Get-PgMigrationStatus @connection -Path $folder).State | Should -Be 'Applied', 'Applied', 'Applied'
    }

    It 'offers the sources that can be chosen' {
        $line = 'Undo-PgMigration -UndoSource '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'File', 'Recorded'
    }

    It 'undoes exactly -Version' {
        (Undo-PgMigration @connection @undo -Version 2, 003_create_orders).Version | Should -Be '3', '2'
    }

    It 'undoes -All, with one summary' {
        $summary = Undo-PgMigration @connection @undo -All -Summary
        $summary | Should -BeOfType ([PgMigrate.MigrationRunSummary])
        $summary.Status | Should -Be 'Success'
        $summary.Undone | Should -Be 3
        Get-UserObject $database.Name | Where-Object { $_ -match '^r ' } | Should -Be 'r public.schema_migrations', 'r public.schema_migrations_log'
    }

    It 'goes in reverse order of application, not of version' {
        $folder = New-MigrationFolder @{ '010_a.sql' = "-- UP`nSELECT 1;`n-- DOWN`nSELECT 1;"; '030_c.sql' = "-- UP`nSELECT 1;`n-- DOWN`nSELECT 1;" }
        $null = Invoke-PgMigration @connection -Path $folder -Module late
        Set-MigrationFile $folder '020_b.sql' "-- UP`nSELECT 1;`n-- DOWN`nSELECT 1;"
        $null = Invoke-PgMigration @connection -Path $folder -Module late -OutOfOrder Apply
        (Undo-PgMigration @connection -Path $folder -Module late -All -Confirm:$false).Version | Should -Be '20', '30', '10'
    }

    It 'is reversible: apply, undo everything, apply again' {
        Undo-PgMigration @connection @undo -All | Should -HaveCount 3
        (Invoke-PgMigration @connection -Path $folder).Outcome | Should -Be 'Applied', 'Applied', 'Applied'
    }

    It 'writes nothing with -WhatIf and emits what would be undone' {
        $results = Undo-PgMigration @connection -Path $folder -Steps 2 -WhatIf
        $results.Outcome | Should -Be 'WouldUndo', 'WouldUndo'
        $results.Version | Should -Be '3', '2'
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations; SELECT count(*) FROM schema_migrations_log;' | Should -Be '3', '3'
    }

    It 'works with the recorded text when the file is gone, after showing it' {
        Remove-Item "$folder/003_create_orders.sql"
        $run = Invoke-Pwsh "Undo-PgMigration -Path '$folder' -WhatIf | Out-Null" -Environment @{ DATABASE_URL = $database.ConnectionString }
        $run.Output | Should -Match 'DROP TABLE orders;'
        (Undo-PgMigration @connection @undo).Outcome | Should -Be 'Undone'
    }

    It 'names other roles that could have written the recorded text' {
        Remove-Item "$folder/003_create_orders.sql"
        $writer = New-TestRole
        Invoke-Sql -Database $database.Name "GRANT UPDATE ON schema_migrations TO $writer;"
        $run = Invoke-Pwsh "Undo-PgMigration -Path '$folder' -WhatIf | Out-Null" -Environment @{ DATABASE_URL = $database.ConnectionString }
        $run.Output | Should -Match $writer
        Invoke-Sql -Database $database.Name "REVOKE ALL ON schema_migrations FROM $writer;"
    }

    It 'refuses when file and record differ, until -UndoSource says which' {
        Set-MigrationFile $folder '003_create_orders.sql' $sampleFiles['003_create_orders.sql'].Replace('DROP TABLE orders;', "DROP TABLE orders;`nCREATE TABLE by_file ();")
        $failure = Get-ErrorOf { Undo-PgMigration @connection @undo }
        $failure.FullyQualifiedErrorId | Should -BeLike 'UndoDiffers,*'
        $failure.Exception.Message | Should -Match '-UndoSource'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('orders') IS NOT NULL;" | Should -Be 't'

        (Undo-PgMigration @connection @undo -UndoSource File).Outcome | Should -Be 'Undone'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('by_file') IS NOT NULL;" | Should -Be 't'
    }

    It 'runs the recorded text with -UndoSource Recorded' {
        Set-MigrationFile $folder '003_create_orders.sql' $sampleFiles['003_create_orders.sql'].Replace('DROP TABLE orders;', "DROP TABLE orders;`nCREATE TABLE by_file ();")
        (Undo-PgMigration @connection @undo -UndoSource Recorded).Outcome | Should -Be 'Undone'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('by_file') IS NULL;" | Should -Be 't'
    }

    It 'refuses a migration without DOWN and then undoes nothing at all' {
        Set-MigrationFile $folder '004_seed.sql' "INSERT INTO customers VALUES (3, 'Edsger');"
        $null = Invoke-PgMigration @connection -Path $folder
        $failure = Get-ErrorOf { Undo-PgMigration @connection @undo -All }
        $failure.FullyQualifiedErrorId | Should -BeLike 'NoUndo,*'
        $failure.Exception.Message | Should -Match '004_seed\.sql'
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '4'
    }

    It 'refuses what is not applied, and what is unknown' {
        $null = Undo-PgMigration @connection @undo
        (Get-ErrorOf { Undo-PgMigration @connection @undo -Version 3 }).FullyQualifiedErrorId | Should -BeLike 'NotApplied,*'
        (Get-ErrorOf { Undo-PgMigration @connection @undo -Target 9 }).FullyQualifiedErrorId | Should -BeLike 'MigrationNotFound,*'
    }

    It 'refuses -<_> together with -Steps' -ForEach 'Target', 'All', 'Version' {
        $other = if ($_ -eq 'All') { @{ All = $true } } else { @{ $_ = '1' } }
        (Get-ErrorOf { Undo-PgMigration @connection @undo -Steps 1 @other }).FullyQualifiedErrorId | Should -BeLike 'ParametersContradict,*'
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '3'
    }

    It 'rolls a failing DOWN back, keeps the record and says where' {
        Invoke-Sql -Database $database.Name 'CREATE VIEW v AS SELECT id FROM orders;'
        $failure = Get-ErrorOf { Undo-PgMigration @connection @undo }
        $failure.FullyQualifiedErrorId | Should -BeLike 'UndoFailed,*'
        $failure.Exception.Message | Should -Match '^003_create_orders\.sql:5:1: .*SQLSTATE 2BP01'
        $failure.Exception.Message | Should -Match 'stays applied'
        $failure.TargetObject.FailedMigration | Should -Be '003_create_orders.sql'
        (Get-PgMigrationStatus @connection -Path $folder -Version 3).State | Should -Be 'Applied'
        (Get-PgMigrationStatus @connection -Path $folder -History -Last 1).Event | Should -Be 'failed'
    }

    It 'is not stopped by problems of pending files' {
        Set-MigrationFile $folder '004_bad.sql' "SELECT 'open"
        (Undo-PgMigration @connection @undo).Version | Should -Be '3'
    }

    It 'has nothing to do in a database without a history' {
        $other = New-TestDatabase
        Undo-PgMigration -ConnectionString $other.ConnectionString @undo | Should -BeNullOrEmpty
        Get-UserObject $other.Name | Should -BeNullOrEmpty
    }

    Context 'in a session that can answer' {
        It 'asks for each step, and <Answers> undoes <Undone>' -ForEach @(
            @{ Answers = 'yes, no'; Keys = 'yn'; Undone = '3'; Choice = '-Steps 2'; Question = '' }
            @{ Answers = 'yes to all'; Keys = 'a'; Undone = '3,2'; Choice = '-Steps 2'; Question = '' }
            @{ Answers = 'no to all'; Keys = 'l'; Undone = 'nothing'; Choice = '-Steps 2'; Question = '' }
            @{ Answers = 'no to what a wildcard matches'; Keys = 'l'; Undone = 'nothing'; Choice = '-Version 00[23]*'; Question = 'matches 002_\S+, 003_\S+' }
        ) {
            if (-not $IsLinux -or -not (Get-Command script -CommandType Application -ErrorAction Ignore)) {
                Set-ItResult -Skipped -Because 'a terminal for the prompt is made by the Linux program script'
                return
            }
            $file = Join-Path $TestDrive "prompt-$([Guid]::NewGuid().ToString('n')).ps1"
            Set-Content $file "Import-Module '$manifestPath'; `$done = Undo-PgMigration -ConnectionString '$($database.ConnectionString)' -Path '$folder' $Choice; 'undone: ' + (`$done ? (`$done.Version -join ',') : 'nothing')"
            $start = [Diagnostics.ProcessStartInfo]::new('timeout')
            foreach ($argument in '20', 'script', '-q', '-e', '-c', "'$([Environment]::ProcessPath)' -NoProfile -File '$file'", '/dev/null') { $start.ArgumentList.Add($argument) }
            $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
            $start.Environment['NO_COLOR'] = '1'
            $start.Environment['TERM'] = 'dumb'
            $process = [Diagnostics.Process]::Start($start)
            $text = [Text.StringBuilder]::new()
            $answers = [Collections.Generic.Queue[char]]::new([char[]]$Keys)
            while (($read = $process.StandardOutput.Read()) -ge 0) {
                $null = $text.Append([char]$read)
                $tail = $text.ToString([Math]::Max(0, $text.Length - 20), [Math]::Min(20, $text.Length))
                if ($tail.EndsWith("`e[6n")) {
                    # The console asks for the cursor position; a terminal answers.
                    $process.StandardInput.Write("`e[1;1R")
                }
                elseif ($tail.EndsWith('(default is "Y"):') -and $answers.Count -gt 0) {
                    $process.StandardInput.Write("$($answers.Dequeue())`n")
                }
            }
            $output = $text.ToString()
            $output | Should -Match 'Undo 003_create_orders'
            $output -replace '\s+', ' ' | Should -Match $Question
            $output | Should -Match "undone: $Undone\s"
        }
    }

    Context 'in a session that cannot answer' {
        It 'is ConfirmationRequired within seconds, <Name>: never a hang, never a yes' -ForEach @(
            @{ Name = 'with standard input closed'; Options = @{} }
            @{ Name = 'with standard input an open pipe'; Options = @{ OpenInput = $true } }
            @{ Name = 'as -Command'; Options = @{ AsCommand = $true; OpenInput = $true } }
        ) {
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $run = Invoke-Pwsh "`$ErrorActionPreference = 'Stop'; try { Undo-PgMigration -Path '$folder' } catch { `$_.FullyQualifiedErrorId; `$_.Exception.Message; exit 7 }" `
                -Environment @{ DATABASE_URL = $database.ConnectionString } -Seconds 20 @Options
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 15
            $run.ExitCode | Should -Be 7
            $run.Output | Should -Match '^ConfirmationRequired,'
            $run.Output | Should -Match '-Confirm:\$false'
            Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '3'
        }

        It 'is ConfirmationRequired although -NonInteractive is not given, when standard input is a pipe' {
            $process = Start-Pwsh "try { Undo-PgMigration -Path '$folder' } catch { `$_.FullyQualifiedErrorId }" -Interactive -OpenInput -Environment @{ DATABASE_URL = $database.ConnectionString }
            (Wait-Pwsh $process 20).Output | Should -Match '^ConfirmationRequired,'
        }

        It 'runs with -Confirm:$false, and with $ConfirmPreference None' {
            $environment = @{ DATABASE_URL = $database.ConnectionString }
            (Invoke-Pwsh "(Undo-PgMigration -Path '$folder' -Confirm:`$false).Version" -Environment $environment).Output | Should -Be '3'
            (Invoke-Pwsh "`$ConfirmPreference = 'None'; (Undo-PgMigration -Path '$folder').Version" -Environment $environment).Output | Should -Be '2'
        }

        It 'is ConfirmationRequired for Invoke-PgMigration <_>' -ForEach '-Confirm', '' {
            $null = Undo-PgMigration @connection @undo
            $preference = $_ ? '' : "`$ConfirmPreference = 'Low'; "
            $run = Invoke-Pwsh "$($preference)try { Invoke-PgMigration -Path '$folder' $_ } catch { `$_.FullyQualifiedErrorId }" -Environment @{ DATABASE_URL = $database.ConnectionString } -OpenInput -Seconds 20
            $run.Output | Should -Match '^ConfirmationRequired,'
            (Get-PgMigrationStatus @connection -Path $folder -Version 3).State | Should -Be 'Pending'
        }

        It 'handles -Debug as this PowerShell does: before 7.6 it prompts, and the session cannot answer' {
            $null = Undo-PgMigration @connection @undo
            $run = Invoke-Pwsh "try { (Invoke-PgMigration -Path '$folder' -Debug -Verbose 4>`$null 5>`$null).Outcome } catch { `$_.FullyQualifiedErrorId }" -Environment @{ DATABASE_URL = $database.ConnectionString } -OpenInput -Seconds 20
            $run.Output | Should -Match ($PSVersionTable.PSVersion -lt '7.6' ? '^ConfirmationRequired,' : '^Applied$')
        }

        It 'does not ask with -WhatIf' {
            $run = Invoke-Pwsh "(Undo-PgMigration -Path '$folder' -WhatIf).Outcome" -Environment @{ DATABASE_URL = $database.ConnectionString }
            $run.Output | Should -Match 'WouldUndo$'
        }
    }
}
