BeforeAll {
    . $PSScriptRoot/common.ps1

    function New-SchemaFolder {
        # A folder with one file of desired SQL.
        param([string] $Sql)
        $folder = New-MigrationFolder
        Set-Content (Join-Path $folder 'app.sql') $Sql
        $folder
    }

    function Get-ScratchCount {
        [int](Invoke-Sql "SELECT count(*) FROM pg_database WHERE datname LIKE 'pgmigrate_scratch_%';")
    }

    $start = @{ '001_start.sql' = "-- UP`nCREATE TABLE orders (id bigint PRIMARY KEY, note text);`n-- DOWN`nDROP TABLE orders;" }
    $desired = @'
CREATE VIEW big_orders AS SELECT id FROM orders WHERE total > 100;
CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric NOT NULL DEFAULT 0 CHECK (total >= 0));
CREATE INDEX orders_total ON orders (total);
'@
}

AfterAll {
    Remove-TestDatabase
}

Describe 'New-PgMigration -SchemaPath' {
    BeforeEach {
        $database = New-TestDatabase
        $folder = New-MigrationFolder $start
    }

    It 'writes a file that brings the migrations to the desired schema, and back' {
        $schema = New-SchemaFolder $desired
        $before = Get-ScratchCount
        $file = New-PgMigration 'add totals' -Path $folder -SchemaPath $schema -ConnectionString $database.ConnectionString
        $file.Name | Should -Be '002_add_totals.sql'
        Get-ScratchCount | Should -Be $before

        $null = Invoke-PgMigration -Path $folder -ConnectionString $database.ConnectionString
        Compare-PgSchema -SchemaPath $schema -ConnectionString $database.ConnectionString | Should -BeNullOrEmpty
        $null = Undo-PgMigration -Path $folder -ConnectionString $database.ConnectionString -Confirm:$false
        (Get-PgSchema -ConnectionString $database.ConnectionString).Objects.Identity | Should -Not -Contain 'public.big_orders'
    }

    It 'writes the first file into <Case>' -ForEach @(
        @{ Case = 'an empty folder'; Exists = $true }
        @{ Case = 'a folder that is not there yet'; Exists = $false }
    ) {
        $first = Join-Path (New-MigrationFolder) 'first'
        if ($Exists) { $null = New-Item $first -ItemType Directory }
        $file = New-PgMigration 'create orders' -Path $first -SchemaPath (New-SchemaFolder $desired) -ConnectionString $database.ConnectionString
        $file.Name | Should -Be '001_create_orders.sql'
        Get-Content $file -Raw | Should -Match 'CREATE TABLE public\.orders'
    }

    It 'writes no file when there is nothing to do' {
        $schema = New-SchemaFolder 'CREATE TABLE orders (id bigint PRIMARY KEY, note text);'
        New-PgMigration nothing -Path $folder -SchemaPath $schema -ConnectionString $database.ConnectionString -WarningVariable warnings -WarningAction SilentlyContinue |
            Should -BeNullOrEmpty
        $warnings | Should -Match 'no file was written'
    }

    It 'refuses a change that loses data, unless it is allowed' {
        $schema = New-SchemaFolder 'CREATE TABLE orders (id bigint PRIMARY KEY);'
        { New-PgMigration drop -Path $folder -SchemaPath $schema -ConnectionString $database.ConnectionString } |
            Should -Throw -ErrorId 'SchemaLosesData*'
        Get-ChildItem $folder | Should -HaveCount 1
        $file = New-PgMigration drop -Path $folder -SchemaPath $schema -ConnectionString $database.ConnectionString -AllowDataLoss
        Get-Content $file -Raw | Should -Match 'What is lost: column public.orders.note with its values'
    }

    It 'shows the SQL with -WhatIf and writes nothing' {
        $schema = New-SchemaFolder $desired
        $text = New-PgMigration 'add totals' -Path $folder -SchemaPath $schema -ConnectionString $database.ConnectionString -WhatIf 6>&1 | Out-String
        $text | Should -Match 'CREATE VIEW public\.big_orders'
        Get-ChildItem $folder | Should -HaveCount 1
    }

    It 'takes two files for a label that is added and used' {
        Set-Content (Join-Path $folder '002_state.sql') "-- UP`nCREATE TYPE state AS ENUM ('new');`n-- DOWN`nDROP TYPE state;"
        $schema = New-SchemaFolder "CREATE TYPE state AS ENUM ('new', 'sent'); CREATE TABLE orders (id bigint PRIMARY KEY, note text, state state DEFAULT 'sent');"
        $files = New-PgMigration 'add state' -Path $folder -SchemaPath $schema -ConnectionString $database.ConnectionString
        $files.Name | Should -Be '003_add_state_labels.sql', '004_add_state.sql'
        Get-Content $files[1] -Raw | Should -Match '^-- Depends: 003_add_state_labels'
        $null = Invoke-PgMigration -Path $folder -ConnectionString $database.ConnectionString
        Compare-PgSchema -SchemaPath $schema -ConnectionString $database.ConnectionString | Should -BeNullOrEmpty
    }

    It 'takes one file when nothing uses a label that is added' {
        Set-Content (Join-Path $folder '002_state.sql') "-- UP`nCREATE TYPE state AS ENUM ('new');`n-- DOWN`nDROP TYPE state;"
        $schema = New-SchemaFolder "CREATE TYPE state AS ENUM ('new', 'sent'); CREATE TABLE orders (id bigint PRIMARY KEY, note text); CREATE TABLE other (id int);"
        $file = New-PgMigration 'add state' -Path $folder -SchemaPath $schema -ConnectionString $database.ConnectionString
        $file.Name | Should -Be '003_add_state.sql'
    }

    It 'says where SQL does not load' {
        $schema = New-SchemaFolder "CREATE TABLE orders (id bigint PRIMARY KEY);`nCREATE VIEW v AS SELECT * FROM nowhere;"
        { New-PgMigration wrong -Path $folder -SchemaPath $schema -ConnectionString $database.ConnectionString } |
            Should -Throw -ErrorId 'SchemaLoadFailed*' -ExpectedMessage '*app.sql*nowhere*'
    }

    It 'begins with the database when -FromDatabase is given' {
        $null = Invoke-Sql 'CREATE TABLE orders (id bigint PRIMARY KEY, note text);' -Database $database.Name
        $empty = New-MigrationFolder
        $schema = New-SchemaFolder $desired
        $file = New-PgMigration first -Path $empty -SchemaPath $schema -ConnectionString $database.ConnectionString -FromDatabase
        Get-Content $file -Raw | Should -Match 'ALTER TABLE public\.orders ADD COLUMN total'
    }

    It 'does not take -Content beside it' {
        { New-PgMigration both -Path $folder -SchemaPath $folder -Content 'SELECT 1;' -ConnectionString $database.ConnectionString } |
            Should -Throw -ErrorId 'ParametersContradict*'
    }
}

