BeforeAll {
    . $PSScriptRoot/common.ps1

    function Get-ChangeText {
        process { $_.Changes | ForEach-Object { "$_" + ($_.Detail ? " ($($_.Detail))" : '') } }
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Invoke-PgMigration -IncludeChanges' {
    BeforeEach {
        $database = New-TestDatabase
        $to = @{ ConnectionString = $database.ConnectionString; WarningAction = 'SilentlyContinue' }
    }

    It 'lists what each migration did: <Case>' -ForEach @(
        @{ Case = 'a table with its parts is one object'; Sql = 'CREATE TABLE a (i int PRIMARY KEY, n text NOT NULL DEFAULT 0);'; Changes = 'Create table public.a' }
        @{ Case = 'objects in a new schema are their own'; Sql = 'CREATE SCHEMA s CREATE TABLE a (i int);'; Changes = 'Create schema s', 'Create table s.a' }
        @{ Case = 'a column, an index'; Sql = 'ALTER TABLE t ADD j int; CREATE INDEX t_j ON t (j);'; Changes = 'Create column public.t.j', 'Create index public.t_j' }
        @{ Case = 'what changes of a column'; Sql = 'ALTER TABLE t ALTER n SET NOT NULL;'; Changes = 'Alter column public.t.n (not null)' }
        @{ Case = 'a default'; Sql = "ALTER TABLE t ALTER d SET DEFAULT 5;"; Changes = 'Alter default public.t.d (expression)' }
        @{ Case = 'what CASCADE takes along'; Sql = 'DROP TABLE t CASCADE;'; Changes = 'Drop constraint other_i_fkey ON public.other', 'Drop table public.t', 'Drop view public.v' }
        @{ Case = 'a rename'; Sql = 'ALTER TABLE other RENAME TO others;'; Changes = @('Rename table public.others (was public.other)') }
        @{ Case = 'a column that is renamed'; Sql = 'ALTER TABLE other RENAME x TO y;'; Changes = 'Rename column public.other.y (was public.other.x)' }
        @{ Case = 'a function that is dropped and made again'; Sql = 'DROP FUNCTION f(); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 2$$;'; Changes = 'Replace function public.f() (*)' }
        @{ Case = 'privileges and comments'; Sql = "GRANT SELECT ON other TO PUBLIC; COMMENT ON TABLE other IS 'x';"; Changes = 'Alter table public.other (comment, privileges)' }
        @{ Case = 'nothing'; Sql = 'INSERT INTO t VALUES (1, NULL, 1);'; Changes = @() }
    ) {
        $folder = New-MigrationFolder @{
            '001_start.sql' = 'CREATE TABLE t (i int PRIMARY KEY, n text, d int DEFAULT 1); CREATE TABLE other (i int REFERENCES t, x int); CREATE VIEW v AS SELECT i FROM t; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$;'
            '002_change.sql' = $Sql
        }
        $null = Invoke-PgMigration @to -Path $folder -Steps 1
        $result = Invoke-PgMigration @to -Path $folder -IncludeChanges
        $seen = @($result | Get-ChangeText | Sort-Object)
        $seen.Count | Should -Be @($Changes).Count -Because ($seen -join '; ')
        for ($i = 0; $i -lt $seen.Count; $i++) { $seen[$i] | Should -BeLike @($Changes)[$i] }
        $null -ne $result.Changes | Should -BeTrue -Because 'no change is an empty list'
    }

    It 'lists them for each migration alone, for what is undone, and for what a failed file leaves' {
        $folder = New-MigrationFolder @{
            '001_a.sql' = "-- UP`nCREATE TABLE a (i int);`n-- DOWN`nDROP TABLE a;"
            '002_b.sql' = "-- pgmigrate: no-transaction`n-- UP`nCREATE TABLE b (i int);`nCREATE INDEX CONCURRENTLY b_i ON b (i);`n-- DOWN`nDROP TABLE b;"
        }
        $results = Invoke-PgMigration @to -Path $folder -IncludeChanges
        $results[0] | Get-ChangeText | Should -Be 'Create table public.a'
        $results[1] | Get-ChangeText | Should -Be 'Create table public.b'
        Undo-PgMigration @to -Path $folder -IncludeChanges -Confirm:$false | Get-ChangeText | Should -Be 'Drop table public.b'

        Set-Content (Join-Path $folder '003_c.sql') "-- pgmigrate: no-transaction`nCREATE TABLE c (i int);`nSELECT 1 / 0;"
        $null = Invoke-PgMigration @to -Path $folder -Version 2
        $said = @(try { Invoke-PgMigration @to -Path $folder -IncludeChanges } catch { $_ })
        $said[-1].TargetObject.Results[-1] | Get-ChangeText | Should -Be 'Create table public.c' -Because 'it stays'
    }

    It 'says nothing of changes unless it is asked' {
        (Invoke-PgMigration @to -Path (New-MigrationFolder @{ '001_a.sql' = 'CREATE TABLE a (i int);' })).Changes | Should -Be $null
    }

    It 'refuses one transaction for all migrations, of which nothing is seen in between' {
        $folder = New-MigrationFolder @{ '001_a.sql' = 'CREATE TABLE a (i int);'; '002_b.sql' = 'CREATE TABLE b (i int);' }
        { Invoke-PgMigration @to -Path $folder -IncludeChanges -SingleTransaction } | Should -Throw -ErrorId 'ParametersContradict,*'
        (Get-PgMigrationStatus @to -Path $folder -Summary).Pending | Should -Be 2
    }
}
