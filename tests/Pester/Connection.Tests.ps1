BeforeAll {
    . $PSScriptRoot/common.ps1
    # The server of the tests trusts everybody; passwords need one that does not.
    . (Join-Path $root 'tests/Infrastructure/TestServer.ps1')

    function Start-PasswordServer {
        $bin = Find-PostgresBin
        $folder = Join-Path ([IO.Path]::GetTempPath()) "pgm$([Guid]::NewGuid().ToString('n').Substring(0, 8))"
        $null = New-Item -ItemType Directory $folder
        $script:ServerUser = 'nobody'
        if (-not $IsWindows) {
            $null = id -u postgres 2>&1
            if ($LASTEXITCODE -eq 0) { $script:ServerUser = 'postgres' }
        }
        [IO.File]::WriteAllText("$folder/secret", 'hunter2 & co')
        if (-not $IsWindows -and (id -u) -eq '0') {
            chown -R $script:ServerUser $folder
        }
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        $listener.Stop()
        $made = Invoke-AsServerUser "$bin/initdb" '-D', "$folder/data", '-U', 'postgres', '-A', 'scram-sha-256', "--pwfile=$folder/secret", '-E', 'UTF8', '--no-sync', '--locale=C'
        if ($LASTEXITCODE -ne 0) {
            throw "initdb failed: $made"
        }
        $sockets = $IsWindows ? '' : " -c unix_socket_directories=$folder"
        $null = Invoke-AsServerUser "$bin/pg_ctl" '-D', "$folder/data", '-l', "$folder/server.log", '-o', "-c port=$port -c listen_addresses=127.0.0.1 -c fsync=off$sockets", '-w', 'start'
        if ($LASTEXITCODE -ne 0) {
            throw 'The server did not start.'
        }
        [pscustomobject]@{
            ConnectionString = "Host=127.0.0.1;Port=$port;Username=postgres;Database=postgres"
            HostName = '127.0.0.1'; Port = $port; UserName = 'postgres'; Password = 'hunter2 & co'; Database = 'postgres'
            Folder = $folder; Bin = $bin; Owner = $script:ServerUser
        }
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Connections' {
    BeforeAll {
        $one = New-TestDatabase
        $two = New-TestDatabase
        $folder = New-MigrationFolder $sampleFiles

        function Get-UsedDatabase {
            # Which database a call reaches, by what its rows carry.
            param([hashtable] $Arguments = @{}, [hashtable] $Environment = @{})
            Use-Environment $Environment { "$(@(Get-PgMigrationStatus @Arguments -Path $folder)[0].Connection)" }
        }

        $nowhere = 'postgresql://nobody@127.0.0.1:1/nothing'
    }

    Context 'sources' {
        It 'accepts Npgsql keywords' {
            Get-UsedDatabase @{ ConnectionString = $one.ConnectionString } | Should -Be $one.Shown
        }

        It 'accepts a <_> URI' -ForEach 'postgres', 'postgresql' {
            Get-UsedDatabase @{ ConnectionString = $one.Uri -replace '^\w+', $_ } | Should -Be $one.Shown
        }

        It 'decodes the names in a URI' {
            $odd = "pgm_odd $([Guid]::NewGuid().ToString('n').Substring(0, 6)) %é/?"
            Invoke-Sql "CREATE DATABASE `"$odd`";"
            try {
                $uri = ($one.Uri -replace '[^/]+$', '') + [Uri]::EscapeDataString($odd)
                Get-UsedDatabase @{ ConnectionString = $uri } | Should -Be ($one.Shown -replace '[^/]+$', $odd)
            }
            finally {
                Invoke-Sql "DROP DATABASE `"$odd`";"
            }
        }

        It 'accepts host, port, database and a credential' {
            $parts = @{
                HostName = $server.HostName; Port = $server.Port; Database = $one.Name
                Credential = [pscredential]::new($server.UserName, (ConvertTo-Secure ($server.Password ? $server.Password : 'x')))
            }
            Get-UsedDatabase $parts | Should -Be $one.Shown
        }

        It 'accepts -DatabaseName for -Database, and reads the rest from the PG variables' {
            Get-UsedDatabase @{ DatabaseName = $one.Name } $two.Variables | Should -Be $one.Shown
        }

        It 'reads DATABASE_URL' {
            Get-UsedDatabase @{} @{ DATABASE_URL = $one.Uri } | Should -Be $one.Shown
            Get-UsedDatabase @{} @{ DATABASE_URL = $one.ConnectionString } | Should -Be $one.Shown
        }

        It 'reads the PG variables' {
            Get-UsedDatabase @{} $one.Variables | Should -Be $one.Shown
        }

        It 'logs in with -Credential, whatever the source' {
            $role = New-TestRole
            $credential = [pscredential]::new($role, (ConvertTo-Secure 'x'))
            Get-UsedDatabase @{ ConnectionString = $one.Uri; Credential = $credential } | Should -Be $one.Shown.Replace("$($server.UserName)@", "$role@")
            Get-UsedDatabase @{ Credential = $credential } @{ DATABASE_URL = $one.Uri } | Should -Be $one.Shown.Replace("$($server.UserName)@", "$role@")
        }

        It 'uses -SslMode, whatever the source' {
            if ((Invoke-Sql 'SHOW ssl;') -eq 'on') {
                Set-ItResult -Skipped -Because 'the server offers TLS'
                return
            }
            $failure = Get-ErrorOf { Get-PgMigrationStatus -ConnectionString "$($one.ConnectionString);SSL Mode=Disable" -SslMode Require -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ConnectionFailed,*'
            Get-UsedDatabase @{ ConnectionString = $one.Uri + '?sslmode=require'; SslMode = 'Disable' } | Should -Be $one.Shown
        }
    }

    Context 'a login without a password' {
        It 'accepts -UserName with any source' {
            $role = New-TestRole
            $shown = $one.Shown.Replace("$($server.UserName)@", "$role@")
            Get-UsedDatabase @{ ConnectionString = $one.Uri; UserName = $role } | Should -Be $shown
            Get-UsedDatabase @{ UserName = $role } @{ DATABASE_URL = $one.Uri } | Should -Be $shown
            Get-UsedDatabase @{ UserName = $role } $one.Variables | Should -Be $shown
            Get-UsedDatabase @{ HostName = $server.HostName; Port = $server.Port; Database = $one.Name; UserName = $role } | Should -Be $shown
        }

        It 'rejects -UserName with a -Credential of another user, and accepts it with the same' {
            $credential = [pscredential]::new($server.UserName, (ConvertTo-Secure ($server.Password ? $server.Password : 'x')))
            $failure = Get-ErrorOf { Get-PgMigrationStatus -ConnectionString $one.Uri -UserName other -Credential $credential -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ConnectionAmbiguous,*'
            $failure.Exception.Message | Should -BeLike "-UserName 'other' and -Credential*PGPASSWORD or .pgpass*"
            Get-UsedDatabase @{ ConnectionString = $one.Uri; UserName = $server.UserName; Credential = $credential } | Should -Be $one.Shown
        }
    }

    Context 'objects that name a database' {
        BeforeAll {
            $rows = foreach ($database in $one, $two) {
                [pscustomobject]@{ HostName = $server.HostName; Port = "$($server.Port)"; Database = $database.Name; UserName = $server.UserName }
            }
            $password = @{ PGPASSWORD = $server.Password }
        }

        It 'bind by property name to <_>' -ForEach 'Get-PgMigrationStatus', 'Invoke-PgMigration', 'Undo-PgMigration', 'Remove-PgMigrationRecord', 'Initialize-PgMigration' {
            $parameters = (Get-Command $_).Parameters
            foreach ($name in 'HostName', 'Port', 'Database', 'UserName') {
                $parameters[$name].ParameterSets.Values.ValueFromPipelineByPropertyName | Should -Be $true
            }
        }

        It 'run one after the other, each in its own database' {
            Use-Environment $password {
                $results = @($rows | Invoke-PgMigration -Path $folder -Module bound)
                @($results.Connection | ForEach-Object { "$_" } | Select-Object -Unique) | Should -Be $one.Shown, $two.Shown
                $results | Should -HaveCount 6
                ($rows | Get-PgMigrationStatus -Path $folder -Module bound -Summary).IsUpToDate | Should -Be $true, $true
                ($rows | Undo-PgMigration -Path $folder -Module bound -Confirm:$false).Version | Should -Be '3', '3'
            }
        }

        It 'may be rows of a CSV file, and may leave the server to the command line' {
            Use-Environment $password {
                $csv = "DatabaseName`n$($one.Name)`n$($two.Name)" | ConvertFrom-Csv
                $found = $csv | Get-PgMigrationStatus -HostName $server.HostName -Port $server.Port -UserName $server.UserName -Path $folder -Summary
                @($found.Connection | ForEach-Object { "$_" }) | Should -Be $one.Shown, $two.Shown
            }
        }

        It 'come before DATABASE_URL, and what is on the command line comes before them' {
            Use-Environment ($password + @{ DATABASE_URL = $two.Uri }) {
                "$(($rows[0] | Get-PgMigrationStatus -Path $folder -Summary).Connection)" | Should -Be $one.Shown
                "$(($rows[0] | Get-PgMigrationStatus -Path $folder -Summary -Database $two.Name).Connection)" | Should -Be $two.Shown
            }
        }

        It 'have to agree with a connection string on the command line' {
            Use-Environment $password {
                "$(($rows[0] | Get-PgMigrationStatus -Path $folder -Summary -ConnectionString $one.Uri).Connection)" | Should -Be $one.Shown
                $failure = Get-ErrorOf { $rows[1] | Get-PgMigrationStatus -Path $folder -ConnectionString $one.Uri -ErrorAction Stop }
                $failure.FullyQualifiedErrorId | Should -BeLike 'TargetMismatch,*'
                $failure.Exception.Message | Should -Match $two.Name
            }
        }

        It 'with an empty name are an error for that object, and the next one runs' {
            Use-Environment $password {
                $empty = [pscustomobject]@{ HostName = $server.HostName; Port = $server.Port; Database = ''; UserName = $server.UserName }
                $found = $empty, $rows[0] | Get-PgMigrationStatus -Path $folder -Summary -ErrorVariable failures -ErrorAction SilentlyContinue
                "$($found.Connection)" | Should -Be $one.Shown
                $failures.Count | Should -BeGreaterThan 0
            }
        }
    }

    Context 'several hosts' {
        It 'have one form in objects, whatever the notation, and can be piped' {
            $uri = "postgresql://$($server.UserName):$($server.Password)@127.0.0.1:1,$($server.HostName):$($server.Port)/$($one.Name)"
            $row = @(Get-PgMigrationStatus -ConnectionString $uri -Path $folder)[0]
            "$($row.Connection)" | Should -Be "$($server.UserName)@127.0.0.1:1,$($server.HostName):$($server.Port)/$($one.Name)"
            $row.Connection.HostName | Should -Be "127.0.0.1,$($server.HostName)"
            $row.Connection.Port | Should -Be 1
            $variables = $one.Variables + @{}
            $variables.PGHOST = "127.0.0.1,$($server.HostName)"
            $variables.PGPORT = "1,$($server.Port)"
            Use-Environment $variables {
                ($row | Get-PgMigrationStatus -Database $one.Name).Name | Should -Be $row.Name
                ($row | Get-PgMigrationStatus).Name | Should -Be $row.Name
            }
        }
    }

    Context 'precedence' {
        It 'prefers -<_> to every variable' -ForEach 'ConnectionString', 'Database', 'ConnectionName' {
            $arguments = switch ($_) {
                'ConnectionString' { @{ ConnectionString = $one.Uri } }
                'Database' { @{ Database = $one.Name } }
                'ConnectionName' { @{ ConnectionName = 'first' } }
            }
            Get-UsedDatabase $arguments ($two.Variables + @{ DATABASE_URL = $nowhere; DATABASE_URL_FIRST = $one.Uri }) | Should -Be $one.Shown
        }

        It 'prefers DATABASE_URL to the PG variables' {
            Get-UsedDatabase @{} ($two.Variables + @{ DATABASE_URL = $one.Uri }) | Should -Be $one.Shown
        }

        It 'says with -Verbose which source was used' {
            Use-Environment @{ DATABASE_URL = $one.Uri } {
                "$(Get-PgMigrationStatus -Path $folder -Verbose 4>&1)" | Should -Match 'from the variable DATABASE_URL'
            }
            Use-Environment $one.Variables {
                "$(Get-PgMigrationStatus -Path $folder -Verbose 4>&1)" | Should -Match 'from the PG\* variables'
            }
        }
    }

    Context '-ConnectionName' {
        It 'reads DATABASE_URL_NAME and the subfolder of that name' {
            $place = New-MigrationFolder @{ '001_main.sql' = 'SELECT 1;'; 'analytics/001_facts.sql' = 'SELECT 2;' }
            Use-Environment @{ DATABASE_URL = $nowhere; DATABASE_URL_ANALYTICS = $two.Uri } {
                $row = Get-PgMigrationStatus -ConnectionName analytics -Path $place
                $row.Name | Should -Be '001_facts'
                "$($row.Connection)" | Should -Be $two.Shown
            }
        }

        It 'uses the folder itself when there is no such subfolder' {
            Use-Environment @{ DATABASE_URL_ANALYTICS = $two.Uri } {
                Get-PgMigrationStatus -ConnectionName analytics -Path $folder | Should -HaveCount 3
            }
        }

        It 'is an error when the variable is not set, never a fallback' {
            Use-Environment ($one.Variables + @{ DATABASE_URL = $one.Uri }) {
                $failure = Get-ErrorOf { Get-PgMigrationStatus -ConnectionName analytics -Path $folder }
                $failure.FullyQualifiedErrorId | Should -BeLike 'ConnectionNameUnset,*'
                $failure.Exception.Message | Should -Match 'DATABASE_URL_ANALYTICS'
            }
        }
    }

    Context 'variables that are set and empty' {
        It 'are named: <_>' -ForEach 'DATABASE_URL', 'DATABASE_URL_ANALYTICS', 'PGSSLMODE', 'PGCHANNELBINDING' {
            $name = $_
            $call = @{ Script = 'try { Get-PgMigrationStatus -Path . ' + ($name -like '*_ANALYTICS' ? '-ConnectionName analytics' : '') + ' } catch { $_.FullyQualifiedErrorId; $_.Exception.Message }' }
            $variables = $one.Variables + @{ $name = '' }
            $run = Invoke-Pwsh @call -Environment $variables -WorkingDirectory $folder
            $run.Output | Should -Match '^Connection(Invalid|NameUnset),'
            $run.Output | Should -Match "$name\b"
            $run.Output | Should -Match 'empty'
        }
    }

    Context 'contradictions and mistakes' {
        It 'refuses <Name>' -ForEach @(
            @{ Name = '-ConnectionString with -Database'; Arguments = @{ ConnectionString = 'Host=h'; Database = 'd' } }
            @{ Name = '-ConnectionString with -HostName'; Arguments = @{ ConnectionString = 'Host=h'; HostName = 'h' } }
            @{ Name = '-ConnectionString with -ConnectionName'; Arguments = @{ ConnectionString = 'Host=h'; ConnectionName = 'n' } }
            @{ Name = '-ConnectionName with -Port'; Arguments = @{ ConnectionName = 'n'; Port = 5432 } }
        ) {
            $failure = Get-ErrorOf { Invoke-PgMigration @Arguments -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ConnectionAmbiguous,*'
            $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        }

        It 'says what cannot be read in <Name>, and not its password' -ForEach @(
            @{ Name = 'a misspelt keyword'; Text = 'Hosst=h;Password=hunter2' }
            @{ Name = 'no keywords at all'; Text = 'hunter2' }
            @{ Name = 'a URI with a wrong port'; Text = 'postgresql://u:hunter2@h:port/d' }
            @{ Name = 'a URI with a lone %'; Text = 'postgresql://u:hunter2%@h/d' }
            @{ Name = 'a URI whose password is not percent-encoded'; Text = 'postgresql://u:hunter2/x@h/d' }
            @{ Name = 'another URI whose password is not percent-encoded'; Text = 'postgresql://u:x?hunter2@h/d' }
            @{ Name = 'a URI with an unknown parameter'; Text = 'postgresql://u:hunter2@h/d?nonsense=1' }
        ) {
            $failure = Get-ErrorOf { Invoke-PgMigration -ConnectionString $Text -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ConnectionInvalid,*'
            ($failure | Format-List * -Force | Out-String) + $failure.Exception | Should -Not -Match 'hunter2'
        }

        It 'reads a service, named by PGSERVICE or in a URI' {
            $file = Join-Path $TestDrive 'services.conf'
            $lines = '[prod]', "host=$($server.HostName)", "port=$($server.Port)", "user=$($server.UserName)", "dbname=$($one.Name)"
            if ($server.Password) { $lines += "password=$($server.Password)" }
            [IO.File]::WriteAllLines($file, [string[]]$lines)
            Get-UsedDatabase @{} @{ PGSERVICE = 'prod'; PGSERVICEFILE = $file } | Should -Be $one.Shown
            Get-UsedDatabase @{ ConnectionString = 'postgresql:///?service=prod' } @{ PGSERVICEFILE = $file } | Should -Be $one.Shown
            Use-Environment @{ PGSERVICE = 'none'; PGSERVICEFILE = $file } {
                (Get-ErrorOf { Get-PgMigrationStatus -Path $folder }).FullyQualifiedErrorId | Should -BeLike 'ServiceNotFound,*'
            }
        }

        It 'reports immediately that there is no server, with host and port' {
            $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
            $listener.Start()
            $port = $listener.LocalEndpoint.Port
            $listener.Stop()
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $failure = Get-ErrorOf { Invoke-PgMigration -HostName 127.0.0.1 -Port $port -Database shop -Path $folder }
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 10
            $failure.FullyQualifiedErrorId | Should -BeLike 'ConnectionFailed,*'
            $failure.CategoryInfo.Category | Should -Be 'ConnectionError'
            $failure.Exception.Message | Should -Match "127\.0\.0\.1:$port/shop"
            $failure.TargetObject | Should -BeOfType ([PgMigrate.MigrationRunSummary])
        }

        It 'says that the database does not exist' {
            $failure = Get-ErrorOf { Invoke-PgMigration -ConnectionString ($one.ConnectionString -replace 'Database=.*', 'Database=pgm_none') -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'DatabaseNotFound,*'
            $failure.Exception.Message | Should -Match 'pgm_none'
        }

        It 'says that CONNECT is not granted' {
            $role = New-TestRole
            Invoke-Sql "REVOKE CONNECT ON DATABASE $($two.Name) FROM PUBLIC;"
            $failure = Get-ErrorOf { Invoke-PgMigration -ConnectionString ($two.ConnectionString -replace 'Username=[^;]*', "Username=$role") -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ConnectDenied,*'
        }
    }

    Context 'what is forced' {
        It 'keeps its settings whatever the connection string asks for' {
            $asked = "$($one.ConnectionString);Pooling=true;Command Timeout=1;Max Auto Prepare=20;Multiplexing=false"
            $slow = New-MigrationFolder @{ '001_slow.sql' = 'SELECT pg_sleep(1.5);' }
            (Invoke-PgMigration -ConnectionString $asked -Path $slow -Module slow).Outcome | Should -Be 'Applied'
            Wait-Until 'no pooled session is left' { -not (Get-OurTrace $one.Name) }
        }
    }
}

Describe 'Passwords' {
    BeforeAll {
        $secured = Start-PasswordServer
        $folder = New-MigrationFolder @{ '001_a.sql' = 'SELECT 1;' }
        $place = @{ HostName = $secured.HostName; Port = $secured.Port; Database = 'postgres' }
    }

    AfterAll {
        Stop-TestServer $secured
    }

    It 'refuses a -Credential that is empty' {
        $failure = Get-ErrorOf { Get-PgMigrationStatus @place -Credential ([pscredential]::Empty) -Path $folder }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ConnectionInvalid,*'
        $failure.Exception.Message | Should -BeLike '-Credential is empty:*'
    }

    It 'logs in with -Credential' {
        $credential = [pscredential]::new('postgres', (ConvertTo-Secure $secured.Password))
        (Get-PgMigrationStatus @place -Credential $credential -Path $folder).State | Should -Be 'Pending'
    }

    It 'logs in with keywords, and with a percent-encoded URI' {
        (Get-PgMigrationStatus -ConnectionString "$($secured.ConnectionString);Password=$($secured.Password)" -Path $folder).State | Should -Be 'Pending'
        $uri = "postgresql://postgres:$([Uri]::EscapeDataString($secured.Password))@127.0.0.1:$($secured.Port)/postgres"
        (Get-PgMigrationStatus -ConnectionString $uri -Path $folder).State | Should -Be 'Pending'
    }

    It 'logs in with PGPASSWORD, and with a PGPASSFILE' {
        Use-Environment @{ PGUSER = 'postgres'; PGPASSWORD = $secured.Password } {
            (Get-PgMigrationStatus @place -Path $folder).State | Should -Be 'Pending'
        }
        $file = Join-Path $TestDrive 'pgpass'
        [IO.File]::WriteAllText($file, "127.0.0.1:$($secured.Port):*:postgres:$($secured.Password)`n")
        if (-not $IsWindows) {
            chmod 600 $file
        }
        Use-Environment @{ PGUSER = 'postgres'; PGPASSFILE = $file } {
            (Get-PgMigrationStatus @place -Path $folder).State | Should -Be 'Pending'
        }
    }

    It 'logs in with -UserName and PGPASSWORD or a PGPASSFILE, and not with the password of another user' {
        Use-Environment @{ PGPASSWORD = $secured.Password } {
            (Get-PgMigrationStatus @place -UserName postgres -Path $folder).State | Should -Be 'Pending'
            $uri = "postgresql://other:wrong@127.0.0.1:$($secured.Port)/postgres"
            (Get-PgMigrationStatus -ConnectionString $uri -UserName postgres -Path $folder).State | Should -Be 'Pending'
        }
        $file = Join-Path $TestDrive 'pgpass-user'
        [IO.File]::WriteAllText($file, "*:*:*:postgres:$($secured.Password)`n")
        if (-not $IsWindows) {
            chmod 600 $file
        }
        Use-Environment @{ PGPASSFILE = $file; PGUSER = 'other' } {
            (Get-PgMigrationStatus @place -UserName postgres -Path $folder).State | Should -Be 'Pending'
            (Get-ErrorOf { Get-PgMigrationStatus @place -Path $folder }).FullyQualifiedErrorId | Should -BeLike 'AuthenticationFailed,*'
        }
    }

    It 'passes the password to the next cmdlet of a pipeline without showing it' {
        $credential = [pscredential]::new('postgres', (ConvertTo-Secure $secured.Password))
        $rows = @(Get-PgMigrationStatus @place -Credential $credential -Path $folder)
        ($rows | Format-List * -Force | Out-String) + ($rows[0].Connection | Format-List * -Force | Out-String) + ($rows | ConvertTo-Json -Depth 5) | Should -Not -Match 'hunter2'
        [Management.Automation.PSSerializer]::Serialize($rows[0], 5) | Should -Not -Match 'hunter2'
        ($rows | Invoke-PgMigration).Outcome | Should -Be 'Applied'
    }

    It 'says that a wrong password is wrong, without showing it, and changes nothing' {
        $failure = Get-ErrorOf { Invoke-PgMigration @place -Credential ([pscredential]::new('postgres', (ConvertTo-Secure 'hunter3'))) -Path $folder -Module wrong }
        $failure.FullyQualifiedErrorId | Should -BeLike 'AuthenticationFailed,*'
        $failure.CategoryInfo.Category | Should -Be 'AuthenticationError'
        "$($failure.Exception)" | Should -Not -Match 'hunter3'
        Invoke-Sql -On $secured "SELECT count(*) FROM pg_class WHERE relname LIKE 'schema_migrations%' AND relkind = 'r' AND NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = 'schema_migrations');" | Should -Be '0'
    }

    It 'says that a password is missing' {
        # An own home folder: the real one may hold a .pgpass.
        $run = Invoke-Pwsh "try { Invoke-PgMigration -HostName 127.0.0.1 -Port $($secured.Port) -Database postgres -Path '$folder' } catch { `$_.FullyQualifiedErrorId; `$_.Exception.Message }" `
            -Environment @{ PGUSER = 'postgres'; HOME = "$TestDrive"; APPDATA = "$TestDrive" }
        $run.Output | Should -Match '^AuthenticationFailed,'
        $run.Output | Should -Match 'PGPASSWORD'
    }

    It 'says that the PGPASSFILE does not exist' {
        $failure = Get-ErrorOf { Use-Environment @{ PGUSER = 'postgres'; PGPASSFILE = (Join-Path $TestDrive 'none') } { Invoke-PgMigration @place -Path $folder } }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ConnectionInvalid,*'
        $failure.Exception.Message | Should -Match 'none.*PGPASSFILE'
    }
}

Describe '-TokenProvider' {
    BeforeAll {
        $secured = Start-PasswordServer
        $folder = New-MigrationFolder $sampleFiles
        $place = @{ ConnectionString = $secured.ConnectionString }
        $counter = @{ Calls = 0 }
        $ask = { $counter.Calls++; $secured.Password }
    }

    AfterAll {
        Stop-TestServer $secured
    }

    It 'is asked in the caller''s own runspace, once for each login, and carried along by piped objects' {
        $counter.Calls = 0
        $results = Get-PgMigrationStatus @place -TokenProvider $ask -Path $folder | Where-Object Version -EQ '1' | Invoke-PgMigration
        $results.Outcome | Should -Be 'Applied'
        $counter.Calls | Should -Be 2
        ($results | Get-PgMigrationStatus -Path $folder).State | Should -Be 'Applied'
        $counter.Calls | Should -Be 3
    }

    It 'works with every cmdlet' {
        (Initialize-PgMigration @place -TokenProvider $ask -Path (Join-Path $TestDrive 'fresh') -HistoryTable fresh).Pending | Should -Be 1
        $all = @{ TokenProvider = $ask; Module = 'every'; Path = New-MigrationFolder @{ '001_e.sql' = "SELECT 1;`n-- DOWN`nSELECT 2;" } }
        (Invoke-PgMigration @place @all).Outcome | Should -Be 'Applied'
        (Undo-PgMigration @place @all -Confirm:$false).Outcome | Should -Be 'Undone'
        (Invoke-PgMigration @place @all).Outcome | Should -Be 'Applied'
        (Remove-PgMigrationRecord 1 @place @all -Confirm:$false).Version | Should -Be '1'
    }

    It 'accepts a SecureString' {
        (Get-PgMigrationStatus @place -TokenProvider { ConvertTo-Secure $secured.Password } -Path $folder)[0].Version | Should -Be '1'
    }

    It 'also gets a token for the second connection that watches a long statement' {
        $counter.Calls = 0
        $slow = New-MigrationFolder @{ '001_slow.sql' = 'SELECT pg_sleep(3);' }
        $null = Invoke-PgMigration @place -TokenProvider $ask -Path $slow -Module slow
        $counter.Calls | Should -Be 2
    }

    It 'comes before any other password' {
        $wrong = [pscredential]::new('postgres', (ConvertTo-Secure 'hunter3'))
        (Get-PgMigrationStatus @place -Credential $wrong -TokenProvider $ask -Path $folder)[0].Version | Should -Be '1'
    }

    It 'that <Name> is an error that says so' -ForEach @(
        @{ Name = 'fails'; Provider = { throw 'the vault is closed' }; Said = 'the vault is closed' }
        @{ Name = 'answers nothing'; Provider = { }; Said = 'returned nothing' }
        @{ Name = 'answers two things'; Provider = { 'hunter2'; 'hunter2' }; Said = 'returned 2 objects' }
        @{ Name = 'answers an object'; Provider = { [pscustomobject]@{ Token = 'hunter2' } }; Said = 'PSCustomObject' }
        @{ Name = 'answers an empty text'; Provider = { '' }; Said = 'an empty text' }
    ) {
        $failure = Get-ErrorOf { Invoke-PgMigration @place -TokenProvider $Provider -Path $folder -Module errors }
        $failure.FullyQualifiedErrorId | Should -BeLike 'TokenProviderFailed,*'
        $failure.Exception.Message | Should -Match $Said
        "$($failure.Exception)" | Should -Not -Match 'hunter2'
    }

    It 'is never seen, not even as a literal in the call' {
        $transcript = Join-Path $TestDrive 'token.txt'
        $script = @"
Start-Transcript '$transcript' -IncludeInvocationHeader | Out-Null
`$rows = Get-PgMigrationStatus -ConnectionString '$($secured.ConnectionString)' -TokenProvider { 'hunter' + '2 & co' } -Path '$folder' -Verbose -Debug *>&1
`$rows | Format-List * -Force | Out-String -Width 500
`$rows | ConvertTo-Json -Depth 6 -WarningAction SilentlyContinue
[Management.Automation.PSSerializer]::Serialize(`$rows, 8)
Invoke-PgMigration -ConnectionString '$($secured.ConnectionString)' -TokenProvider { 'hunter2 & co' } -Path '$folder' -Module 'seen' -Target 99
`$Error | ForEach-Object { Get-Error `$_ } | Out-String -Width 500
`$Error | Format-List * -Force | Out-String -Width 500
`$Error | ForEach-Object { `$_.InvocationInfo | Format-List * -Force | Out-String -Width 500 }
Get-Content "/proc/`$PID/cmdline" -ErrorAction Ignore
'looked'
Stop-Transcript | Out-Null
"@
        $run = Invoke-Pwsh $script
        $run.Output | Should -Match 'looked'
        $run.Output | Should -Match 'MigrationNotFound'
        $all = $run.Output + $run.Error + (Get-Content $transcript -Raw)
        $all -split "`n" | Where-Object { $_ -match 'hunter2' } | Should -BeNullOrEmpty
    }
}

Describe 'TLS against the authorities of the system' {
    BeforeAll {
        # SSL_CERT_FILE names the authorities on Linux only.
        if (-not $IsLinux) {
            return
        }
        $secured = Start-PasswordServer
        $folder = New-MigrationFolder @{ '001_a.sql' = 'SELECT 1;' }
        $authorities = Join-Path $TestDrive 'authorities.pem'

        function New-CertificateRequest {
            param([string] $Name, $Key)
            [Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=$Name", $Key, 'SHA256', [Security.Cryptography.RSASignaturePadding]::Pkcs1)
        }

        $authorityKey = [Security.Cryptography.RSA]::Create(2048)
        $request = New-CertificateRequest 'Test authority' $authorityKey
        $request.CertificateExtensions.Add([Security.Cryptography.X509Certificates.X509BasicConstraintsExtension]::new($true, $false, 0, $true))
        $authority = $request.CreateSelfSigned([DateTimeOffset]::UtcNow.AddDays(-2), [DateTimeOffset]::UtcNow.AddDays(2))
        [IO.File]::WriteAllText($authorities, $authority.ExportCertificatePem())

        $key = [Security.Cryptography.RSA]::Create(2048)
        $request = New-CertificateRequest 'server' $key
        $names = [Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder]::new()
        $names.AddDnsName('localhost')
        $request.CertificateExtensions.Add($names.Build())
        $certificate = $request.Create($authority, [DateTimeOffset]::UtcNow.AddDays(-1), [DateTimeOffset]::UtcNow.AddDays(1), [byte[]](1, 2, 3, 4))
        $data = "$($secured.Folder)/data"
        [IO.File]::WriteAllText("$data/server.crt", $certificate.ExportCertificatePem())
        [IO.File]::WriteAllText("$data/server.key", $key.ExportPkcs8PrivateKeyPem())
        chmod 600 "$data/server.key"
        if ((id -u) -eq '0') {
            chown $secured.Owner "$data/server.key" "$data/server.crt"
        }
        [IO.File]::AppendAllText("$data/postgresql.conf", "`nssl = on`n")
        $script:ServerUser = $secured.Owner
        $null = Invoke-AsServerUser "$($secured.Bin)/pg_ctl" '-D', $data, 'reload'

        function Get-TlsOutcome {
            param([string] $Words, [string] $HostName = 'localhost', [hashtable] $Environment = @{})
            $uri = "postgresql://postgres:$([Uri]::EscapeDataString($secured.Password))@$($HostName):$($secured.Port)/postgres?$Words"
            $text = "try { (Get-PgMigrationStatus -ConnectionString '$uri' -Path '$folder').State } catch { `$_.FullyQualifiedErrorId -replace ',.*' }"
            (Invoke-Pwsh $text -Environment $Environment).Output
        }

        Wait-Until 'the server offers TLS' { (Get-TlsOutcome 'sslmode=require') -eq 'Pending' }
    }

    AfterAll {
        if ($secured) {
            Stop-TestServer $secured
        }
    }

    It 'verifies the chain and the host name with sslrootcert=system' {
        if (-not $IsLinux) {
            Set-ItResult -Skipped -Because 'the store of authorities cannot be named for one process here'
            return
        }
        $trusting = @{ SSL_CERT_FILE = $authorities }
        Get-TlsOutcome 'sslrootcert=system' -Environment $trusting | Should -Be 'Pending'
        Get-TlsOutcome 'sslrootcert=system&sslmode=verify-full' -Environment $trusting | Should -Be 'Pending'
        Get-TlsOutcome '' -Environment ($trusting + @{ PGSSLROOTCERT = 'system' }) | Should -Be 'Pending'
        Get-TlsOutcome 'sslrootcert=system' '127.0.0.1' -Environment $trusting | Should -Be 'CertificateRejected'
        Get-TlsOutcome 'sslrootcert=system' | Should -Be 'CertificateRejected'
        Get-TlsOutcome 'sslrootcert=system&sslmode=require' -Environment $trusting | Should -Be 'ConnectionInvalid'
    }
}
