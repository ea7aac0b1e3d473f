BeforeDiscovery {
    $pages = @(Get-ChildItem (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'docs/cmdlets') -Filter '*-*.md' | ForEach-Object BaseName)
}

BeforeAll {
    . $PSScriptRoot/common.ps1

    function Get-Example {
        # The PowerShell blocks of a page, in order.
        param([string] $File)
        [regex]::Matches(([IO.File]::ReadAllText($File).ReplaceLineEndings("`n")), '(?m)^```powershell\n([\s\S]*?)^```$') | ForEach-Object { $_.Groups[1].Value }
    }

    function New-ExamplePlace {
        New-MigrationFolder @{
            'migrations/001_create_customers.sql'   = "-- UP`nCREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);`n`n-- DOWN`nDROP TABLE customers;`n"
            'migrations/002_add_customer_email.sql' = "-- UP`nALTER TABLE customers ADD COLUMN email text;`n`n-- DOWN`nALTER TABLE customers DROP COLUMN email;`n"
        }
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'The pages in docs/cmdlets' {
    It 'exist for each cmdlet, and for nothing else' {
        Get-ChildItem (Join-Path $root 'docs/cmdlets') -Filter '*-*.md' | ForEach-Object BaseName | Sort-Object |
            Should -Be (Get-Command -Module PgMigrate | ForEach-Object Name | Sort-Object)
    }

    It 'have no text left over from a template' {
        Get-ChildItem (Join-Path $root 'docs') -Recurse -Filter *.md | Select-String -Pattern '\{\{\s*Fill|Insert (alias|description)' -CaseSensitive |
            ForEach-Object { "$($_.Filename):$($_.LineNumber)" } | Should -BeNullOrEmpty
    }

    It 'mention no error id that the catalogue does not have: <_>' -ForEach $pages {
        $text = [IO.File]::ReadAllText((Join-Path $root "docs/cmdlets/$_.md"))
        $notes = [regex]::Matches($text, '(?m)^(Error ids|Codes of warnings)\b.*$').Value
        $notes | Should -Not -BeNullOrEmpty
        $ids = [regex]::Matches($notes, '`([A-Z]\w+)`') | ForEach-Object { $_.Groups[1].Value }
        $ids | Where-Object { -not [PgMigrate.Errors.ErrorCatalogue]::Find($_) } | Should -BeNullOrEmpty
    }

    It 'name each id of the catalogue' {
        $ids = [PgMigrate.Errors.ErrorCatalogue]::All.Code
        $ids.Count | Should -BeGreaterThan 100
        $texts = (Get-ChildItem (Join-Path $root 'docs/cmdlets') | ForEach-Object { [IO.File]::ReadAllText($_.FullName) }) -join "`n"
        $ids | Where-Object { $texts -cnotmatch "\b$_\b" } | Should -BeNullOrEmpty
    }

    It 'describe each supported line of a file, and call no supported line an error' {
        $known = [regex]::Match([IO.File]::ReadAllText((Get-ChildItem (Join-Path $root 'src/PgMigrate.Engine') -Recurse -Filter MigrationHeader.cs).FullName), 'KnownDirectives = "(.+?)"').Groups[1].Value -split ', '
        $known.Count | Should -BeGreaterThan 1
        $lines = [regex]::Match([IO.File]::ReadAllText((Join-Path $root 'docs/cmdlets/about_PgMigrate_Files.help.txt')), '(?ms)^HEADER LINES$.*?^[A-Z]').Value
        $known | ForEach-Object { $lines | Should -Match "-- pgmigrate: $_" }
        $lines | Should -Not -Match 'refused'
    }

    It 'are not what an error points to: the package holds none of docs' {
        Get-ChildItem (Join-Path $root 'src') -Recurse -Filter *.cs | Where-Object FullName -NotMatch '[\\/](obj|bin)[\\/]' |
            Select-String -Pattern '"(?!https:)[^"]*docs/' | ForEach-Object { "$($_.Filename):$($_.LineNumber)" } | Should -BeNullOrEmpty
    }

    It 'agree with the parameters of <_>: types, aliases, sets, positions' -Tag 'Needs Microsoft.PowerShell.PlatyPS' -ForEach $pages {
        $command = Get-Command $_ -Module PgMigrate
        $page = Import-MarkdownCommandHelp (Join-Path $root "docs/cmdlets/$_.md")
        $expected = $command.Parameters.Values | Where-Object Name -NotIn ([Management.Automation.PSCmdlet]::CommonParameters)
        $page.Parameters.Name | Sort-Object | Should -Be ($expected.Name | Sort-Object)
        foreach ($parameter in $expected) {
            $documented = $page.Parameters | Where-Object Name -EQ $parameter.Name
            $documented.Description.Trim().Length | Should -BeGreaterThan 20 -Because "-$($parameter.Name) needs a description"
            ($documented.Aliases | Sort-Object) -join ',' | Should -Be (($parameter.Aliases | Sort-Object) -join ',') -Because "-$($parameter.Name) has these aliases"
            foreach ($set in $parameter.ParameterSets.GetEnumerator()) {
                $shown = $documented.ParameterSets | Where-Object Name -EQ ($set.Key -eq '__AllParameterSets' ? '(All)' : $set.Key)
                $shown | Should -Not -BeNullOrEmpty -Because "-$($parameter.Name) is in set $($set.Key)"
                $shown.IsRequired | Should -Be $set.Value.IsMandatory -Because "-$($parameter.Name)"
                $shown.ValueFromPipelineByPropertyName | Should -Be $set.Value.ValueFromPipelineByPropertyName -Because "-$($parameter.Name)"
                $shown.Position | Should -Be ($set.Value.Position -lt 0 ? 'Named' : "$($set.Value.Position)") -Because "-$($parameter.Name)"
            }
        }
    }

    It 'contain examples that run from top to bottom: <_>' -ForEach $pages {
        $examples = @(Get-Example (Join-Path $root "docs/cmdlets/$_.md"))
        $examples.Count | Should -BeGreaterThan 2
        $database = New-TestDatabase
        $place = New-ExamplePlace
        $script = "`$ErrorActionPreference = 'Stop'`n" + (($examples | ForEach-Object -Begin { $n = 0 } -Process { $n++; "'--- example block $n'"; $_ }) -join "`n") + "`n'--- the end'"
        $run = Invoke-Pwsh $script -Environment $database.Variables -WorkingDirectory $place -Seconds 60
        $run.Error | Should -BeNullOrEmpty -Because "this was the output: $($run.Output)"
        $run.ExitCode | Should -Be 0
        $run.Output | Should -Match '--- the end$'
    }
}

Describe 'The committed help' {
    BeforeAll {
        . (Join-Path $root 'build/Help.ps1')
        $pageFolder = Join-Path $root 'docs/cmdlets'
        $helpFolder = Join-Path $root 'docs/help/en-US'
    }

    It 'was made from the pages as they are: run ./build.ps1 Docs after a change' {
        (Get-Content (Join-Path $helpFolder 'pages.sha256') -Raw).Trim() | Should -Be (Get-PageHash $pageFolder)
    }

    It 'has a hash that a changed, a new and a removed page changes, and line ends do not' {
        $copy = New-MigrationFolder @{ 'Get-A.md' = "one`ntwo`n"; 'Get-B.md' = "b`n"; 'about.md' = 'x' }
        $hash = Get-PageHash $copy
        Set-MigrationFile $copy 'Get-A.md' "one`r`ntwo`r`n"
        Get-PageHash $copy | Should -Be $hash
        Set-MigrationFile $copy 'Get-A.md' "one`ntwO`n"
        Get-PageHash $copy | Should -Not -Be $hash
        Set-MigrationFile $copy 'Get-A.md' "one`ntwo`n"
        Set-MigrationFile $copy 'Get-C.md' ''
        Get-PageHash $copy | Should -Not -Be $hash
        Remove-Item "$copy/Get-C.md", "$copy/Get-B.md"
        Get-PageHash $copy | Should -Not -Be $hash
    }

    It 'is what PlatyPS makes of the pages' -Tag 'Needs Microsoft.PowerShell.PlatyPS' {
        $made = Join-Path $TestDrive 'made'
        $null = Export-CmdletHelp $pageFolder $made
        $file = 'PgMigrate.PowerShell.dll-Help.xml'
        [IO.File]::ReadAllText("$made/$file") | Should -BeExactly ([IO.File]::ReadAllText("$helpFolder/$file").ReplaceLineEndings("`n"))
    }

    It 'is in the built module, with the about topics' {
        foreach ($file in Get-ChildItem $helpFolder -Filter *.xml) {
            (Get-FileHash (Join-Path $modulePath "en-US/$($file.Name)")).Hash | Should -Be (Get-FileHash $file.FullName).Hash
        }
        Get-ChildItem $pageFolder -Filter 'about_*' | ForEach-Object { Join-Path $modulePath "en-US/$($_.Name)" | Should -Exist }
    }

    It 'leads Get-Help -Online of <_> to its page' -ForEach $pages {
        (Get-Command $_ -Module PgMigrate).HelpUri | Should -Be "https://github.com/pgmigrate/pgmigrate/blob/main/docs/cmdlets/$_.md"
        (Get-Help $_).relatedLinks.navigationLink[0].uri | Should -Be "https://github.com/pgmigrate/pgmigrate/blob/main/docs/cmdlets/$_.md"
    }
}

Describe 'Get-Help of the built module' {
    BeforeAll {
        $run = Invoke-Pwsh @'
Get-Command -Module PgMigrate | ForEach-Object {
    $help = Get-Help $_.Name -Full
    [pscustomobject]@{
        Name = $_.Name; Synopsis = $help.Synopsis; Description = ($help.description | Out-String); Examples = @($help.examples.example).Count
        FirstExample = ($help.examples.example[0].code | Out-String)
        Parameters = @($help.parameters.parameter | ForEach-Object { @{ Name = $_.name; Text = ($_.description | Out-String).Trim() } })
        Full = ($help | Out-String -Width 100).Length; Notes = ($help.alertSet | Out-String); Outputs = ($help.returnValues | Out-String)
    }
} | ConvertTo-Json -Depth 5
'@
        $helps = @{}
        $run.Output | ConvertFrom-Json | ForEach-Object { $helps[$_.Name] = $_ }
    }

    It 'shows synopsis, description, parameters, examples, outputs and notes of <_>' -ForEach $pages {
        $help = $helps[$_]
        $help.Synopsis | Should -Match '^[A-Z].*\.$'
        $help.Synopsis | Should -Not -Match ([regex]::Escape($_)) -Because 'the generated syntax is no synopsis'
        $help.Description.Trim().Length | Should -BeGreaterThan 100
        $help.Examples | Should -Be @([regex]::Matches([IO.File]::ReadAllText((Join-Path $root "docs/cmdlets/$_.md")), '(?m)^### Example \d')).Count
        $help.FirstExample.Trim() | Should -Not -BeNullOrEmpty
        $help.Full | Should -BeGreaterThan 2000
        $help.Outputs.Trim() | Should -Not -BeNullOrEmpty
        $names = (Get-Command $_).Parameters.Keys | Where-Object { $_ -notin [Management.Automation.PSCmdlet]::CommonParameters }
        $help.Parameters.Name | Sort-Object | Should -Be ($names | Sort-Object)
        foreach ($parameter in $help.Parameters) {
            $parameter.Text.Length | Should -BeGreaterThan 20 -Because "-$($parameter.Name) needs a text"
        }
    }
}

Describe 'README' {
    It 'shows calls that work: the cmdlets of its PowerShell blocks run from top to bottom' {
        $blocks = @(Get-Example (Join-Path $root 'README.md') | Where-Object { $_ -match '-PgMigration' -and $_ -notmatch 'build\.ps1' })
        $blocks | Should -Not -BeNullOrEmpty
        $database = New-TestDatabase
        $script = "`$ErrorActionPreference = 'Stop'`n`$env:PSModulePath = '$(Split-Path $modulePath)' + [IO.Path]::PathSeparator + `$env:PSModulePath`n" + ($blocks -join "`n") + "`n(Undo-PgMigration -All -Confirm:`$false).Count"
        $run = Invoke-Pwsh $script -Environment $database.Variables -WorkingDirectory (New-MigrationFolder)
        $run.Error | Should -BeNullOrEmpty
        $run.Output | Should -Match '(?s)Applied.*\b2$'
    }

    It 'names only files of the repository in its links' {
        $text = [IO.File]::ReadAllText((Join-Path $root 'README.md'))
        foreach ($link in [regex]::Matches($text, '\]\((?!https?:|#)([^)#]+)') | ForEach-Object { $_.Groups[1].Value } | Select-Object -Unique) {
            Join-Path $root $link | Should -Exist
        }
    }
}
