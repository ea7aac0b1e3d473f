BeforeAll {
    . $PSScriptRoot/common.ps1

    $none = @{ GITHUB_ACTIONS = $null; TF_BUILD = $null; GITHUB_WORKSPACE = $null; GITHUB_STEP_SUMMARY = $null; BUILD_SOURCESDIRECTORY = $null; AGENT_TEMPDIRECTORY = $null }
    $nl = "`n"

    function Get-CIEnvironment {
        # The variables of a job on this CI system, whose checkout is a folder.
        param([string] $System, [string] $Checkout)
        $variables = $none.Clone()
        switch ($System) {
            'GithubActions' {
                $variables.GITHUB_ACTIONS = 'true'
                $variables.GITHUB_WORKSPACE = $Checkout
                $variables.GITHUB_STEP_SUMMARY = Join-Path $TestDrive "summary$([Guid]::NewGuid().ToString('n')).md"
            }
            'AzureDevops' {
                $variables.TF_BUILD = 'True'
                $variables.BUILD_SOURCESDIRECTORY = $Checkout
                $variables.AGENT_TEMPDIRECTORY = (New-Item -ItemType Directory (Join-Path $TestDrive "agent$([Guid]::NewGuid().ToString('n'))")).FullName
            }
        }
        $variables
    }

    function Invoke-Job {
        # A script in a fresh pwsh within such a job; Lines are what a runner reads.
        param([string] $Script, [string] $System, [string] $Checkout, $Database, [Collections.IDictionary] $More = @{})
        $variables = Get-CIEnvironment $System $Checkout
        foreach ($name in $More.Keys) { $variables[$name] = $More[$name] }
        $run = Invoke-Pwsh $Script -Environment ($variables + ($Database ? $Database.Variables : @{})) -WorkingDirectory $Checkout
        $run | Add-Member -NotePropertyMembers @{
            Lines     = @("$($run.Output)$nl$($run.Error)" -split '[\n\r\f\v\u0085\u2028\u2029]')
            Variables = $variables
        } -PassThru
    }

    function Get-Obeyed {
        # The lines that a runner obeys: GitHub's those that begin with :: or hold ##[, the agent of Azure DevOps those with ##vso[.
        param([string[]] $Lines)
        $Lines | ForEach-Object { $_ -replace '\x1b\[[0-9;]*m|[\u200b\u00ad\u0001]' } | Where-Object { $_ -match '^\s*::|##\w*\[' }
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Text that looks like a command for a runner' {
    BeforeAll {
        $files = [ordered]@{
            '001_says.sql'  = @'
-- Description: x ::add-mask::taken
\echo ::add-mask::taken
\echo ##[add-mask]taken
\warn ##vso[task.setvariable variable=taken]x
DO $$ BEGIN
  RAISE NOTICE E'n\n::stop-commands::taken';
  RAISE NOTICE E'n\r  ::stop-commands::taken\r\n##[add-mask]taken';
  RAISE NOTICE E'\u00ad::stop-commands::taken\n\x1b[31m::add-mask::taken\n#\x1b[0m#vso[task.complete]taken';
  RAISE WARNING E'in a line ##vso[task.complete result=Failed]taken\n::set-output name=taken::x';
END $$;
SELECT 1 /*
::stop-commands::taken
##vso[task.complete]taken
*/;
CREATE TABLE said (id int);
-- DOWN
DROP TABLE said; /*
::stop-commands::taken
*/
'@.Replace("`r", '')
            '002_fails.sql' = "DO `$`$ BEGIN RAISE EXCEPTION E'n\n::stop-commands::taken' USING DETAIL = E'\r::add-mask::taken', HINT = E'h\n##vso[task.complete]taken'; END `$`$;`n"
        }
        $script = @'
$call = @{ Path = 'migrations' }
Invoke-PgMigration @call -WhatIf
try { Invoke-PgMigration @call -Verbose -InformationAction Continue } catch { "$_"; $_.TargetObject; $_.TargetObject.Error; $_.TargetObject | Format-List }
Invoke-PgMigration @call -Summary -InformationAction Continue
Get-PgMigrationStatus @call
Get-PgMigrationStatus @call -History
Get-PgMigrationStatus @call -History | Out-String
Get-PgMigrationStatus @call -Summary
Get-PgMigration -Path migrations | Format-List
Test-PgMigration -Path migrations
Test-PgMigration -Path broken | Out-String -Width 40
Test-PgMigration -Path broken | Format-List
Remove-Item migrations/001*
Undo-PgMigration @call -Version 1 -WhatIf
Undo-PgMigration @call -Version 1 -UndoSource Recorded -WhatIf
Undo-PgMigration @call -Version 1 -UndoSource Recorded -Verbose -Confirm:$false
Invoke-PgMigration -Path 'not there ::error::taken' -ErrorAction Continue
$ErrorView = 'NormalView'
Invoke-PgMigration @call
Get-Error | Out-Null
exit 0
'@
    }

    It 'is not a command on <_> in the output of a run, a preview, a status, a check and their errors' -ForEach 'None', 'GithubActions', 'AzureDevops' {
        $system = $_
        $folder = New-MigrationFolder
        $files.Keys | ForEach-Object { Set-MigrationFile $folder "migrations/$_" $files[$_] }
        Set-MigrationFile $folder 'broken/001_a_rather_long_name ::error file=taken::x.sql' "SELECT 'not closed"
        if (-not $IsWindows) {
            Set-MigrationFile $folder "migrations/0011_a$nl::stop-commands::taken.sql" 'SELECT 1;'
            Set-MigrationFile $folder "broken/002_b$nl::stop-commands::taken.sql" "SELECT 'not closed"
            Set-MigrationFile $folder "broken/003_b`r##vso[task.complete]taken.sql" "SELECT 'not closed"
        }
        $job = Invoke-Job $script $system $folder (New-TestDatabase)
        $job.ExitCode | Should -Be 0
        ($job.Lines -match 'taken').Count | Should -BeGreaterThan 40 -Because 'the texts are shown'
        $job.Lines | Should -Contain '| : :stop-commands::taken'
        $ours = switch ($system) {
            None { '^never$' }
            GithubActions { '^::(group::(Applying|Undoing) |endgroup::$|(error|warning) (file=[^:,]+,)?(line=\d+,)?(col=\d+,)?title=PgMigrate \w+::)' }
            AzureDevops { '^##(\[group\](Applying|Undoing) |\[endgroup\]$|vso\[task\.(logissue type=(error|warning);(sourcepath=[^\];]+;)?(linenumber=\d+;)?(columnnumber=\d+;)?code=\w+\]|uploadsummary\][^\[]+\.md$))' }
        }
        $obeyed = @(Get-Obeyed $job.Lines)
        $obeyed -cnotmatch $ours | Should -BeNullOrEmpty
        if ($system -ne 'None') { $obeyed.Count | Should -BeGreaterThan 5 }
    }

    It 'stays as it is where it is data' {
        $folder = New-MigrationFolder $files
        $failure = Get-ErrorOf { Invoke-PgMigration -ConnectionString (New-TestDatabase).ConnectionString -Path $folder -WarningAction Ignore }
        $failure.TargetObject.Error.ServerMessage | Should -BeExactly "n$nl::stop-commands::taken"
        ($failure.TargetObject.Error | ConvertTo-Json | ConvertFrom-Json).Hint | Should -BeExactly "h$nl##vso[task.complete]taken"
        ($failure.TargetObject.Error | Select-Object *).PSObject.Properties.Name | Should -Not -Contain 'Server message'
        "$failure" | Should -Match '(?m)^\| : :stop-commands::taken'
    }
}

Describe 'Annotations' {
    BeforeAll {
        $folder = New-MigrationFolder @{
            'db/001_a.sql'       = 'CREATE TABLE a (id int);'
            'db/002_b,c;d].sql'  = "SELECT 1;`n  DO `$`$ BEGIN RAISE EXCEPTION E'50%% off\nnext; line]'; END `$`$;`n"
            'db/003_later.sql'   = 'SELECT 1;'
        }
    }

    It 'appear on GitHub at file, line and column, even when the script catches the error' {
        $job = Invoke-Job "try { Invoke-PgMigration -Path db } catch { 'caught' }" GithubActions $folder (New-TestDatabase)
        $job.Output | Should -Match 'caught'
        $lines = @($job.Lines -match '^::error ')
        $lines.Count | Should -Be 1
        $lines[0] | Should -Match '^::error file=db/002_b%2Cc;d\]\.sql,line=2,col=\d+,title=PgMigrate MigrationFailed::.*50%25 off%0Anext; line\]'
        @($job.Lines -match '^::(end)?group::').ForEach{ $_ } |
            Should -Be '::group::Applying 001_a.sql', '::endgroup::', '::group::Applying 002_b,c;d].sql', '::endgroup::'
    }

    It 'appear in Azure DevOps with their code' {
        $job = Invoke-Job "try { Invoke-PgMigration -Path db } catch { 'caught' }" AzureDevops $folder (New-TestDatabase)
        $lines = @($job.Lines -match '^##vso\[task\.logissue ')
        $lines.Count | Should -Be 1
        $lines[0] | Should -Match '^##vso\[task\.logissue type=error;sourcepath=db/002_b,c%3Bd%5D\.sql;linenumber=2;columnnumber=\d+;code=MigrationFailed\].*50%AZP25 off%0Anext; line\]'
        @($job.Lines -match '^##\[(end)?group\]') | Should -Be '##[group]Applying 001_a.sql', '##[endgroup]', '##[group]Applying 002_b,c;d].sql', '##[endgroup]'
    }

    It 'keep the full path of a file outside of the checkout' {
        $job = Invoke-Job "Test-PgMigration -Path '$(New-MigrationFolder @{ '001_a.sql' = "SELECT 'x" })'" GithubActions $folder
        $job.Lines -match '^::error ' | Should -Match "^::error file=$([regex]::Escape("$TestDrive".Replace(':', '%3A')))"
    }

    It 'come with the worst first, and ten of a kind at most' {
        $many = New-MigrationFolder
        1..12 | ForEach-Object { Set-MigrationFile $many ('db/{0:d3}_a.sql' -f $_) "SELECT 'x" }
        $job = Invoke-Job @'
New-PgMigration first -Path db | Out-Null
$found = Test-PgMigration -Path db
"$(@($found | Where-Object Severity -EQ Error).Count) errors, $(@($found | Where-Object Severity -EQ Warning).Count) warnings"
'@ GithubActions $many
        $job.Output | Should -Match '12 errors, [1-9]\d* warnings'
        $kinds = @($job.Lines | Where-Object { $_ -match '^::(error|warning) ' } | ForEach-Object { $Matches[1] })
        $kinds[0..9] | Should -Be (@('error') * 10)
        $kinds | Select-Object -Skip 10 | Sort-Object -Unique | Should -Be 'warning'
        $job.Output | Should -Match '2 more problems without an annotation'
    }

    It 'survive -Parallel and are records of the information stream' {
        $job = Invoke-Job @"
1..2 | ForEach-Object -Parallel { Import-Module '$manifestPath'; try { Invoke-PgMigration -Path db -Module "m`$_" } catch { 'caught' } }
`$records = try { Invoke-PgMigration -Path db -Module m3 6>&1 } catch { }
"as a record: `$(@(`$records | Where-Object { `$_ -is [Management.Automation.InformationRecord] -and `$_.Tags -contains 'PSHOST' -and "`$_" -like '::error *' }).Count)"
"@ GithubActions $folder (New-TestDatabase)
        @($job.Lines -match '^::error ').Count | Should -Be 2
        $job.Output | Should -Match 'as a record: 1'
    }

    It 'are not written without a CI system, nor for None; a chosen format needs no CI system' {
        @(Get-Obeyed (Invoke-Job 'try { Invoke-PgMigration -Path db } catch { }' None $folder (New-TestDatabase)).Lines) | Should -BeNullOrEmpty
        @(Get-Obeyed (Invoke-Job 'try { Invoke-PgMigration -Path db -CIFormat None } catch { }' GithubActions $folder (New-TestDatabase)).Lines) | Should -BeNullOrEmpty
        (Invoke-Job 'try { Invoke-PgMigration -Path db -CIFormat GithubActions } catch { }' None $folder (New-TestDatabase)).Lines -match '^::error ' | Should -HaveCount 1
    }

    It 'report errors of every cmdlet, also before there is a connection' {
        $job = Invoke-Job "try { Get-PgMigrationStatus -Path nowhere } catch { }; try { Undo-PgMigration -Path db -All -Steps 1 } catch { }" GithubActions $folder (New-TestDatabase)
        $job.Lines -match '^::error ' | Should -Match '^::error title=PgMigrate (FolderNotFound|ParametersContradict)::'
        @($job.Lines -match '^::error ').Count | Should -Be 2
    }
}

Describe 'The summary of the job' {
    BeforeAll {
        $folder = New-MigrationFolder @{
            'db/001_a.sql'       = 'CREATE TABLE a (id int);'
            'db/002_b_[x]_c.sql' = "CREATE ROLE pgm_never PASSWORD 'hunter2' NONSENSE;"
            'db/003_later.sql'   = 'SELECT 1;'
        }
    }

    It 'says on GitHub what ran, how long, what failed and what is pending' {
        $job = Invoke-Job 'try { Invoke-PgMigration -Path db } catch { }; Get-PgMigrationStatus -Path db | Out-Null; Test-PgMigration db' GithubActions $folder (New-TestDatabase)
        $text = [IO.File]::ReadAllText($job.Variables.GITHUB_STEP_SUMMARY)
        $text | Should -Match '(?m)^## Invoke\\-PgMigration: Error$'
        $text | Should -Match '(?m)^\| 001\\_a\.sql \| Applied \| 1 \| [\d.]+ ms \|$'
        $text | Should -Match '(?m)^\| 002\\_b\\_\\\[x\\\]\\_c\.sql \| Failed \| 1 \|'
        $text | Should -Match '(?s)### Error.*MigrationFailed.*```text.*NONSENSE.*```'
        $text | Should -Match '(?s)### Not reached\s+- 003\\_later\.sql'
        $text | Should -Match '(?m)^## Get\\-PgMigrationStatus: 2 pending$'
        $text | Should -Match '(?m)^## Test\\-PgMigration: no problem$'
    }

    It 'and the annotations contain no password' {
        foreach ($system in 'GithubActions', 'AzureDevops') {
            $job = Invoke-Job 'try { Invoke-PgMigration -Path db -Verbose } catch { }' $system $folder (New-TestDatabase)
            $text = $job.Variables.GITHUB_STEP_SUMMARY ? [IO.File]::ReadAllText($job.Variables.GITHUB_STEP_SUMMARY) :
                ((Get-ChildItem $job.Variables.AGENT_TEMPDIRECTORY | ForEach-Object { [IO.File]::ReadAllText($_) }) -join $nl)
            $text | Should -Match 'PASSWORD'
            $text + ($job.Lines -join $nl) | Should -Not -Match 'hunter2'
        }
    }

    It 'is handed to the agent of Azure DevOps as a file' {
        $job = Invoke-Job 'Invoke-PgMigration -Path db -Target 1' AzureDevops $folder (New-TestDatabase)
        $line = @($job.Lines -match '^##vso\[task\.uploadsummary\]')
        $line.Count | Should -Be 1
        $file = $line[0] -replace '^##vso\[task\.uploadsummary\]'
        $file | Should -BeLike "$($job.Variables.AGENT_TEMPDIRECTORY)*.md"
        [IO.File]::ReadAllText($file) | Should -Match '(?m)^## Invoke\\-PgMigration: Success$'
    }

    It 'appends to what other commands wrote, and never goes past 1 MiB' {
        $file = Join-Path $TestDrive 'full.md'
        [IO.File]::WriteAllText($file, "mine`n" + 'x' * (1MB - 305))
        $null = Invoke-Job 'Invoke-PgMigration -Path db -WhatIf' GithubActions $folder (New-TestDatabase) @{ GITHUB_STEP_SUMMARY = $file }
        $text = [IO.File]::ReadAllText($file)
        $text | Should -Match '\Amine'
        $text | Should -Match '1 MiB\.\s*\z'
        (Get-Item $file).Length | Should -BeLessOrEqual 1MB
        $length = (Get-Item $file).Length
        $null = Invoke-Job '1..3 | ForEach-Object { Test-PgMigration db }' GithubActions $folder $null @{ GITHUB_STEP_SUMMARY = $file }
        (Get-Item $file).Length | Should -BeLessOrEqual 1MB
        (Get-Item $file).Length | Should -BeGreaterOrEqual $length
    }

    It 'that cannot be written is a warning, and the run is what it was' {
        $job = Invoke-Job '(Invoke-PgMigration -Path db -Target 1).Outcome' GithubActions $folder (New-TestDatabase) @{ GITHUB_STEP_SUMMARY = (Join-Path $TestDrive 'no/such/folder.md') }
        $job.Output | Should -Match '(?m)^Applied$'
        $job.Output | Should -Match 'WARNING: The summary of the job could not be written'
    }
}
