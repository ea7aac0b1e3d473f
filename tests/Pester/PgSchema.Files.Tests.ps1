BeforeAll {
    . $PSScriptRoot/common.ps1

    function New-Place {
        # A path below a new folder; nothing is there.
        param([string] $Name)
        Join-Path (New-MigrationFolder) $Name
    }

    $shop = @'
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text DEFAULT 'a
b');
CREATE TABLE shop."Orders" (id bigint);
CREATE VIEW shop.ids AS SELECT id FROM shop.orders;
CREATE FUNCTION shop.f() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    RETURN 1;
END
$$;
'@
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Export-PgSchema -As Snapshot' {
    BeforeAll {
        $database = New-TestDatabase
        $null = Invoke-Sql $shop -Database $database.Name
    }

    It 'writes a file that reads back as the same schema' {
        $file = New-Place 'out/shop.json'
        (Export-PgSchema $file -As Snapshot -ConnectionString $database.ConnectionString).FullName | Should -Be $file
        $schema = Get-PgSchema -SnapshotPath $file
        $schema.Source | Should -Be $file
        $live = Get-PgSchema -ConnectionString $database.ConnectionString
        $schema.ServerVersion | Should -Be $live.ServerVersion
        $schema.Objects.Definition | Should -Be $live.Objects.Definition
        Compare-PgSchema $schema $live | Should -BeNullOrEmpty
        $again = New-Place 'again.json'
        $null = $schema | Export-PgSchema $again -As Snapshot
        Get-FileHash $again | ForEach-Object Hash | Should -Be (Get-FileHash $file).Hash
    }

    It 'ends lines with LF and writes a body line by line' {
        $file = New-Place 'shop.json'
        $null = Export-PgSchema $file -As Snapshot -ConnectionString $database.ConnectionString
        $text = Get-Content $file -Raw
        $text | Should -Not -Match "`r"
        $text | Should -Match '"    RETURN 1;",'
        ($text | ConvertFrom-Json).format | Should -Be 'pgmigrate-schema'
    }

    It 'compares two snapshots without a database' {
        $before = New-Place 'before.json'
        $null = Export-PgSchema $before -As Snapshot -ConnectionString $database.ConnectionString
        $other = New-TestDatabase
        $null = Invoke-Sql ($shop + 'ALTER TABLE shop.orders ADD COLUMN total numeric;') -Database $other.Name
        $after = New-Place 'after.json'
        $null = Export-PgSchema $after -As Snapshot -ConnectionString $other.ConnectionString
        $change = Compare-PgSchema (Get-PgSchema -SnapshotPath $before -ConnectionString 'Host=nowhere.invalid') -SnapshotPath $after -ConnectionString 'Host=nowhere.invalid'
        $change.Statements | Should -Be 'ALTER TABLE shop.orders ADD COLUMN total numeric'
    }

    It 'compares the database with a snapshot' {
        $own = New-TestDatabase
        $null = Invoke-Sql $shop -Database $own.Name
        $file = New-Place 'shop.json'
        $null = Export-PgSchema $file -As Snapshot -ConnectionString $own.ConnectionString
        Compare-PgSchema -SnapshotPath $file -ConnectionString $own.ConnectionString | Should -BeNullOrEmpty
        $null = Invoke-Sql 'CREATE INDEX by_note ON shop.orders (note);' -Database $own.Name
        (Compare-PgSchema -SnapshotPath $file -ConnectionString $own.ConnectionString).Statements | Should -Be 'DROP INDEX shop.by_note'
    }

    It 'keeps a file that is there, unless -Force is given' {
        $file = New-Place 'shop.json'
        $null = Export-PgSchema $file -As Snapshot -ConnectionString $database.ConnectionString
        { Export-PgSchema $file -As Snapshot -ConnectionString $database.ConnectionString } | Should -Throw -ErrorId 'FileNotWritten*'
        Export-PgSchema $file -As Snapshot -ConnectionString $database.ConnectionString -Force | Should -HaveCount 1
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'SQL'; Text = 'CREATE TABLE t (id int);'; Id = 'SchemaSnapshotInvalid'; Message = '*x.json:1:1: *-SchemaPath*' }
        @{ Case = 'other JSON'; Text = '{ "name": "x" }'; Id = 'SchemaSnapshotInvalid'; Message = '*x.json:1:*format*' }
        @{ Case = 'a newer format'; Text = "{ ""format"": ""pgmigrate-schema"",`n""formatVersion"": 99 }"; Id = 'SchemaSnapshotVersion'; Message = '*x.json:2:1: *format 99*Update PgMigrate*' }
    ) {
        $file = New-Place 'x.json'
        Set-Content $file $Text
        { Get-PgSchema -SnapshotPath $file } | Should -Throw -ErrorId "$Id*" -ExpectedMessage $Message
    }

    It 'refuses a second schema beside a snapshot' {
        { Get-PgSchema -SnapshotPath x.json -SchemaPath . } | Should -Throw -ErrorId 'ParametersContradict*'
        { Export-PgSchema x.json -OutFolder y -ConnectionString $database.ConnectionString } | Should -Throw -ErrorId 'ParametersContradict*'
        { Export-PgSchema -OutFolder y -As Snapshot -ConnectionString $database.ConnectionString } | Should -Throw -ErrorId 'ParametersContradict*'
        { Export-PgSchema -ConnectionString $database.ConnectionString } | Should -Throw -ErrorId 'ParametersContradict*'
    }
}

