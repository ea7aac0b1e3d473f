BeforeAll {
    . $PSScriptRoot/common.ps1
    # A port without a listener: the call fails, and PowerShell shows its line.
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $deadPort = $listener.LocalEndpoint.Port
    $listener.Stop()
    $folder = New-MigrationFolder $sampleFiles

    # Everything a user can do to look at an error.
    $looks = @'
foreach ($view in 'ConciseView', 'NormalView', 'DetailedView') { $ErrorView = $view; $Error | Out-String -Width 500 }
Get-Error | Out-String -Width 500
Get-Error -Newest 5 | Out-String -Width 500
$Error | Format-List * -Force | Out-String -Width 500
$Error | ForEach-Object { $_.Exception, $_.InvocationInfo, $_.CategoryInfo, $_.TargetObject | Format-List * -Force | Out-String -Width 500 }
$Error | ForEach-Object { $_.ScriptStackTrace; $_.InvocationInfo.Line; $_.InvocationInfo.PositionMessage; "$($_.InvocationInfo.Statement)" }
$Error | ConvertTo-Json -Depth 4 -WarningAction SilentlyContinue
'looked'
'@
}

AfterAll {
    Remove-TestDatabase
}

Describe 'A literal password in the call''s own line' {
    BeforeAll {
        $calls = @{
            keywords     = "Invoke-PgMigration -ConnectionString 'Host=127.0.0.1;Port=$deadPort;Username=u;Password=hunter2;Database=d' -Path '$folder'"
            uri          = "Get-PgMigrationStatus -ConnectionString 'postgresql://u:hunter2@127.0.0.1:$deadPort/d' -Path '$folder'"
            pwd          = "Undo-PgMigration -ConnectionString `"Host=127.0.0.1;Port=$deadPort;UID=u;Pwd=hunter2;Database=d`" -Path '$folder' -Confirm:`$false"
            blanks       = "Remove-PgMigrationRecord 1 -ConnectionString 'Host=127.0.0.1;Port=$deadPort;Username=u; PASSWORD = `"hunter2;hunter2`" ;Database=d' -Path '$folder' -Confirm:`$false"
            colon        = "Invoke-PgMigration -Path '$folder' -ConnectionString:'Host=127.0.0.1;Port=$deadPort;Username=u;Password=hunter2'"
            lines        = "Invoke-PgMigration ```n    -ConnectionString 'Host=127.0.0.1;Port=$deadPort;Username=u;Password=hunter2' ```n    -Path '$folder'"
            assigned     = "`$rows = Get-PgMigrationStatus -ConnectionString 'Host=127.0.0.1;Port=$deadPort;Username=u;Password=hunter2' -Path '$folder'"
            expression   = "Invoke-PgMigration -ConnectionString ('Host=127.0.0.1;Port=$deadPort;Username=u;Pass' + 'word=hunter2') -Path '$folder'"
            escaped      = "Invoke-PgMigration -ConnectionString `"Host=127.0.0.1;Port=$deadPort;Username=u;Password=```"hunter2 hunter2```"`" -Path '$folder'"
            piped        = "[pscustomobject]@{ Path = '$folder' } | Invoke-PgMigration -ConnectionString 'Host=127.0.0.1;Port=$deadPort;Username=u;Password=hunter2'"
            contradicted = "Invoke-PgMigration -Database x -ConnectionString 'Host=127.0.0.1;Port=$deadPort;Username=u;Password=hunter2' -Path '$folder'"
            misplaced    = "Get-PgMigrationStatus -Connection ('postgresql://u:hun' + 'ter2@127.0.0.1:$deadPort/d') -Path '$folder'"
            unreadable   = "Invoke-PgMigration -ConnectionString 'Host=127.0.0.1;Prot=$deadPort;Password=hunter2' -Path '$folder'"
        }
    }

    It 'is not shown by a script file: <_>' -ForEach 'keywords', 'uri', 'pwd', 'blanks', 'colon', 'lines', 'assigned', 'expression', 'escaped', 'piped', 'contradicted', 'misplaced', 'unreadable' {
        $run = Invoke-Pwsh "$($calls[$_])`n$looks"
        $run.Output | Should -Match 'looked$'
        $run.Output | Should -Match 'PgMigrate\.Errors\.'
        ($run.Output + $run.Error) -split "`n" | Where-Object { $_ -match 'hunter2' } | Should -BeNullOrEmpty
    }

    It 'is not shown by -Command: <_>' -ForEach 'keywords', 'uri' {
        $run = Invoke-Pwsh "$($calls[$_])`n$looks" -AsCommand
        $run.Output | Should -Match 'looked$'
        ($run.Output + $run.Error) -split "`n" | Where-Object { $_ -match 'hunter2' } | Should -BeNullOrEmpty
    }

    It 'is not shown when the script ends with the error' {
        $run = Invoke-Pwsh "`$ErrorActionPreference = 'Stop'`n$($calls['keywords'])"
        $run.ExitCode | Should -Be 1
        $run.Error | Should -Match 'Invoke-PgMigration'
        $run.Error | Should -Not -Match 'hunter2'
    }

    It 'is not in a transcript' {
        $transcript = Join-Path $TestDrive 'transcript.txt'
        $null = Invoke-Pwsh "Start-Transcript '$transcript' -IncludeInvocationHeader | Out-Null`n$($calls['keywords'])`n$($calls['uri'])`n$looks`nStop-Transcript | Out-Null"
        $text = Get-Content $transcript -Raw
        $text | Should -Match 'ConnectionFailed'
        $text -split "`n" | Where-Object { $_ -match 'hunter2' } | Should -BeNullOrEmpty
    }

    It 'does not lose the rest of the line' {
        $run = Invoke-Pwsh "$($calls['keywords'])`n`$Error[0].InvocationInfo.Line"
        $run.Output | Should -Match "Invoke-PgMigration -ConnectionString '?\*\*\*'? -Path"
    }

    It 'leaves a line without a secret as it is' {
        $run = Invoke-Pwsh "Invoke-PgMigration -HostName 127.0.0.1 -Port $deadPort -Database d -Path '$folder'`n`$Error[0].InvocationInfo.Line"
        $run.Output | Should -Match ([regex]::Escape("Invoke-PgMigration -HostName 127.0.0.1 -Port $deadPort -Database d -Path '$folder'"))
    }
}