Describe 'New-PgMigration -Rename' {
    BeforeEach {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{
            '001_start.sql' = "-- UP`nCREATE TABLE users (id int PRIMARY KEY, mail text UNIQUE, Note text);`n-- DOWN`nDROP TABLE users;"
        }
        $schema = New-SchemaFolder 'CREATE TABLE people (id int PRIMARY KEY, email text UNIQUE, note text, age int);'
        $to = @{ Path = $folder; ConnectionString = $database.ConnectionString }
    }

    It 'keeps the rows' {
        $null = Invoke-PgMigration @to
        $null = Invoke-Sql "INSERT INTO users VALUES (1, 'a@b.c', 'x');" -Database $database.Name
        $file = New-PgMigration rename -SchemaPath $schema @to -Rename @{ 'public.users' = 'public.people'; 'public.users.mail' = 'public.people.email' }
        Get-Content $file -Raw | Should -Not -Match 'DROP TABLE|What is lost: table'
        $null = Invoke-PgMigration @to
        Invoke-Sql 'SELECT id, email, note, age FROM people;' -Database $database.Name | Should -Be '1|a@b.c|x|'
        Compare-PgSchema -SchemaPath $schema -ConnectionString $database.ConnectionString | Should -BeNullOrEmpty
        $null = Undo-PgMigration @to -Confirm:$false
        Invoke-Sql 'SELECT id, mail, note FROM users;' -Database $database.Name | Should -Be '1|a@b.c|x'
    }

    It 'takes <Case>' -ForEach @(
        @{ Case = 'an ordered dictionary'; Pairs = [ordered] @{ users = 'people'; 'users.mail' = 'people.email' } }
        @{ Case = 'a generic dictionary'; Pairs = & {
                $pairs = [System.Collections.Generic.Dictionary[string, string]]::new([StringComparer]::Ordinal)
                $pairs['users'] = 'people'
                $pairs['users.mail'] = 'people.email'
                $pairs
            }
        }
        @{ Case = 'wrapped values'; Pairs = @{ users = [psobject] 'people'; 'users.mail' = ('people.email' | Write-Output) } }
    ) {
        $file = New-PgMigration rename -SchemaPath $schema @to -Rename $Pairs
        Get-Content $file -Raw | Should -Match 'RENAME COLUMN mail TO email'
    }

    It 'follows the comments of the desired SQL, once' {
        Set-Content (Join-Path $schema app.sql) @'
-- pgmigrate: renamed-from users
CREATE TABLE people (
    id int PRIMARY KEY,
    email text UNIQUE, -- pgmigrate: renamed-from mail
    note text
);
'@
        $file = New-PgMigration rename -SchemaPath $schema @to
        Get-Content $file -Raw | Should -Match 'RENAME TO people'
        New-PgMigration again -SchemaPath $schema @to -WarningVariable warnings -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        $warnings | Should -Match 'no file was written'
    }

    It 'begins with the database when -FromDatabase is given' {
        $null = Invoke-Sql 'CREATE TABLE users (id int PRIMARY KEY, mail text UNIQUE, note text);' -Database $database.Name
        $to.Path = New-MigrationFolder
        $file = New-PgMigration rename -SchemaPath $schema @to -FromDatabase -Rename @{ users = 'people'; 'users.mail' = 'people.email' }
        Get-Content $file -Raw | Should -Match 'RENAME CONSTRAINT users_mail_key TO people_email_key'
    }

    It 'warns of what looks like a rename, with the argument' {
        Set-Content (Join-Path $schema app.sql) 'CREATE TABLE users (id int PRIMARY KEY, mail text UNIQUE, remark text);'
        New-PgMigration rename -SchemaPath $schema @to -AllowDataLoss -WhatIf -WarningVariable warnings -WarningAction SilentlyContinue 6> $null
        $warnings | Should -Match "-Rename @{ 'public.users.note' = 'public.users.remark' }"
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'a name that is none'; Pairs = @{ 'users.' = 'people' }; Id = 'SchemaRenameInvalid*' }
        @{ Case = 'a value that is no text'; Pairs = @{ 'users' = 5 }; Id = 'SchemaRenameInvalid*' }
        @{ Case = 'an object that is not there'; Pairs = @{ 'public.x' = 'public.people' }; Id = 'SchemaRenameNotFound*' }
        @{ Case = 'a new name that is not there'; Pairs = @{ 'users' = 'persons' }; Id = 'SchemaRenameNotFound*' }
    ) {
        { New-PgMigration rename -SchemaPath $schema @to -Rename $Pairs } | Should -Throw -ErrorId $Id
        Get-ChildItem $folder | Should -HaveCount 1
    }

    It 'needs -SchemaPath' {
        { New-PgMigration rename -Path $folder -Rename @{ a = 'b' } } | Should -Throw -ErrorId 'ParametersContradict*'
    }
}

