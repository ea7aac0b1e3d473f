BeforeAll {
    . $PSScriptRoot/common.ps1

    function Get-Completion {
        param([string] $Line, [hashtable] $Environment = @{})
        Use-Environment $Environment { @((TabExpansion2 $Line $Line.Length).CompletionMatches) }
    }

    function Get-CompletionText {
        param([string] $Line, [hashtable] $Environment = @{})
        Get-Completion $Line $Environment | ForEach-Object CompletionText
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Tab completion' {
    BeforeAll {
        $database = New-TestDatabase
        $role = New-TestRole 'NOLOGIN'
        Invoke-Sql -Database $database.Name 'CREATE SCHEMA billing; CREATE SCHEMA "Odd Name"; CREATE SCHEMA "-dash";'
        $at = $database.Variables
    }

    It 'offers databases from the server that the variables name, for <_>' -ForEach 'Invoke-PgMigration -Database', 'Get-PgMigrationStatus -DatabaseName', 'Undo-PgMigration -LockWait 5 -Database' {
        (Get-CompletionText "$_ $($database.Name.Substring(0, 8))" $at) | Should -Contain $database.Name
        (Get-CompletionText "$_ templ" $at) | Should -Not -Contain 'template1'
    }

    It 'offers databases although the usual one is not there, and from the parameters of the line' {
        $nowhere = @{ PGHOST = $server.HostName; PGPORT = "$($server.Port)"; PGUSER = $server.UserName; PGPASSWORD = $server.Password; PGDATABASE = 'pgm_none' }
        (Get-CompletionText "Invoke-PgMigration -Database $($database.Name)" $nowhere) | Should -Be $database.Name
        $line = "Invoke-PgMigration -HostName $($server.HostName) -Port $($server.Port) -UserName $($server.UserName) -Database $($database.Name)"
        (Get-CompletionText $line @{ PGHOST = '127.0.0.1'; PGPORT = '1'; PGPASSWORD = $server.Password; DATABASE_URL = '' }) | Should -Be $database.Name
    }

    It 'offers schemas, quoted where necessary, without system schemas' {
        $found = Get-Completion 'Invoke-PgMigration -Schema ' $at
        $found.CompletionText | Should -Be "'-dash'", "'Odd Name'", 'billing', 'public'
        (Get-CompletionText "Get-PgMigrationStatus -ConnectionString '$($database.ConnectionString)' -Schema b") | Should -Be 'billing'
        (Get-CompletionText "Get-PgMigrationStatus -Schema 'odd" $at) | Should -Be "'Odd Name'"
    }

    It 'offers roles that the login is a member of' {
        (Get-CompletionText "Invoke-PgMigration -Role $role" $at) | Should -Be $role
        (Get-CompletionText 'Invoke-PgMigration -Role pg_' $at) | Should -Not -Contain 'pg_monitor'
        $login = New-TestRole
        (Get-CompletionText "Invoke-PgMigration -UserName $login -Role pgm_" $at) | Should -Be $login
    }

    It 'offers the names of connections, without their values' {
        $found = Get-Completion 'Invoke-PgMigration -ConnectionName ' @{ DATABASE_URL_SHOP = 'postgresql://u:hunter2@h/d'; DATABASE_URL_BOOKS = 'postgresql://u:hunter2@h/d' }
        $found.CompletionText | Should -Be 'books', 'shop'
        ($found | Format-List * | Out-String) | Should -Not -Match 'hunter2|postgresql'
        (Get-CompletionText "Invoke-PgMigration -ConnectionName 'sh" @{ DATABASE_URL_SHOP = 'x' }) | Should -Be 'shop'
    }

    It 'asks the server, the schema and the table that the settings file names' {
        $folder = New-MigrationFolder $sampleFiles
        Invoke-PgMigration -ConnectionString $database.ConnectionString -Path $folder -Module zz_books -Schema billing -HistoryTable runs | Out-Null
        $settings = "@{ ConnectionString = '$($database.ConnectionString)'; Schema = 'billing'; 'Invoke-PgMigration' = @{ HistoryTable = 'runs' } }"
        $project = New-MigrationFolder @{ 'pgmigrate.settings.psd1' = $settings; '.git/x' = ''; 'src/deep/x' = '' }
        $nowhere = @{ PGHOST = '127.0.0.1'; PGPORT = '1'; DATABASE_URL = '' }
        foreach ($place in '', 'src/deep') {
            Push-Location (Join-Path $project $place)
            try {
                Get-CompletionText 'Invoke-PgMigration -Schema bil' $nowhere | Should -Be 'billing'
                Get-CompletionText "Invoke-PgMigration -Role $role" $nowhere | Should -Be $role
                Get-CompletionText 'Invoke-PgMigration -Module zz' $nowhere | Should -Be 'zz_books'
                Get-CompletionText 'Get-PgMigrationStatus -Module zz' $nowhere | Where-Object { $_ -eq 'zz_books' } |
                    Should -BeNullOrEmpty -Because 'the table is a setting of the other cmdlet'
                Get-CompletionText 'Get-PgMigrationStatus -Table runs -Module zz' $nowhere | Should -Be 'zz_books'
                Get-CompletionText 'Invoke-PgMigration -HostName 127.0.0.1 -Schema bil' $nowhere | Where-Object { $_ -eq 'billing' } |
                    Should -BeNullOrEmpty -Because 'a call that names a server means that one'
                Get-CompletionText 'Invoke-PgMigration -NoSettings -Schema bil' $nowhere | Where-Object { $_ -eq 'billing' } | Should -BeNullOrEmpty
            }
            finally {
                Pop-Location
            }
        }
        Get-CompletionText "Invoke-PgMigration -SettingsPath '$project/pgmigrate.settings.psd1' -Schema bil" $nowhere | Should -Be 'billing'
    }

    It 'reads the migrations of the folder that the settings file names' {
        $project = New-MigrationFolder @{
            'pgmigrate.settings.psd1' = "@{ Path = @('db', 'more'); 'Undo-PgMigration' = @{ Path = 'other' } }"; '.git/x' = ''; 'src/x' = ''
            'db/001_zz_create.sql'    = 'SELECT 1;'; 'more/002_zz_alter.sql' = 'SELECT 1;'; 'other/007_zz_undo.sql' = 'SELECT 1;'
            'db/eu/009_zz_of_eu.sql'  = 'SELECT 1;'; 'migrations/003_zz_default.sql' = 'SELECT 1;'
        }
        Push-Location (Join-Path $project 'src')
        try {
            Get-CompletionText 'Invoke-PgMigration -Target 00' | Should -Be '001_zz_create', '002_zz_alter'
            Get-CompletionText 'Undo-PgMigration -Target 00' | Should -Be '007_zz_undo'
            Get-CompletionText 'Invoke-PgMigration -Path ../migrations -Target 00' | Should -Be '003_zz_default'
            Get-CompletionText 'Invoke-PgMigration -Folders ../other -Target 00' | Should -Be '007_zz_undo'
            Get-CompletionText 'Invoke-PgMigration -LiteralPath ../db -ConnectionName eu -Target 00' | Should -Be '009_zz_of_eu'
            Get-CompletionText 'PgMigrate\Undo-PgMigration -Target 00' | Should -Be '007_zz_undo'
        }
        finally {
            Pop-Location
        }
    }

    It 'is silent about a settings file that <Name>' -ForEach @(
        @{ Name = 'cannot be parsed'; Settings = '@{ Path = ' }
        @{ Name = 'holds code'; Settings = '@{ Path = (Get-Date) }' }
        @{ Name = 'holds a password'; Settings = "@{ ConnectionString = 'Host=h;Password=hunter2' }" }
        @{ Name = 'names no parameter'; Settings = "@{ Pfad = 'db' }" }
        @{ Name = 'has a value that does not fit'; Settings = "@{ Port = 'hunter2'; Path = @{ a = 1 } }" }
    ) {
        $project = New-MigrationFolder @{ 'pgmigrate.settings.psd1' = $Settings; 'migrations/001_zz.sql' = 'SELECT 1;' }
        $before = $Error.Count
        Push-Location $project
        try {
            foreach ($line in 'Invoke-PgMigration -Target zz', 'Invoke-PgMigration -Schema zz', 'Undo-PgMigration -Database zz') {
                $null = Get-Completion $line @{ PGHOST = '127.0.0.1'; PGPORT = '1' }
            }
        }
        finally {
            Pop-Location
        }
        ($Error | Select-Object -First ($Error.Count - $before) | Out-String) | Should -Not -Match 'hunter2'
    }

    It 'is silent and quick: <Name>' -ForEach @(
        @{ Name = 'no server'; Variables = @{ PGHOST = '127.0.0.1'; PGPORT = '1' } }
        @{ Name = 'a variable that cannot be read'; Variables = @{ PGPORT = 'x' } }
        @{ Name = 'an empty variable'; Variables = @{ DATABASE_URL = '' ; PGHOST = '127.0.0.1'; PGPORT = '1' } }
        @{ Name = 'a password in an unreadable URI'; Variables = @{ DATABASE_URL = 'postgresql://u:hunt/er2@h/d'; PGHOST = '127.0.0.1'; PGPORT = '1' } }
        @{ Name = 'a missing service'; Variables = @{ PGSERVICE = 'none' } }
    ) {
        $before = $Error.Count
        foreach ($parameter in 'Database', 'Schema', 'Role', 'Module') {
            $clock = [Diagnostics.Stopwatch]::StartNew()
            Get-Completion "Invoke-PgMigration -$parameter zzz" $Variables | Where-Object ResultType -EQ 'ParameterValue' | Should -BeNullOrEmpty
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 5
        }
        ($Error | Select-Object -First ($Error.Count - $before) | Out-String) | Should -Not -Match 'hunt'
    }

    It 'does not wait for a server that accepts and does not answer' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            foreach ($parameter in 'Database', 'Schema', 'Role', 'Module') {
                $clock = [Diagnostics.Stopwatch]::StartNew()
                $null = Get-Completion "Invoke-PgMigration -$parameter zzz" @{ PGHOST = '127.0.0.1'; PGPORT = "$($listener.LocalEndpoint.Port)"; PGUSER = 'u'; PGDATABASE = 'd' }
                $clock.Elapsed.TotalSeconds | Should -BeLessThan 6
            }
        }
        finally {
            $listener.Stop()
        }
    }
}
