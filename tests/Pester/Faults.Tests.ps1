BeforeDiscovery {
    . $PSScriptRoot/faults.ps1
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/faults.ps1
    . (Join-Path $root 'tests/Infrastructure/TestServer.ps1')
    Add-Type -Path (Join-Path $root 'tests/Infrastructure/FaultRelay.cs')
    $ownServer = Start-OwnServer
    $server = ConvertTo-ServerAccess $ownServer
    # Only what asks for it waits for a standby.
    Invoke-Sql "ALTER SYSTEM SET synchronous_commit = 'local'; SELECT pg_reload_conf();" | Should -Be 't'
    $seen = @{}
}

AfterAll {
    Stop-TestServer $ownServer
}

Describe '<Fault>' -ForEach $faultKinds {
    BeforeAll {
        $isCtrlC = $Fault -like '*Ctrl+C'
        # A few at a time: more processes than that only wait for each other.
        $cells = for ($first = 0; $first -lt $faultBoundaries.Count; $first += 7) {
            Set-MissingStandby -Wanted
            $some = @($faultBoundaries | Select-Object -Skip $first -First 7 | ForEach-Object { Start-FaultCell $_ -Interactive:$isCtrlC })
            $some | ForEach-Object { Wait-FaultCell $_ }
            $null = Invoke-Fault $Fault $some
            $some
        }
    }

    It '<Name>: history and schema agree, and the next run continues' -ForEach $faultBoundaries {
        $cell = $cells.Where({ $_.Boundary.Name -eq $Name })[0]
        $cell.Run | Should -Not -BeOfType ([Management.Automation.ErrorRecord]) -Because 'the run must end'
        $said = @($cell.Run.Output -split "`n")
        $code = @($said -match '^Error ' -replace '^Error ')
        Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $cell.Database.Name) } 10
        $left = Get-FaultState $cell
        $cell.Run.Error | Should -BeNullOrEmpty

        if ($Fault -like '*heals') {
            $code | Should -BeNullOrEmpty -Because "it has to go on: $($cell.Run.Output)"
            # A wait that reaches the fault late is long enough for the warning.
            $said -notlike 'Warning COMMIT of 002_b.sql waits for a synchronous standby*' |
                Should -Be 'Applied 000_audit.sql', 'Applied 001_a.sql', 'Applied 002_b.sql', 'Applied 003_c.sql'
        }
        else {
            $left | Should -Be $_.Left
            $code | Should -Be (Get-FaultCode $_ $Fault) -Because "this error and no other: $($cell.Run.Output)"
            if ($code -eq 'CommitOutcomeUnknown') {
                $said | Should -Contain 'Counts 2 applied, 1 unknown, 1 pending'
                $cell.Run.Output | Should -BeLike "*shows the migration as $($Files -eq 'outside' ? 'interrupted' : 'pending') until the wait*"
            }
            if ($Fault -like 'pg_terminate*' -and $_['Standby']) {
                $said -like 'Warning canceling the wait for synchronous replication*committed locally*' | Should -HaveCount 1 -Because 'the standby may not have it'
            }
            # Neither a false success nor a false failure.
            $applied = @($left -split ' ' -match ':applied' -replace ':.*')
            @($said -match '^Applied' -replace '^Applied 00(\d).*', '$1').Where({ $_ -notin $applied }) | Should -BeNullOrEmpty -Because 'what is reported as applied is'
            @($said -match '^Failed' -replace '^Failed 00(\d).*', '$1').Where({ $_ -in $applied }) | Should -BeNullOrEmpty -Because 'what is said to have failed has'
        }

        Test-NextRun $cell
        $seen["$Name|$Fault"] = $Fault -like '*heals' ? 'continues' : $Shown
    }
}

Describe 'One command alone, while nothing answers' {
    It '<Fault> <Name>: it ends within <Limit> s, and the next run continues' -ForEach @(
        foreach ($fault in 'Ctrl+C', 'SIGTERM') {
            $faultBoundaries | Where-Object Name -In 'between two statements', 'during COMMIT', 'in a COMMIT that waits for a synchronous standby' |
                ForEach-Object { $_ + @{ Fault = $fault; Limit = 15 } }
        }
    ) {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'Windows has no signals'
            return
        }
        Set-MissingStandby -Wanted
        $cell = Start-FaultCell $_ -Interactive:($Fault -eq 'Ctrl+C')
        Wait-FaultCell $cell
        Invoke-Fault "a network that stalls, then $Fault" @($cell)
        Write-Information "  $Fault ${Name}: $($cell.Seconds) s" -InformationAction Continue

        $cell.Run | Should -Not -BeOfType ([Management.Automation.ErrorRecord]) -Because 'the run must end'
        $cell.Seconds | Should -BeLessThan $Limit
        $cell.Run.Output -split "`n" -match '^(Applied|Failed|Error)' | Should -Be 'Applied 000_audit.sql', 'Applied 001_a.sql' -Because 'nothing else is known when it ends'
        Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $cell.Database.Name) } 10
        Get-FaultState $cell | Should -Be $Left
        Test-NextRun $cell
    }

    It 'a PowerShell that lives on, stopped <Name>: it is free within <Limit> s, cleans up once the network is back, and can run again' -ForEach @(
        $faultBoundaries | Where-Object Name -In 'between two statements', 'during COMMIT', 'outside: between two statements' | ForEach-Object { $_ + @{ Limit = 15 } }
    ) {
        $cell = Start-FaultCell $_ -NoProcess
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$manifestPath'; $($cell.Call)").BeginInvoke()
            Wait-FaultCell $cell
            $cell.Relay.Stall()
            $cell.Relay.Release()
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $shell.BeginStop($null, $null).AsyncWaitHandle.WaitOne(30000) | Should -BeTrue -Because 'Stop must return'
            Write-Information "  stopped after $($clock.Elapsed.TotalSeconds) s" -InformationAction Continue
            $clock.Elapsed.TotalSeconds | Should -BeLessThan $Limit
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
            Get-OurTrace $cell.Database.Name | Should -Not -BeNullOrEmpty -Because 'the server has heard nothing yet'

            $clock.Restart()
            $cell.Relay.Heal()
            Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $cell.Database.Name) } 10
            Write-Information "  clean after $($clock.Elapsed.TotalSeconds) s" -InformationAction Continue
            Get-FaultState $cell | Should -Be $Left
            $shell.Commands.Clear()
            $shell.AddScript("$($cell.Call) -Summary").Invoke().Status | Should -Be 'Success'
            $shell.Streams.Error | Should -BeNullOrEmpty
        }
        finally {
            $cell.Relay.Dispose()
            $shell.Dispose()
        }
        Test-NextRun $cell
    }
}

