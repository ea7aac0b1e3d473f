BeforeAll {
    . $PSScriptRoot/common.ps1

    function Invoke-Console {
        # The lines that a person sees: pwsh on a terminal of its own.
        param([string] $Script, [Collections.IDictionary] $Environment = @{})
        $file = Join-Path $TestDrive "c$([Guid]::NewGuid().ToString('n').Substring(0, 8)).ps1"
        [IO.File]::WriteAllText($file, "Import-Module '$manifestPath'`n$Script")
        $text = Use-Environment ($Environment + @{ NO_COLOR = '1'; TERM = 'xterm'; PSModulePath = $null }) {
            script -qec "stty cols 110 rows 50; '$([Environment]::ProcessPath)' -NoProfile -File '$file'" /dev/null
        }
        $text -replace '\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r' | Where-Object { $_.Trim() }
    }
    $hasTerminal = [bool](Get-Command script -CommandType Application -ErrorAction Ignore) -and $IsLinux
}

AfterAll {
    Remove-TestDatabase
}

Describe 'A live console' {
    BeforeEach {
        if (-not $hasTerminal) {
            Set-ItResult -Skipped -Because 'the program script, which gives pwsh a terminal, is not here'
        }
        $database = New-TestDatabase
        $folder = New-MigrationFolder $sampleFiles
    }

    It 'shows all lines of -WhatIf, then the table with the header of its target' {
        $lines = @(Invoke-Console "Invoke-PgMigration -Path '$folder' -WhatIf" $database.Variables)
        $lines[0..2] | ForEach-Object { $_ | Should -Match '^What if: Apply 00\d_' }
        $lines[3].Trim() | Should -Be "Module: default on $($database.Shown)"
        $lines[4] | Should -Match '^\s+Version Outcome'
        $lines[6..8] | ForEach-Object { $_ | Should -Match '^\s+\d WouldApply' }
        $lines.Count | Should -Be 9
    }

    It 'keeps the lines of each target together when several are piped in' {
        $many = New-MigrationFolder @{ 'a/001_x.sql' = 'SELECT 1;'; 'a/002_y.sql' = 'SELECT 1;'; 'b/001_z.sql' = 'SELECT 1;' }
        $lines = @(Invoke-Console "Get-ChildItem '$many' -Directory | Invoke-PgMigration -Path { `$_.FullName } -Module { `$_.Name } -WhatIf" $database.Variables)
        $shape = $lines | ForEach-Object { switch -Regex ($_) { '^What if' { 'if' } 'Module: (\w)' { $Matches[1] } '^\s+\d Would' { 'row' } } }
        $shape -join ' ' | Should -Be 'if if a row row if b row'
    }

    It 'says once that there is nothing to do' {
        $null = Invoke-PgMigration -ConnectionString $database.ConnectionString -Path $folder
        $lines = @(Invoke-Console "Invoke-PgMigration -Path '$folder'" $database.Variables)
        $lines | Should -Be "Nothing to do: default on $($database.Shown) is up to date."
        $lines = @(Invoke-Console "Invoke-PgMigration -Path '$folder' -Summary | ForEach-Object Status" $database.Variables)
        $lines | Should -Be 'UpToDate'
    }
}

Describe 'Progress' {
    It 'keeps the place of a slow file in the run' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{ '001_a.sql' = 'SELECT 1;'; '002_slow.sql' = 'SELECT pg_sleep(2.5);'; '003_c.sql' = 'SELECT 1;' }
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$manifestPath'; Invoke-PgMigration -Path '$folder' -ConnectionString '$($database.ConnectionString)'").Invoke()
            $shown = @($shell.Streams.Progress | ForEach-Object { "$($_.PercentComplete) $($_.StatusDescription)" })
        }
        finally {
            $shell.Dispose()
        }
        $shown | Should -Contain '0 1 of 3: 001_a.sql'
        @($shown -match '^33 2 of 3: 002_slow\.sql: \d s').Count | Should -BeGreaterThan 0
        $shown | Should -Contain '66 3 of 3: 003_c.sql'
    }
}

Describe 'A log of CI' {
    It 'says once that there is nothing to do, unless the output is silenced' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder $sampleFiles
        $null = Invoke-PgMigration -ConnectionString $database.ConnectionString -Path $folder
        $run = Invoke-Pwsh "Invoke-PgMigration -Path '$folder'" -Environment $database.Variables
        $run.Output | Should -Be "Nothing to do: default on $($database.Shown) is up to date."
        $script = "`$a = Invoke-PgMigration -Path '$folder' -InformationAction SilentlyContinue; `$b = Invoke-PgMigration -Path '$folder' 6>`$null; `$c = Invoke-PgMigration -Path '$folder' -InformationAction Ignore; `"`$(@(`$a) + `$b + `$c)`""
        (Invoke-Pwsh $script -Environment $database.Variables).Output | Should -BeNullOrEmpty
        Invoke-PgMigration -ConnectionString $database.ConnectionString -Path $folder -InformationVariable told 6>$null | Should -BeNullOrEmpty
        $told.Count | Should -Be 1
    }
}
