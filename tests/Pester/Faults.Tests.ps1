BeforeDiscovery {
    . $PSScriptRoot/faults.ps1
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/faults.ps1
    . (Join-Path $root 'tests/Infrastructure/TestServer.ps1')
    Add-Type -Path (Join-Path $root 'tests/Infrastructure/FaultRelay.cs')
    $ownServer = Start-FaultServer
    $server = [pscustomobject]@{ HostName = '127.0.0.1'; Port = $ownServer.Port; UserName = 'postgres'; Password = ''; Database = 'postgres' }
    $seen = @{}
}

AfterAll {
    Stop-TestServer $ownServer
}

Describe '<Fault>' -ForEach $faultKinds {
    BeforeAll {
        $isCtrlC = $Fault -like '*Ctrl+C'
        # A few at a time: more processes than that only wait for each other.
        $cells = for ($first = 0; $first -lt $faultBoundaries.Count; $first += 6) {
            $some = @($faultBoundaries | Select-Object -Skip $first -First 6 | ForEach-Object { Start-FaultCell $_ -Interactive:$isCtrlC })
            foreach ($cell in $some) {
                if (-not $cell.Relay.WaitHeld(60000)) {
                    throw "Never came to '$($cell.Boundary.Name)': $((Wait-Pwsh $cell.Process 5).Output)"
                }
            }
            $null = Invoke-Fault $Fault $some
            $some
        }
    }

    It '<Name>: history and schema agree, and the next run goes on' -ForEach $faultBoundaries {
        $cell = $cells.Where({ $_.Boundary.Name -eq $Name })[0]
        $cell.Run | Should -Not -BeOfType ([Management.Automation.ErrorRecord]) -Because 'the run must end'
        $said = @($cell.Run.Output -split "`n")
        $code = @($said -match '^Error ' -replace '^Error ')
        Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $cell.Database.Name) } 10
        $left = Get-FaultState $cell
        $cell.Run.Error | Should -BeNullOrEmpty

        if ($Fault -like '*heals') {
            $code | Should -BeNullOrEmpty -Because "it has to go on: $($cell.Run.Output)"
            $said | Should -Be 'Applied 000_audit.sql', 'Applied 001_a.sql', 'Applied 002_b.sql', 'Applied 003_c.sql'
        }
        else {
            $left | Should -Be $_.Left
            if ($Survives) {
                $code | Should -HaveCount 1 -Because "one clear error: $($cell.Run.Output)"
                Write-Verbose "$Fault, ${Name}: $code"
            }
            # Neither a false success nor a false failure.
            $applied = @($left -split ' ' -match ':applied' -replace ':.*')
            @($said -match '^Applied' -replace '^Applied 00(\d).*', '$1').Where({ $_ -notin $applied }) | Should -BeNullOrEmpty -Because 'what is said to be applied is'
            @($said -match '^Failed' -replace '^Failed 00(\d).*', '$1').Where({ $_ -in $applied }) | Should -BeNullOrEmpty -Because 'what is said to have failed has'
        }

        $connection = @{ ConnectionString = $cell.Database.ConnectionString }
        (Invoke-PgMigration @connection -Path $cell.Folder -Summary).Status | Should -BeIn 'Success', 'UpToDate'
        $null = Get-FaultState $cell
        Invoke-Sql -Database $cell.Database.Name "SELECT file || ' ' || statement || ' ' || count(*) FROM audit GROUP BY file, statement ORDER BY 1;" |
            Should -Be @('001 1 1'; '002 1 1'; if ($Files -eq 'outside') { '002 2 1' }; '003 1 1') -Because 'each statement has run once'
        (Get-PgMigrationStatus @connection -Path $cell.Folder -Summary).IsUpToDate | Should -BeTrue
        $seen["$Name|$Fault"] = $Fault -like '*heals' ? 'goes on' : $Shown
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
