BeforeAll {
    . $PSScriptRoot/common.ps1
    . (Join-Path $root 'tests/Infrastructure/TestServer.ps1')
    $ownServer = Start-OwnServer -MaxConnections 10
    $server = ConvertTo-ServerAccess $ownServer

    function Invoke-Mount {
        # mount or umount, as root or through a sudo that asks for no password; answers what went wrong.
        $asRoot = (id -u) -eq '0' ? @() : @('sudo', '-n')
        $command = @($asRoot) + $args
        $said = & $command[0] $command[1..($command.Count - 1)] 2>&1
        if ($LASTEXITCODE -ne 0) { "$said" }
    }
}

AfterAll {
    Stop-TestServer $ownServer
}

Describe 'A disk that is full' {
    BeforeAll {
        $small = Join-Path ([IO.Path]::GetTempPath()) "pgm$([Guid]::NewGuid().ToString('n').Substring(0, 8))-small"
        $noMount = 'only Linux lets a test mount a small disk'
        if ($IsLinux) {
            $owner = (id -u) -eq '0' ? (id -u $ownServer.Owner) : (id -u)
            $null = New-Item -ItemType Directory $small
            $noMount = Invoke-Mount mount -t tmpfs -o "size=4m,mode=700,uid=$owner" tmpfs $small
            if ($noMount) {
                $noMount = "a small disk could not be mounted: $noMount"
            }
            else {
                Invoke-Sql "CREATE TABLESPACE small LOCATION '$small';"
            }
        }
    }

    BeforeEach {
        $database = New-TestDatabase
    }

    AfterEach {
        Remove-TestDatabase
    }

    AfterAll {
        if (-not $noMount) {
            Invoke-Sql 'DROP TABLESPACE small;'
            Invoke-Mount umount $small | Should -BeNullOrEmpty
        }
        Remove-Item -LiteralPath $small -ErrorAction Ignore
    }

    It 'is one clear error; <Kind> keeps what is committed, and runs once there is space' -ForEach @(
        @{ Kind = 'a file in a transaction'; Directive = ''; Left = '1:applied'; Line = 3; Table = 'f' }
        @{ Kind = 'a file outside a transaction'; Directive = '-- pgmigrate: no-transaction'; Left = '1:applied', '2:interrupted'; Line = 3; Table = 't' }
    ) {
        if ($noMount) {
            Set-ItResult -Skipped -Because $noMount
            return
        }
        Invoke-Mount mount -o 'remount,size=4m' $small | Should -BeNullOrEmpty
        $call = @{
            ConnectionString = $database.ConnectionString
            Path             = New-MigrationFolder ([ordered]@{
                    '001_audit.sql' = "CREATE TABLE audit (file int);`nINSERT INTO audit VALUES (1);"
                    '002_fill.sql'  = "$Directive`nCREATE TABLE filler (t text) TABLESPACE small;`n" +
                        "INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 16000);`nINSERT INTO audit VALUES (2);"
                    '003_last.sql'  = 'INSERT INTO audit VALUES (3);'
                })
        }
        $failure = Get-ErrorOf { Invoke-PgMigration @call }
        $failure.FullyQualifiedErrorId | Should -BeLike 'MigrationFailed,*'
        $failure.Exception.Message | Should -BeLike '*002_fill.sql*No space left on device*53100*'
        $failure.TargetObject.FailedMigration | Should -Be '002_fill.sql'
        $failure.TargetObject.Error.SqlState | Should -Be '53100'
        $failure.TargetObject.Error.FileName | Should -Be '002_fill.sql'
        $failure.TargetObject.Error.Line | Should -Be $Line

        Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $database.Name) } 10
        Invoke-Sql -Database $database.Name "SELECT version || ':' || state FROM schema_migrations ORDER BY id;" | Should -Be $Left
        Invoke-Sql -Database $database.Name "SELECT to_regclass('filler') IS NOT NULL; SELECT file FROM audit;" | Should -Be $Table, '1'

        Invoke-Mount mount -o 'remount,size=64m' $small | Should -BeNullOrEmpty
        (Invoke-PgMigration @call).Version | Should -Be '2', '3'
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM filler; SELECT file FROM audit ORDER BY file;' | Should -Be '16000', '1', '2', '3'
    }
}

Describe 'A server without a free connection' {
    It 'is one clear error, and the run goes through once one is free' {
        $role = New-TestRole
        $database = New-TestDatabase $role
        Invoke-Sql "ALTER DATABASE $($database.Name) OWNER TO $role;"
        $asRole = $server.PSObject.Copy()
        $asRole.UserName = $role
        $call = @{ ConnectionString = $database.ConnectionString; Path = New-MigrationFolder @{ '001_a.sql' = 'CREATE TABLE a (i int);' } }
        # Of ten, three are kept for superusers.
        $open = @(1..7 | ForEach-Object { Start-Sql '' $database.Name $asRole })
        try {
            $failure = Get-ErrorOf { Invoke-PgMigration @call }
            $failure.FullyQualifiedErrorId | Should -BeLike 'TooManyConnections,*'
            $failure.Exception.Message | Should -BeLike "*$($database.Shown)*53300*Nothing was run*max_connections*"
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }
        finally {
            $open | ForEach-Object { Stop-Sql $_ }
        }
        Wait-Until 'the sessions have ended' { (Invoke-Sql "SELECT count(*) FROM pg_stat_activity WHERE usename = '$role';") -eq '0' }
        (Invoke-PgMigration @call -Summary).Status | Should -Be 'Success'
        Remove-TestDatabase
    }
}