Describe 'A COMMIT that waits for a synchronous standby' {
    BeforeAll {
        if (-not $IsWindows) {
            Set-MissingStandby -Wanted
            $cells = @($faultBoundaries | Where-Object { $_['Standby'] } | ForEach-Object { Start-FaultCell $_ -Interactive })
            $cells | ForEach-Object { Wait-FaultCell $_ }
            Invoke-Fault 'Ctrl+C' $cells
        }
    }

    It 'Ctrl+C <Name>: history and schema agree, and the next run continues' -ForEach @($faultBoundaries | Where-Object { $_['Standby'] }) {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'Windows has no signals'
            return
        }
        $cell = $cells.Where({ $_.Boundary.Name -eq $Name })[0]
        $cell.Run | Should -Not -BeOfType ([Management.Automation.ErrorRecord]) -Because 'the run must end'
        $cell.Run.Output -split "`n" -match '^(Applied|Failed|Error)' | Should -Be 'Applied 000_audit.sql', 'Applied 001_a.sql' -Because 'nothing else is known when it ends'
        Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $cell.Database.Name) } 10
        Get-FaultState $cell | Should -Be $Left
        Test-NextRun $cell
    }

    It 'is shown as waiting; when the wait is cancelled the migration is applied, with the warning of the server' {
        Set-MissingStandby -Wanted
        $cell = Start-FaultCell $faultBoundaries.Where({ $_['Standby'] })[0]
        Wait-FaultCell $cell
        Wait-Until 'it has waited for ten seconds' {
            (Invoke-Sql "SELECT count(*) FROM pg_stat_activity WHERE pid = $($cell.Backend) AND query_start < clock_timestamp() - interval '10 s';") -eq '1'
        }
        Invoke-Sql "SELECT pg_cancel_backend($($cell.Backend));" | Should -Be 't'
        $run = Wait-Pwsh $cell.Process 30
        $cell.Relay.Dispose()
        Set-MissingStandby

        $run.Error | Should -BeNullOrEmpty
        $said = @($run.Output -split "`n")
        $said | Should -HaveCount 6 -Because $run.Output
        $said[2] | Should -BeLike 'Warning COMMIT of 002_b.sql waits for a synchronous standby (synchronous_standby_names), * s so far.'
        $said[3] | Should -BeLike 'Warning canceling wait for synchronous replication due to user request*committed locally*'
        $said[0, 1, 4, 5] | Should -Be 'Applied 000_audit.sql', 'Applied 001_a.sql', 'Applied 002_b.sql', 'Applied 003_c.sql'
        Test-NextRun $cell
    }
}

Describe 'The table of the reliability page' {
    It 'says what was seen' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'one of its faults, Ctrl+C in a terminal, cannot be given to a process here'
            return
        }
        $rows = @("| The run was | $($faultKinds.Head -join ' | ') |"; '|' + '---|' * ($faultKinds.Count + 1)) + @(foreach ($boundary in $faultBoundaries) {
            "| $($boundary.Name) | $(($faultKinds | ForEach-Object { $seen["$($boundary.Name)|$($_.Fault)"] ?? 'NOT SEEN' }) -join ' | ') |"
        })
        $rows -join "`n" | Should -Not -BeLike '*NOT SEEN*'
        $page = Join-Path $root 'docs/reliability.md'
        $text = [IO.File]::ReadAllText($page)
        $written = [regex]::Replace($text, '(?s)(?<=<!-- faults -->\n).*(?=\n<!-- /faults -->)', { $rows -join "`n" })
        if ($env:PGMIGRATE_WRITE_PAGES) {
            [IO.File]::WriteAllText($page, $written)
        }
        else {
            $written | Should -BeExactly $text -Because 'PGMIGRATE_WRITE_PAGES=1 writes it anew'
        }
    }
}
