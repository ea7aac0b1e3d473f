BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Test-PgMigration' {
    It 'emits nothing for a good folder, and needs no database' {
        Use-Environment @{ DATABASE_URL = 'postgresql://nobody@127.0.0.1:1/none' } {
            Test-PgMigration -Path (New-MigrationFolder $sampleFiles) | Should -BeNullOrEmpty
        }
    }

    It 'emits every problem as an object with file, line, column, code and message' {
        $folder = New-MigrationFolder @{
            '001_a.sql' = 'SELECT 1;'; '01_b.sql' = 'SELECT 2;'; '003_open.sql' = "SELECT 1;`nSELECT 'open"; 'nothing.sql' = 'SELECT 1;'
            '004_bytes.sql' = [byte[]](0x53, 0x0A, 0xFF); '005_two.sql' = "-- UP`nSELECT 1;`n-- UP`nSELECT 2;"
            '006_vars.sql' = "SELECT '{{vars.x}}';"; '007_dep.sql' = "-- Depends: 099_none`nSELECT 1;"
        }
        $problems = @(Test-PgMigration -Path $folder)
        $problems | ForEach-Object { $_ | Should -BeOfType ([PgMigrate.MigrationProblem]) }
        foreach ($code in 'DuplicateVersion', 'FileNameInvalid', 'FileEncoding', 'PlaceholderInvalid', 'DependencyMissing') {
            $problems.Code | Should -Contain $code
        }
        $open = $problems | Where-Object FileName -EQ '003_open.sql'
        "$($open.Line):$($open.Column)" | Should -Be '2:8'
        $open.FilePath | Should -Be (Join-Path $folder '003_open.sql')
        @($problems | Where-Object FileName -EQ '005_two.sql') | Should -HaveCount 1
        ($problems | Where-Object FileName -EQ '004_bytes.sql').Line | Should -Be 2
        ($problems | Where-Object Code -EQ 'PlaceholderInvalid').ToString() | Should -Match '^006_vars\.sql:1:9: '
    }

    It 'takes a folder with wildcard characters, escaped by -Path and as it is from a piped object' {
        $folder = New-MigrationFolder @{ 'br[1]/001_a.sql' = "SELECT 'open" }
        (Test-PgMigration -Path "$folder/br``[1``]").FileName | Should -Be '001_a.sql'
        ([pscustomobject]@{ Folders = "$folder/br[1]" } | Test-PgMigration).FileName | Should -Be '001_a.sql'
    }

    It 'finds problems in a DOWN section, which an apply does not run' {
        $folder = New-MigrationFolder @{ '001_a.sql' = "-- UP`nSELECT 1;`n-- DOWN`nSELECT '{{vars.x}}';" }
        (Test-PgMigration -Path $folder).Line | Should -Be 4
        Test-PgMigration -Path $folder -Variable @{ x = 1 } | Should -BeNullOrEmpty
    }

    It 'agrees with what Invoke-PgMigration refuses' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{ '001_a.sql' = 'VACUUM;'; '002_b.sql' = 'COPY a FROM STDIN;'; '003_c.sql' = "SELECT 1;`nCOMMIT;" }
        $failure = Get-ErrorOf { Invoke-PgMigration -ConnectionString $database.ConnectionString -Path $folder }
        (Test-PgMigration -Path $folder).Code | Sort-Object | Should -Be ($failure.TargetObject.Problems.Code | Sort-Object)
    }

    It 'accepts files without a version with -AllowUnversioned' {
        $folder = New-MigrationFolder @{ 'cleanup.sql' = 'SELECT 1;' }
        (Test-PgMigration $folder).Code | Should -Be 'FileNameInvalid'
        Test-PgMigration $folder -AllowUnversioned | Should -BeNullOrEmpty
    }

    It 'accepts folders from the pipeline' {
        $place = New-MigrationFolder @{ 'a/001_a.sql' = 'SELECT 1;'; 'b/001_b.sql' = "SELECT 'open" }
        (Get-ChildItem $place -Directory | Test-PgMigration).FileName | Should -Be '001_b.sql'
    }

    It 'refuses a folder that does not exist, and says that one is empty' {
        (Get-ErrorOf { Test-PgMigration -Path (Join-Path $TestDrive 'nowhere') }).FullyQualifiedErrorId | Should -BeLike 'FolderNotFound,*'
        (Test-PgMigration -Path (New-MigrationFolder)).Code | Should -Be 'FolderEmpty'
    }
}