Describe 'New-PgMigration -Online' {
    BeforeEach {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{
            '001_start.sql' = "-- UP`nCREATE TABLE teams (id int PRIMARY KEY);`nCREATE TABLE users (id int, mail text);`n-- DOWN`nDROP TABLE users;`nDROP TABLE teams;"
        }
        $to = @{ Path = $folder; ConnectionString = $database.ConnectionString }
        $null = Invoke-PgMigration @to
        $null = Invoke-Sql "INSERT INTO users SELECT n, 'm' || n FROM generate_series(1, 100) n;" -Database $database.Name
    }

    It 'writes files that depend on each other, apply beside rows and are undone' {
        $schema = New-SchemaFolder @'
CREATE TABLE teams (id int PRIMARY KEY);
CREATE TABLE users (id int PRIMARY KEY, mail text NOT NULL UNIQUE CHECK (mail <> ''), team int REFERENCES teams);
CREATE INDEX ON users (team);
'@
        $files = New-PgMigration 'tighten users' -SchemaPath $schema @to -Online
        $files.Name | Should -Be '002_tighten_users.sql', '003_tighten_users_validate.sql', '004_tighten_users_indexes.sql'
        Get-Content $files[1] -Raw | Should -Match '^-- Depends: 002_tighten_users'
        Get-Content $files[2] -Raw | Should -Match '^-- Depends: 003_tighten_users_validate[\s\S]*-- pgmigrate: no-transaction[\s\S]*CREATE INDEX CONCURRENTLY'
        $results = Invoke-PgMigration @to
        $results.Outcome | Should -Be @('Applied', 'Applied', 'Applied')
        Compare-PgSchema -SchemaPath $schema -ConnectionString $database.ConnectionString | Should -BeNullOrEmpty
        New-PgMigration again -SchemaPath $schema @to -Online -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        $null = Undo-PgMigration @to -Steps 3 -Confirm:$false
        Compare-PgSchema -SchemaPath (New-SchemaFolder 'CREATE TABLE teams (id int PRIMARY KEY); CREATE TABLE users (id int, mail text);') -ConnectionString $database.ConnectionString | Should -BeNullOrEmpty
        Invoke-Sql 'SELECT count(*) FROM users;' -Database $database.Name | Should -Be 100
    }

    It 'writes one file for one index' {
        $schema = New-SchemaFolder 'CREATE TABLE teams (id int PRIMARY KEY); CREATE TABLE users (id int, mail text); CREATE INDEX users_mail ON users (mail);'
        $file = New-PgMigration 'add index' -SchemaPath $schema @to -Online
        $file.Name | Should -Be '002_add_index.sql'
    }

    It 'warns of what locks a table' {
        $schema = New-SchemaFolder 'CREATE TABLE teams (id int PRIMARY KEY); CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY, mail text);'
        $null = New-PgMigration 'add identity' -SchemaPath $schema @to -Online -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -Match 'locks its table'
    }

    It 'needs -SchemaPath' {
        { New-PgMigration x -Path $folder -Online } | Should -Throw -ErrorId 'ParametersContradict*'
    }
}