Describe 'Export-PgSchema -OutFolder' {
    BeforeAll {
        $database = New-TestDatabase
        $null = Invoke-Sql $shop -Database $database.Name
    }

    It 'writes one file an object, which read back as the same schema' {
        $folder = New-Place 'schema'
        $files = Export-PgSchema -OutFolder $folder -ConnectionString $database.ConnectionString
        $files | Should -BeOfType IO.FileInfo
        $names = $files | ForEach-Object { [IO.Path]::GetRelativePath($folder, $_.FullName) -replace '\\', '/' }
        $names | Should -HaveCount 5
        $names | Should -Contain 'schemas/shop.sql'
        $names | Should -Contain 'tables/shop.orders.sql'
        $names | Should -Contain 'functions/shop.f.sql'
        ($names | ForEach-Object ToLowerInvariant | Sort-Object -Unique) | Should -HaveCount 5
        Compare-PgSchema -SchemaPath $folder -ConnectionString $database.ConnectionString | Should -BeNullOrEmpty
        New-PgMigration nothing -Path (New-MigrationFolder @{ '001_shop.sql' = "-- UP`n$shop`n-- DOWN`nDROP SCHEMA shop CASCADE;" }) -SchemaPath $folder -ConnectionString $database.ConnectionString -WarningAction SilentlyContinue |
            Should -BeNullOrEmpty
    }

    It 'refuses a folder with files, and with -Force replaces and removes only what it wrote' {
        $folder = New-Place 'schema'
        $schema = Get-PgSchema -ConnectionString $database.ConnectionString
        $null = $schema | Export-PgSchema -OutFolder $folder
        { $schema | Export-PgSchema -OutFolder $folder -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotWritten*'
        Set-Content (Join-Path $folder 'tables/mine.sql') '-- mine'

        $smaller = Get-PgSchema -ConnectionString (New-TestDatabase).ConnectionString
        $output = $smaller | Export-PgSchema -OutFolder $folder -Force -WhatIf -WarningVariable warnings -WarningAction SilentlyContinue
        $output | Should -BeNullOrEmpty
        $warnings | Should -Match 'mine\.sql'
        Join-Path $folder 'tables/shop.orders.sql' | Should -Exist

        $smaller | Export-PgSchema -OutFolder $folder -Force -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        (Get-ChildItem $folder -Recurse -File).Name | Should -Be 'mine.sql'
    }
}

Describe 'Filters of Compare-PgSchema' {
    BeforeAll {
        $database = New-TestDatabase
        $null = Invoke-Sql $shop -Database $database.Name
        $wanted = Get-PgSchema -ConnectionString $database.ConnectionString
        $null = Invoke-Sql 'CREATE TABLE public.audit_1 (id serial); ALTER TABLE shop.orders ADD COLUMN quick text;' -Database $database.Name
        $place = @{ ConnectionString = $database.ConnectionString; DifferenceSchema = $wanted }
    }

    It 'compares the schemas of -IncludeSchema, and says what was left out' {
        $records = Compare-PgSchema @place -IncludeSchema 'sho*' -Verbose 4>&1
        ($records | Where-Object { $_ -is [PgMigrate.SchemaChange] }).Name | Should -Be 'shop.orders.quick'
        $records | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message | Should -Contain 'Not compared: 2 differences outside the chosen schemas.'
    }

    It 'leaves out the schemas of -ExcludeSchema' {
        (Compare-PgSchema @place -ExcludeSchema public).Name | Should -Be 'shop.orders.quick'
    }

    It 'refuses a name that no schema has' {
        { Compare-PgSchema @place -IncludeSchema shpo } | Should -Throw -ErrorId 'SchemaFilterInvalid*' -ExpectedMessage '*public, shop*'
    }

    It 'takes AcceptedDrift from the settings file' {
        $settings = New-Place 'pgmigrate.settings.psd1'
        Set-Content $settings "@{ AcceptedDrift = @('table public.audit_*', 'column *.quick') }"
        Compare-PgSchema @place -SettingsPath $settings | Should -BeNullOrEmpty
        Compare-PgSchema @place -NoSettings | Should -Not -BeNullOrEmpty
        Set-Content $settings "@{ AcceptedDrift = 'audit_*' }"
        { Compare-PgSchema @place -SettingsPath $settings } | Should -Throw -ErrorId 'SchemaFilterInvalid*'
    }

    It 'leaves out a partition that a job made, unless -StrictPartitions is given' {
        $parted = New-TestDatabase
        $null = Invoke-Sql 'CREATE TABLE log (id int, at date) PARTITION BY RANGE (at); CREATE INDEX log_at ON log (at);' -Database $parted.Name
        $file = New-Place 'log.json'
        $null = Export-PgSchema $file -As Snapshot -ConnectionString $parted.ConnectionString
        $null = Invoke-Sql "CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');" -Database $parted.Name
        Compare-PgSchema -SnapshotPath $file -ConnectionString $parted.ConnectionString | Should -BeNullOrEmpty
        (Compare-PgSchema -SnapshotPath $file -ConnectionString $parted.ConnectionString -StrictPartitions).Name | Should -Contain 'public.log_1'
    }
}
