BeforeAll {
    . $PSScriptRoot/common.ps1

    function New-Project {
        # A repository with migrations, a folder below it, and this settings file.
        param([string] $Settings, [Collections.IDictionary] $Files = $sampleFiles)
        $folder = New-MigrationFolder
        $null = New-Item -ItemType Directory (Join-Path $folder '.git'), (Join-Path $folder 'src/deep')
        $Files.Keys | ForEach-Object { Set-MigrationFile $folder "database/$_" $Files[$_] }
        if ($Settings) { Set-MigrationFile $folder 'pgmigrate.settings.psd1' $Settings }
        $folder
    }

    function Use-Folder {
        param([string] $Folder, [scriptblock] $Script)
        Push-Location -LiteralPath $Folder
        try { & $Script } finally { Pop-Location }
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'A settings file' {
    It 'gives folder, module, schema and variables to each cmdlet, from a folder below the repository''s root too' {
        $database = New-TestDatabase
        $project = New-Project @"
@{
    Path     = 'database'
    Module   = 'billing'
    Schema   = 'billing'
    Variable = @{ who = 'Ada' }
    ConnectionString = '$($database.ConnectionString)'
    'Invoke-PgMigration' = @{ CreateSchema = `$true; LockTimeout = '3s' }
}
"@ @{ '001_a.sql' = "-- UP`nCREATE TABLE a (name text DEFAULT '{{vars.who}}');`n-- DOWN`nDROP TABLE a;`n"; '002_b.sql' = "SELECT 1;" }
        foreach ($place in '', 'src/deep') {
            Use-Folder (Join-Path $project $place) {
                (Get-PgMigration).FileName | Should -Be '001_a.sql', '002_b.sql'
                Test-PgMigration | Should -BeNullOrEmpty
            }
        }
        Use-Folder (Join-Path $project 'src/deep') {
            $said = Invoke-PgMigration -Verbose 4>&1
            @($said -match "^Settings: .*\bLockTimeout\b.* from $([regex]::Escape($project)).pgmigrate\.settings\.psd1\.$") | Should -HaveCount 1
            ($said | Where-Object { $_ -is [PgMigrate.MigrationResult] }).Outcome | Should -Be 'Applied', 'Applied'
            $state = Get-PgMigrationStatus -Summary
            $state.Module | Should -Be 'billing'
            $state.IsUpToDate | Should -BeTrue
            Invoke-Sql -Database $database.Name 'SELECT count(*) FROM billing.schema_migrations;' | Should -Be '2'
            (Undo-PgMigration -Version 1 -Confirm:$false).Outcome | Should -Be 'Undone'
            (New-PgMigration next -Content 'SELECT 2;').FullName | Should -Be (Join-Path $project 'database/003_next.sql')
        }
    }

    It 'is overruled by the call, by $PSDefaultParameterValues and by a piped object' {
        $project = New-Project "@{ Path = 'database'; Schema = 'one'; Variable = @{} }"
        $other = New-MigrationFolder @{ '007_seven.sql' = 'SELECT 7;' }
        Use-Folder $project {
            (Get-PgMigration -Path $other).FileName | Should -Be '007_seven.sql'
            (Get-PgMigration -LiteralPath $other).FileName | Should -Be '007_seven.sql'
            (Get-Item $other | Get-PgMigration).FileName | Should -Be '007_seven.sql'
            ([pscustomobject]@{ Path = $other }, [pscustomobject]@{ LiteralPath = $other } | Get-PgMigration).FileName | Should -Be '007_seven.sql', '007_seven.sql'
            $PSDefaultParameterValues = @{ 'Get-PgMigration:Path' = $other }
            (Get-PgMigration).FileName | Should -Be '007_seven.sql'
        }
    }

    It 'names no database where the call or a piped object names one in another way' {
        $database = New-TestDatabase
        $project = New-Project "@{ Path = 'database'; ConnectionName = 'nowhere'; HistoryTable = 'history' }"
        Use-Folder $project {
            (Get-ErrorOf { Get-PgMigrationStatus }).FullyQualifiedErrorId | Should -BeLike 'ConnectionNameUnset,*'
            $rows = Get-PgMigrationStatus -ConnectionString $database.ConnectionString
            $rows | Should -HaveCount 3
            ($rows | Invoke-PgMigration).Outcome | Should -Be 'Applied', 'Applied', 'Applied'
            ([pscustomobject]@{ HostName = $server.HostName; Port = $server.Port; UserName = $server.UserName; Database = $database.Name } |
                Get-PgMigrationStatus -Summary).Applied | Should -Be 3
            Invoke-Sql -Database $database.Name "SELECT to_regclass('history') IS NOT NULL;" | Should -Be 't'
        }
    }

    It 'prefers the entry of the cmdlet to the entry for all, and accepts an alias of a parameter' {
        $project = New-Project "@{ Folder = 'nothing'; 'Get-PgMigration' = @{ Folders = @('database') } }"
        Use-Folder $project {
            Get-PgMigration | Should -HaveCount 3
            (Get-ErrorOf { Test-PgMigration }).FullyQualifiedErrorId | Should -BeLike 'Folder*,*'
        }
    }

    It 'is not read with -NoSettings, or another one with -SettingsPath' {
        $project = New-Project "@{ Path = 'database' }"
        $other = New-MigrationFolder @{ 'm/009_nine.sql' = 'SELECT 9;'; 'mine.psd1' = "@{ Path = 'm' }" }
        Use-Folder $project {
            (Get-ErrorOf { Get-PgMigration -NoSettings }).FullyQualifiedErrorId | Should -BeLike 'Folder*,*'
            (Get-PgMigration -SettingsPath "$other/mine.psd1").FileName | Should -Be '009_nine.sql'
            (Get-ErrorOf { Get-PgMigration -SettingsPath "$other/none.psd1" }).FullyQualifiedErrorId | Should -BeLike 'SettingsNotFound,*'
            (Get-ErrorOf { Get-PgMigration -SettingsPath "$other/mine.psd1" -NoSettings }).FullyQualifiedErrorId | Should -BeLike 'ParametersContradict,*'
        }
    }

    It 'is searched only in parents within a repository, and not beyond its root' {
        $outer = New-MigrationFolder @{ 'pgmigrate.settings.psd1' = "@{ Path = 'nothing' }"; 'inner/migrations/001_a.sql' = 'SELECT 1;'; 'inner/deep/x' = '' }
        Use-Folder (Join-Path $outer 'inner') {
            (Get-PgMigration).FileName | Should -Be '001_a.sql' -Because 'outside a repository only the current folder counts'
            # In a work tree, .git is a file.
            Set-MigrationFile $outer 'inner/.git' 'gitdir: elsewhere'
            (Get-PgMigration).FileName | Should -Be '001_a.sql' -Because 'this is the root'
            Set-MigrationFile $outer 'inner/pgmigrate.settings.psd1' "@{ Path = 'migrations' }"
            Use-Folder (Join-Path $outer 'inner/deep') { (Get-PgMigration).FileName | Should -Be '001_a.sql' }
        }
    }

    It 'is refused with its line when <Shown>' -ForEach @(
        @{ Shown = 'it holds a command'; Text = "@{`n Path = (Get-Date)`n}"; Line = 2; Says = '*not data*' }
        @{ Shown = 'it holds a variable'; Text = "@{ Path = `"`$env:HOME/x`" }"; Line = 1; Says = '*not data*' }
        @{ Shown = 'it is a script'; Text = "`$x = 1`n@{ Path = 'a' }"; Line = 1; Says = '*one hashtable*' }
        @{ Shown = 'it is a list'; Text = "@('a')"; Line = 1; Says = '*one hashtable*' }
        @{ Shown = 'it is empty'; Text = ''; Line = 1; Says = '*one hashtable*' }
        @{ Shown = 'it cannot be parsed'; Text = "@{`n Path = `n}"; Line = 2; Says = '*' }
        @{ Shown = 'a key is no parameter'; Text = "@{`n`n Pfad = 'a' }"; Line = 3; Says = '*Pfad*' }
        @{ Shown = 'a cmdlet has no such parameter'; Text = "@{ 'Get-PgMigration' = @{`n LockWait = '1s' } }"; Line = 2; Says = '*LockWait*' }
        @{ Shown = 'a cmdlet is not there'; Text = "@{ 'Get-PgThing' = @{`n Path = 'a' } }"; Line = 2; Says = '*Get-PgThing*' }
        @{ Shown = 'a cmdlet has no hashtable'; Text = "@{ 'Get-PgMigration' = 'database' }"; Line = 1; Says = '*hashtable*' }
        @{ Shown = 'it chooses migrations'; Text = "@{ Version = '1' }"; Line = 1; Says = '*cannot be a setting*' }
        @{ Shown = 'it switches confirmation off'; Text = "@{ Confirm = `$false }"; Line = 1; Says = '*Confirm*' }
        @{ Shown = 'a value does not fit its parameter'; Text = "@{ Path = 'database'; AllowUnversioned = 'perhaps' }"; Line = 1; Says = '*AllowUnversioned*' }
        @{ Shown = 'a value is not valid'; Text = "@{ Path = '' ; CIFormat = 'Jenkins' }"; Line = 1; Says = '*' }
        @{ Shown = 'a connection string has a password'; Text = "@{`n ConnectionString = 'Host=h;Username=u;Password=hunter2' }"; Line = 2; Says = '*contains a password*' }
        @{ Shown = 'a URI has a password'; Text = "@{`n ConnectionString = 'postgresql://u:hunter2@h/d' }"; Line = 2; Says = '*contains a password*' }
        @{ Shown = 'a variable has a password'; Text = "@{ Variable = @{ app_password = 'hunter2' } }"; Line = 1; Says = '*contains a password*' }
        @{ Shown = 'a variable has a connection with one'; Text = "@{ Variable = @{ remote = 'host=h password=hunter2' } }"; Line = 1; Says = '*contains a password*' }
    ) {
        $project = New-Project $Text
        if (-not $Text) { Set-MigrationFile $project 'pgmigrate.settings.psd1' '' }
        Use-Folder $project {
            $failure = Get-ErrorOf { Get-PgMigration }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SettingsInvalid,*'
            $failure.Exception.Message | Should -BeLike "$([wildcardpattern]::Escape($project))*pgmigrate.settings.psd1:${Line}: $Says"
            "$($failure | Out-String)$($failure.Exception | Format-List * -Force | Out-String)" | Should -Not -BeLike '*hunter2*'
        }
    }

    It 'has durations, choices and numbers checked as the call would: <Setting>' -ForEach @(
        @{ Setting = "LockTimeout = 'soon'"; Fits = $false }, @{ Setting = "LockTimeout = '3s'"; Fits = $true }
        @{ Setting = "SslMode = 'Sometimes'"; Fits = $false }, @{ Setting = "SslMode = 'Disable'"; Fits = $true }
        @{ Setting = 'Port = 70000'; Fits = $false }, @{ Setting = "ConnectionName = 'a b'"; Fits = $false }
    ) {
        $database = New-TestDatabase
        $project = New-Project "@{ Path = 'database'; $Setting }"
        Use-Folder $project {
            $call = { Invoke-PgMigration -WhatIf -ConnectionString $database.ConnectionString }
            if ($Fits) {
                & $call 6>$null | Should -HaveCount 3
            }
            else {
                # Port and ConnectionName are not used beside -ConnectionString; without it they have to fit.
                (Get-ErrorOf { Use-Environment $database.Variables { Invoke-PgMigration -WhatIf } }).FullyQualifiedErrorId | Should -BeLike 'SettingsInvalid,*'
            }
        }
    }
}