Describe 'Compare-PgSchema' {
    It 'shows what somebody changed by hand' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder $start
        $null = Invoke-PgMigration -Path $folder -ConnectionString $database.ConnectionString
        Compare-PgSchema -Path $folder -ConnectionString $database.ConnectionString | Should -BeNullOrEmpty
        $null = Invoke-Sql 'ALTER TABLE orders ADD COLUMN quick text;' -Database $database.Name
        $change = Compare-PgSchema -Path $folder -ConnectionString $database.ConnectionString
        $change.Action | Should -Be 'Drop'
        $change.Name | Should -Be 'public.orders.quick'
        $change.Statements | Should -Be 'ALTER TABLE public.orders DROP COLUMN quick'
        $change.LosesData | Should -BeTrue
    }

    It 'compares two schemas that were read' {
        $database = New-TestDatabase
        $current = Get-PgSchema -ConnectionString $database.ConnectionString
        $wanted = Get-PgSchema -SchemaPath (New-SchemaFolder $desired) -ConnectionString $database.ConnectionString
        (Compare-PgSchema $current $wanted).Kind | Should -Be 'table', 'index', 'view'
    }
}

Describe 'Export-PgSchema' {
    It 'writes SQL that makes the same schema' {
        $database = New-TestDatabase
        $schema = New-SchemaFolder $desired
        $file = Join-Path (New-MigrationFolder) 'out/schema.sql'
        (Export-PgSchema $file -SchemaPath $schema -ConnectionString $database.ConnectionString).FullName | Should -Be $file
        $first = Get-PgSchema -SchemaPath $schema -ConnectionString $database.ConnectionString
        $second = Get-PgSchema -SchemaPath $file -ConnectionString $database.ConnectionString
        Compare-PgSchema $first $second | Should -BeNullOrEmpty
        { Export-PgSchema $file -InputObject $first } | Should -Throw -ErrorId 'FileNotWritten*'
        $null = Export-PgSchema $file -InputObject $first -Force
    }
}
