BeforeAll {
    . $PSScriptRoot/common.ps1
    $scratch = "Host=$($server.HostName);Port=$($server.Port);Username=$($server.UserName);Database=postgres" +
        ($server.Password ? ";Password=$($server.Password)" : '')

    function Get-ScratchCount {
        [int](Invoke-Sql "SELECT count(*) FROM pg_database WHERE datname LIKE 'pgmigrate_scratch_%';")
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Test-PgMigration -RoundTrip' {
    It 'emits nothing when each DOWN leaves what was there before UP, and leaves no database' {
        $before = Get-ScratchCount
        $folder = New-MigrationFolder @{
            '001_orders.sql' = "-- UP`nCREATE TABLE orders (id bigint PRIMARY KEY, note text);`n-- DOWN`nDROP TABLE orders;"
            '002_note.sql'   = "-- UP`nALTER TABLE orders DROP COLUMN note;`n-- DOWN`nALTER TABLE orders ADD note text;"
            '003_index.sql'  = "-- pgmigrate: no-transaction`n-- UP`nCREATE INDEX CONCURRENTLY orders_id ON orders (id);`n-- DOWN`nDROP INDEX CONCURRENTLY orders_id;"
        }
        Test-PgMigration $folder -RoundTrip -ScratchConnection $scratch | Should -BeNullOrEmpty
        Get-ScratchCount | Should -Be $before
    }

    It 'names what DOWN leaves: <Case>' -ForEach @(
        @{ Case = 'an index that is not made again'; Up = 'DROP INDEX o_n;'; Down = 'SELECT 1;'; Left = 'index public.o_n (missing)' }
        @{ Case = 'a table that stays'; Up = 'CREATE TABLE t (i int);'; Down = 'SELECT 1;'; Left = 'table public.t (not expected)' }
        @{ Case = 'a column without its NOT NULL'; Up = 'ALTER TABLE o DROP n;'; Down = 'ALTER TABLE o ADD n int;'; Left = 'column public.o.n (not null*' }
        @{ Case = 'what CASCADE took along'; Up = 'DROP FUNCTION f() CASCADE;'; Down = 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$;'; Left = 'view public.v (missing)' }
        @{ Case = 'a privilege'; Up = 'GRANT SELECT ON o TO PUBLIC;'; Down = 'SELECT 1;'; Left = 'table public.o (privileges)' }
    ) {
        $folder = New-MigrationFolder @{
            '001_start.sql'  = 'CREATE TABLE o (n int NOT NULL); CREATE INDEX o_n ON o (n); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$; CREATE VIEW v AS SELECT f();'
            '002_change.sql' = "-- UP`n$Up`n-- DOWN`n$Down"
            '003_later.sql'  = "-- UP`nCREATE TABLE later (i int);`n-- DOWN`nDROP TABLE later;"
        }
        $problems = @(Test-PgMigration $folder -RoundTrip -ScratchConnection $scratch)
        $problems.Code | Should -Be 'RoundTripWithoutDown', 'RoundTripDiffers'
        $problems[1].FileName | Should -Be '002_change.sql'
        $problems[1].Severity | Should -Be 'Error'
        $problems[1].Message | Should -BeLike "DOWN of 002_change leaves another schema than the one before UP: *$Left*"
    }

    It 'goes on after a DOWN that fails, with its place' {
        $folder = New-MigrationFolder @{
            '001_bad.sql'  = "-- UP`nCREATE TABLE a (i int);`n-- DOWN`nDROP TABLE a;`nDROP TABLE missing;"
            '002_also.sql' = "-- UP`nCREATE TABLE b (i int);`n-- DOWN`nSELECT 1;"
        }
        $problems = @(Test-PgMigration $folder -RoundTrip -ScratchConnection $scratch)
        $problems | ForEach-Object ToString | Should -BeLike '00*_*.sql*'
        $problems[0].ToString() | Should -BeLike '001_bad.sql:5:1: DOWN of 001_bad fails on a scratch database: table "missing" does not exist (SQLSTATE 42P01)'
        $problems[1].FileName | Should -Be '002_also.sql'
        $problems | Should -HaveCount 2
    }

    It 'says that UP cannot run again after its DOWN' {
        $folder = New-MigrationFolder @{
            '001_once.sql' = "-- UP`nCREATE TABLE IF NOT EXISTS seen (i int);`nINSERT INTO seen VALUES (1);`nSELECT 1 / (2 - count(*)) FROM seen;`n-- DOWN`nSELECT 1;"
            '000_seen.sql' = 'CREATE TABLE seen (i int);'
        }
        $problem = Test-PgMigration $folder -RoundTrip -Version 1 -ScratchConnection $scratch
        $problem.Message | Should -BeLike 'It cannot be applied again after its DOWN. UP of 001_once fails on a scratch database: division by zero (SQLSTATE 22012)'
        $problem.Line | Should -Be 4
    }

    It 'stops at an UP that fails, and says what was not tried' {
        $folder = New-MigrationFolder @{
            '001_bad.sql' = 'SELECT * FROM nowhere;'; '002_a.sql' = 'SELECT 1;'; '003_b.sql' = 'SELECT 1;'
        }
        $problems = @(Test-PgMigration $folder -RoundTrip -ScratchConnection $scratch)
        $problems[0].ToString() | Should -BeLike '001_bad.sql:1:15: *nowhere*'
        $problems[1].Code | Should -Be 'RoundTripNotTried'
        $problems[1].Message | Should -BeLike '2 migrations after 001_bad could not be tried*'
    }

    It 'tries what is pending in the database that is named, or the migrations that are named' {
        $database = New-TestDatabase
        $bad = "-- UP`nCREATE TABLE {0} (i int);`n-- DOWN`nSELECT 1;"
        $folder = New-MigrationFolder @{ '001_a.sql' = $bad -f 'a'; '002_b.sql' = $bad -f 'b'; '003_c.sql' = $bad -f 'c' }
        $null = Invoke-PgMigration -Path $folder -ConnectionString $database.ConnectionString -Target 2
        (Test-PgMigration $folder -RoundTrip -ConnectionString $database.ConnectionString).FileName | Should -Be '003_c.sql'
        (Test-PgMigration $folder -RoundTrip -Version '00[12]*' -ConnectionString $database.ConnectionString).FileName | Should -Be '001_a.sql', '002_b.sql'
        Use-Environment @{ PGMIGRATE_SCRATCH_URL = $scratch } {
            (Test-PgMigration $folder -RoundTrip).FileName | Should -Be '001_a.sql', '002_b.sql', '003_c.sql'
        }
        { Test-PgMigration $folder -RoundTrip -Version 9 -ScratchConnection $scratch } | Should -Throw -ErrorId 'MigrationNotFound,*'
    }

    It 'refuses -Version without -RoundTrip, which would check the whole folder' {
        { Test-PgMigration (New-MigrationFolder @{ '001_a.sql' = 'SELECT 1;' }) -Version 1 } | Should -Throw -ErrorId 'ParametersContradict,*'
    }

    It 'leaves out a template that has no SQL yet' {
        $folder = New-MigrationFolder @{ '001_a.sql' = "-- UP`nCREATE TABLE a (i int);`n-- DOWN`nDROP TABLE a;" }
        $null = New-PgMigration 'later' -Path $folder
        Use-Environment @{ PGMIGRATE_SCRATCH_URL = $scratch } {
            (Test-PgMigration $folder -RoundTrip).Code | Should -Not -Contain 'RoundTripDiffers'
            { Test-PgMigration $folder -RoundTrip -Version '*' } | Should -Not -Throw
        }
    }

    It 'does not begin while the files have errors' {
        $folder = New-MigrationFolder @{ '001_open.sql' = "SELECT 'open" }
        $problems = Test-PgMigration $folder -RoundTrip -ScratchConnection 'Host=127.0.0.1;Port=1'
        $problems.FileName | Should -Be '001_open.sql'
    }

    It 'does not undo repeatable migrations' {
        $folder = New-MigrationFolder @{
            'V1__t.sql' = 'CREATE TABLE t (i int);'; 'U1__t.sql' = 'DROP TABLE t;'; 'R__v.sql' = 'CREATE OR REPLACE VIEW v AS SELECT 1 AS i;'
        }
        Test-PgMigration $folder -RoundTrip -ScratchConnection $scratch | Should -BeNullOrEmpty
    }
}
