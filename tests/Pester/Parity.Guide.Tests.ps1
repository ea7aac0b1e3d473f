# The patterns of pgdbm's guide: one database for several modules, schemas for tenants, placeholders, one order for all.

BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Moving from the patterns of pgdbm''s guide' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        # The guide's first file, with its templates.
        $users = "-- Description: who may log in`nCREATE TABLE {{tables.users}} (id int PRIMARY KEY, email text UNIQUE NOT NULL);`n" +
            "CREATE TABLE {{tables.sessions}} (id uuid PRIMARY KEY, user_id int REFERENCES {{tables.users}}(id) ON DELETE CASCADE);`n" +
            "CREATE INDEX idx_sessions_user ON {{tables.sessions}}(user_id);"
    }

    It 'standalone: templates vanish and the tables are where search_path says' {
        $folder = New-MigrationFolder @{ '001_initial_schema.sql' = $users }
        (Invoke-PgMigration @connection -Path $folder).StatementCount | Should -Be 3
        Invoke-Sql -Database $database.Name "SELECT to_regclass('public.users') IS NOT NULL, to_regclass('public.sessions') IS NOT NULL;" | Should -Be 't|t'
    }

    It 'library mode: the same file in a schema of its own, with its tracking table' -Tag 'parity:P26' {
        $folder = New-MigrationFolder @{ '001_initial_schema.sql' = $users }
        $result = Invoke-PgMigration @connection -Path $folder -Schema MyApp -CreateSchema
        $result.Module | Should -BeExactly 'MyApp'
        $result.Schema | Should -BeExactly 'MyApp'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('""MyApp"".users') IS NOT NULL, to_regclass('""MyApp"".schema_migrations') IS NOT NULL, to_regclass('public.users') IS NULL;" | Should -Be 't|t|t'
        [IO.File]::ReadAllText("$folder/001_initial_schema.sql") | Should -Match '\{\{tables\.users\}\}'
    }

    It 'functions, types and other schemas: {{schema}} and {{tables.other.x}}' {
        Invoke-Sql -Database $database.Name 'CREATE SCHEMA shared;'
        $folder = New-MigrationFolder @{
            '001_orders.sql' = "CREATE TYPE {{schema}}.order_status AS ENUM ('pending', 'shipped');`n" +
                "CREATE TABLE {{tables.orders}} (id int, status {{schema}}.order_status DEFAULT 'pending');`n" +
                "CREATE TABLE {{tables.shared.audit}} (what text);`n" +
                "CREATE FUNCTION {{schema}}.count_orders() RETURNS bigint LANGUAGE plpgsql AS `$`$ BEGIN RETURN (SELECT count(*) FROM {{tables.orders}}); END `$`$;"
        }
        $null = Invoke-PgMigration @connection -Path $folder -Schema app -CreateSchema
        Invoke-Sql -Database $database.Name "SELECT app.count_orders(), to_regtype('app.order_status') IS NOT NULL, to_regclass('shared.audit') IS NOT NULL;" | Should -Be '0|t|t'
    }

    It 'a malformed template is an error with its place, and other braces stay' -Tag 'parity:P28' {
        $folder = New-MigrationFolder @{ '001_a.sql' = "CREATE TABLE t (v text);`nINSERT INTO t VALUES ('{{ index .Options }}');`nSELECT * FROM {{tables.bad-name}};" }
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.FullyQualifiedErrorId | Should -Match '^PlaceholderInvalid,'
        $failure.Exception.Message | Should -Match '001_a\.sql:3:15:'
        Set-MigrationFile $folder '001_a.sql' "CREATE TABLE t (v text);`nINSERT INTO t VALUES ('{{ index .Options }}');"
        $null = Invoke-PgMigration @connection -Path $folder
        Invoke-Sql -Database $database.Name 'SELECT v FROM t;' | Should -Be '{{ index .Options }}'
    }

    It 'values of the deployment: {{vars.x}} with -Variable' {
        $folder = New-MigrationFolder @{ '001_a.sql' = "CREATE TABLE t AS SELECT '{{vars.region}}'::text AS v;" }
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -Match '^PlaceholderInvalid,'
        $null = Invoke-PgMigration @connection -Path $folder -Variable @{ region = 'eu' }
        Invoke-Sql -Database $database.Name 'SELECT v FROM t;' | Should -Be 'eu'
    }

    It 'several modules in one database: each has a 001, and its own history' {
        $auth = New-MigrationFolder @{ '001_initial.sql' = 'CREATE TABLE auth_users(id int);' }
        $billing = New-MigrationFolder @{ '001_initial.sql' = 'CREATE TABLE invoices(id int);' }
        $null = Invoke-PgMigration @connection -Path $auth -Module auth
        $null = Invoke-PgMigration @connection -Path $billing -Module billing
        Invoke-Sql -Database $database.Name 'SELECT module_name, filename FROM schema_migrations ORDER BY id;' |
            Should -Be 'auth|001_initial.sql', 'billing|001_initial.sql'
        (Get-PgMigrationStatus @connection -Path $auth -Module auth -History).FileName | Should -Be '001_initial.sql'
        (Get-PgMigrationStatus @connection -Path $billing -Module billing -Summary).IsUpToDate | Should -BeTrue
    }

    It 'migrate apply --all: folders in a pipeline, in the order they are piped' {
        $services = New-MigrationFolder @{
            'users/migrations/001_initial.sql'   = 'CREATE TABLE users(id int PRIMARY KEY);'
            'billing/migrations/001_initial.sql' = "-- Depends: users:001_initial`nCREATE TABLE invoices(user_id int REFERENCES users);"
        }
        $results = Get-ChildItem $services -Directory | Sort-Object Name -Descending |
            Invoke-PgMigration @connection -Path { "$_/migrations" } -Module { $_.Name }
        $results.Module | Should -Be 'users', 'billing'
        $results.Outcome | Should -Be 'Applied', 'Applied'
    }

    It 'module dependencies: what another module must have applied is checked, not guessed' -Tag 'parity:P40' {
        $users = New-MigrationFolder @{ '001_users.sql' = 'CREATE TABLE users(id int PRIMARY KEY);' }
        $billing = New-MigrationFolder @{ '001_subscriptions.sql' = "-- Depends: users:001_users`nCREATE TABLE subscriptions(user_id int REFERENCES users);" }
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $billing -Module billing }
        $failure.FullyQualifiedErrorId | Should -Match '^ModuleDependencyMissing,'
        $failure.Exception.Message | Should -Match 'users:001_users'
        $null = Invoke-PgMigration @connection -Path $users -Module users
        (Invoke-PgMigration @connection -Path $billing -Module billing).Outcome | Should -Be 'Applied'
    }

    It 'a schema for each tenant: the same folder, once for each' {
        $folder = New-MigrationFolder @{ '001_initial_schema.sql' = $users }
        $results = 'tenant_a', 'tenant_b' | ForEach-Object { [pscustomobject]@{ Schema = $_; Path = $folder } } | Invoke-PgMigration @connection -CreateSchema
        $results.Schema | Should -Be 'tenant_a', 'tenant_b'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('tenant_a.users') IS NOT NULL, to_regclass('tenant_b.users') IS NOT NULL, to_regclass('tenant_a.schema_migrations') IS NOT NULL;" | Should -Be 't|t|t'
    }

    It 'check before a deployment: Test-PgMigration without a database' {
        $folder = New-MigrationFolder @{ '001_initial_schema.sql' = $users; '002_b.sql' = '-- Depends: 009_ghost' }
        (Test-PgMigration $folder).Code | Should -Contain 'DependencyMissing'
        Remove-Item "$folder/002_b.sql"
        Test-PgMigration $folder -Schema app | Should -BeNullOrEmpty
    }
}