Describe 'A password elsewhere' {
    It 'in DATABASE_URL is in no error and on no stream' {
        $run = Invoke-Pwsh "Invoke-PgMigration -Path '$folder' -Verbose -Debug *>&1 | Out-String -Width 500`n$looks" -Environment @{ DATABASE_URL = "postgresql://u:hunter2@127.0.0.1:$deadPort/d" }
        $run.Output | Should -Match 'looked$'
        ($run.Output + $run.Error) -split "`n" | Where-Object { $_ -match 'hunter2' } | Should -BeNullOrEmpty
    }

    It 'in a failing CREATE ROLE is in no error, no log row and no verbose line' {
        $database = New-TestDatabase
        $place = New-MigrationFolder @{ '001_role.sql' = "SELECT 1;`nCREATE ROLE pg_not_allowed LOGIN PASSWORD 'hunter2';" }
        $run = Invoke-Pwsh "Invoke-PgMigration -Path '$place' -Verbose *>&1 | Out-String -Width 500`n$looks" -Environment @{ DATABASE_URL = $database.Uri }
        $run.Output | Should -Match 'pg_not_allowed'
        ($run.Output + $run.Error) -split "`n" | Where-Object { $_ -match 'hunter2' } | Should -BeNullOrEmpty
        Invoke-Sql -Database $database.Name 'SELECT * FROM schema_migrations_log;' | Should -Not -Match 'hunter2'
    }
}

Describe 'A password that works' {
    It 'is in no object, stream, error, transcript or process list of a whole cycle, however it was given: <_>' -ForEach 'string', 'uri', 'credential', 'variable' {
        $source = $_
        $database = New-TestDatabase
        $role = New-TestRole 'LOGIN SUPERUSER'
        $text = "$($database.ConnectionString -replace 'Username=[^;]*', "Username=$role" -replace ';Password=[^;]*')"
        $secret = 'hunter2-x'
        $how = switch ($source) {
            'string' { "ConnectionString = '$text;Password=' + 'hunter2' + '-x'" }
            'uri' { "ConnectionString = 'postgresql://$($role):hunter2' + '-x@$($server.HostName):$($server.Port)/$($database.Name)'" }
            'credential' { "ConnectionString = '$text'; Credential = [pscredential]::new('$role', (ConvertTo-SecureString ('hunter2' + '-x') -AsPlainText))" }
            'variable' { '' }
        }
        $environment = if ($source -eq 'variable') { @{ DATABASE_URL = "postgresql://$($role):$secret@$($server.HostName):$($server.Port)/$($database.Name)" } } else { @{} }
        $transcript = Join-Path $TestDrive "cycle-$source.txt"
        $place = New-MigrationFolder $sampleFiles
        $bad = New-MigrationFolder @{ '001_bad.sql' = 'SELECT broken;' }
        $script = @"
Start-Transcript '$transcript' -IncludeInvocationHeader | Out-Null
`$c = @{ $how }
`$all = @(
    Get-PgMigrationStatus @c -Path '$place' -Verbose -Debug *>&1
    Invoke-PgMigration @c -Path '$place' -Steps 2 -Confirm:`$false -Verbose -Debug *>&1
    Invoke-PgMigration @c -Path '$place' -Summary -Confirm:`$false -Verbose -Debug *>&1
    Undo-PgMigration @c -Path '$place' -Confirm:`$false -Verbose -Debug *>&1
    Remove-PgMigrationRecord 2 @c -Path '$place' -Confirm:`$false -Verbose -Debug *>&1
    Get-PgMigrationStatus @c -Path '$place' -History -Verbose -Debug *>&1
    try { Invoke-PgMigration @c -Path '$bad' -Module bad -Confirm:`$false -Verbose -Debug *>&1 } catch { `$_; `$_.TargetObject; `$_.Exception }
)
`$all.Count
`$all | ForEach-Object { `$_; `$_ | Format-List * -Force } | Out-String -Width 500
`$ours, `$records = `$all.Where({ `$_.GetType().Namespace -eq 'PgMigrate' }, 'Split')
`$ours | ConvertTo-Json -Depth 8 -WarningAction SilentlyContinue
`$ours | ForEach-Object { [Management.Automation.PSSerializer]::Serialize(`$_, 8) }
`$records | ForEach-Object { [Management.Automation.PSSerializer]::Serialize(`$_, 2) }
`$all | Export-Clixml '$transcript.xml' -Depth 2
Get-ChildItem /proc/*/cmdline -ErrorAction Ignore | ForEach-Object { try { [IO.File]::ReadAllText(`$_) } catch { } }
$($looks)
Stop-Transcript | Out-Null
"@
        $run = Invoke-Pwsh $script -Environment $environment
        $run.Output | Should -Match 'looked'
        $run.Output | Should -Match '001_bad\.sql'
        $run.Output | Should -Match '"Outcome"'
        ($run.Output + $run.Error + (Get-Content $transcript, "$transcript.xml" -Raw)) -split "`n" | Where-Object { $_ -match 'hunter2-x' } | Should -BeNullOrEmpty
    }
}
