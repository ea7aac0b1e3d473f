BeforeAll {
    . $PSScriptRoot/common.ps1

    function Get-TypeName {
        param([type] $Type)
        if ($Type.IsArray) { return "$(Get-TypeName $Type.GetElementType())[]" }
        $nullable = [Nullable]::GetUnderlyingType($Type)
        if ($nullable) { return "$(Get-TypeName $nullable)?" }
        if ($Type.IsGenericType) { return "$($Type.Name -replace '`.*')<$(($Type.GetGenericArguments() | ForEach-Object { Get-TypeName $_ }) -join ', ')>" }
        $Type.FullName -replace '^(System\.Management\.Automation|System|PgMigrate)\.', ''
    }

    function Get-Surface {
        # What scripts can depend on, one line each.
        $model = [PgMigrate.MigrationStatus].Assembly
        'exports'
        Get-Command -Module PgMigrate | Sort-Object Name | ForEach-Object { "  $($_.CommandType) $($_.Name)" }
        foreach ($command in Get-Command -Module PgMigrate | Sort-Object Name) {
            $metadata = [Management.Automation.CommandMetadata]::new($command)
            ''
            "$($command.Name)  default set $($command.DefaultParameterSet), confirm impact $($metadata.ConfirmImpact), ShouldProcess $($metadata.SupportsShouldProcess)"
            "  $($command.Name) emits $(($command.OutputType | ForEach-Object { Get-TypeName $_.Type } | Sort-Object) -join ', ')"
            $common = [Management.Automation.PSCmdlet]::CommonParameters
            foreach ($parameter in $command.Parameters.Values | Where-Object Name -NotIn $common | Sort-Object Name) {
                foreach ($set in $parameter.ParameterSets.GetEnumerator() | Sort-Object Key) {
                    $notes = @(
                        if ($set.Value.IsMandatory) { 'mandatory' }
                        if ($set.Value.Position -ge 0) { "position $($set.Value.Position)" }
                        if ($set.Value.ValueFromPipeline) { 'from pipeline' }
                        if ($set.Value.ValueFromPipelineByPropertyName) { 'by property name' }
                        if ($set.Value.ValueFromRemainingArguments) { 'remaining arguments' }
                        if ($parameter.Aliases) { "alias $($parameter.Aliases -join ', ')" }
                        foreach ($attribute in $parameter.Attributes) {
                            switch ($attribute) {
                                { $_ -is [ValidateRange] } { "range $($_.MinRange)..$($_.MaxRange)" }
                                { $_ -is [ValidateSet] } { "set $($_.ValidValues -join ', ')" }
                                { $_ -is [ValidatePattern] } { "pattern $($_.RegexPattern)" }
                                { $_ -is [SupportsWildcards] } { 'wildcards' }
                                { $_ -is [ValidateNotNullOrEmpty] } { 'not empty' }
                            }
                        }
                    )
                    $name = $set.Key -eq '__AllParameterSets' ? '' : " in $($set.Key)"
                    "  $($command.Name) -$($parameter.Name) <$(Get-TypeName $parameter.ParameterType)>$name$($notes ? ': ' + ($notes -join ', ') : '')"
                }
            }
        }
        foreach ($type in $model.GetExportedTypes() | Where-Object IsEnum | Sort-Object Name) {
            ''
            "enum $($type.Name)"
            [Enum]::GetValues($type) | ForEach-Object { "  $($type.Name).$_ = $([int]$_)" }
        }
        foreach ($type in $model.GetExportedTypes() | Where-Object { -not $_.IsEnum } | Sort-Object Name) {
            ''
            "type $($type.Name)"
            # What exceptions have from the framework is its business.
            $type.GetProperties() | Where-Object DeclaringType -NE ([Exception]) | ForEach-Object { "  $($type.Name).$($_.Name) <$(Get-TypeName $_.PropertyType)>" } | Sort-Object
        }
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'The surface that scripts depend on' {
    It 'is the approved one; PGMIGRATE_APPROVE=1 approves a change' {
        $file = Join-Path $PSScriptRoot 'surface.txt'
        $actual = @(Get-Surface)
        if ($env:PGMIGRATE_APPROVE -eq '1') {
            [IO.File]::WriteAllText($file, ($actual -join "`n") + "`n")
        }
        $approved = @([IO.File]::ReadAllLines($file))
        $difference = Compare-Object $approved $actual | ForEach-Object { "$($_.SideIndicator -eq '=>' ? '+' : '-') $($_.InputObject)" }
        ($difference -join "`n") | Should -BeNullOrEmpty -Because 'lines with + are new, lines with - are gone; set PGMIGRATE_APPROVE=1 when that is meant'
        ($actual -join "`n") | Should -BeExactly ($approved -join "`n") -Because 'the order is part of it'
    }

    It 'exports the cmdlets of the manifest and nothing else' {
        $module = Get-Module PgMigrate
        $module.ExportedCommands.Keys | Sort-Object | Should -Be ((Import-PowerShellDataFile $manifestPath).CmdletsToExport | Sort-Object)
        $module.ExportedFunctions.Count + $module.ExportedAliases.Count + $module.ExportedVariables.Count | Should -Be 0
    }

    It 'uses approved verbs' {
        Get-Command -Module PgMigrate | ForEach-Object Verb | Should -BeIn (Get-Verb | ForEach-Object Verb)
    }

    It 'has ShouldProcess wherever something is changed' {
        foreach ($command in Get-Command -Module PgMigrate | Where-Object Verb -NotIn 'Get', 'Test', 'Compare') {
            $command.Parameters.Keys | Should -Contain 'WhatIf' -Because $command.Name
            $command.Parameters.Keys | Should -Contain 'Confirm' -Because $command.Name
        }
    }
}

Describe 'The manifest' {
    It 'passes Test-ModuleManifest without a warning' {
        $manifest = Test-ModuleManifest $manifestPath -WarningVariable warnings -ErrorVariable problems
        $warnings | Should -BeNullOrEmpty
        $problems | Should -BeNullOrEmpty
        $manifest.PowerShellVersion | Should -Be '7.4'
        $manifest.CompatiblePSEditions | Should -Be 'Core'
    }

    It 'has the version of the assemblies and of the newest entry in CHANGELOG.md' {
        $version = (Import-PowerShellDataFile $manifestPath).ModuleVersion
        foreach ($file in Get-ChildItem $modulePath -Recurse -Filter 'PgMigrate*.dll') {
            $file.VersionInfo.ProductVersion | Should -Match "^$([regex]::Escape($version))" -Because $file.Name
        }
        Get-Content (Join-Path $root 'CHANGELOG.md') -Raw | Should -Match ([regex]::Escape($version))
    }

    It 'spells every export out, so that the module is found without being loaded' {
        $manifest = Import-PowerShellDataFile $manifestPath
        "$($manifest.CmdletsToExport + $manifest.FunctionsToExport + $manifest.AliasesToExport + $manifest.VariablesToExport)" | Should -Not -Match '\*'
    }
}

Describe 'Scripts' {
    It 'find the server, although none of its programs is on the path' {
        $file = Join-Path $root 'tests/Infrastructure/TestServer.ps1'
        . $file
        $bin = Find-PostgresBin
        $run = Invoke-Pwsh -Bare @"
Set-StrictMode -Version 3.0
`$ErrorActionPreference = 'Stop'
. '$file'
`$env:PATH = '$TestDrive'
Find-PostgresBin
"@ -Environment @{ PGMIGRATE_POSTGRES_BIN = $bin }
        $run.Error | Should -BeNullOrEmpty
        $run.Output | Should -Be $bin
    }

    It 'are clean for PSScriptAnalyzer: <_>' -Tag 'Needs PSScriptAnalyzer' -ForEach @(
        $here = Split-Path (Split-Path $PSScriptRoot)
        @('build.ps1', 'PgMigrate.psd1') + @(Get-ChildItem (Join-Path $here 'tests'), (Join-Path $here 'build') -Recurse -Include '*.ps1', '*.psd1' | ForEach-Object { [IO.Path]::GetRelativePath($here, $_.FullName).Replace('\', '/') })
    ) {
        $found = Invoke-ScriptAnalyzer (Join-Path $root $_) -Settings (Join-Path $PSScriptRoot 'PSScriptAnalyzerSettings.psd1')
        ($found | ForEach-Object { "$($_.ScriptName):$($_.Line): $($_.RuleName): $($_.Message)" }) -join "`n" | Should -BeNullOrEmpty
    }
}

Describe 'Views' {
    BeforeAll {
        $database = New-TestDatabase
        $long = 'a_migration_with_a_rather_long_name_that_says_in_many_words_what_it_does_and_why'
        $folder = New-MigrationFolder ($sampleFiles + @{ "20251025120000_$long.sql" = 'SELECT 1/0;'; '20251025130000_next.sql' = 'SELECT 1;' })
        $call = @{ ConnectionString = $database.ConnectionString; Path = $folder }
        $preview = Invoke-PgMigration @call -WhatIf 3>$null
        $results = Invoke-PgMigration @call -Target 3 3>$null
        $failure = Get-ErrorOf { Invoke-PgMigration @call }
        $shown = @{
            MigrationStatus        = Get-PgMigrationStatus @call 3>$null
            MigrationResult        = @($preview) + @($results) + $failure.TargetObject.Results
            MigrationLogEntry      = Get-PgMigrationStatus @call -History
            MigrationStatusSummary = Get-PgMigrationStatus @call -Summary 3>$null
            MigrationRunSummary    = $failure.TargetObject
            MigrationFile          = Get-PgMigration -Path $folder -WarningAction SilentlyContinue
            MigrationProblem       = [PgMigrate.MigrationProblem]@{ Code = 'FileEncoding'; Message = 'A message that is long enough to need a second line in a window of eighty columns.'; FileName = '001.sql'; Line = 2 }
        }
    }

    It 'have room for each <Enum>' -ForEach @(
        @{ Enum = 'MigrationState'; Column = 'State' }, @{ Enum = 'MigrationOutcome'; Column = 'Outcome' }
    ) {
        $header = Select-Xml -Path (Join-Path $root 'PgMigrate.Format.ps1xml') -XPath "//TableColumnHeader[Label='$Column']/Width"
        [Enum]::GetNames("PgMigrate.$Enum") | Where-Object Length -GT ([int]$header.Node.InnerText) | Should -BeNullOrEmpty
    }

    It 'show what a baseline records, and no time for it' {
        $fresh = (New-TestDatabase).ConnectionString
        $recorded = Invoke-PgMigration -ConnectionString $fresh -Path $folder -Baseline 2
        $recorded | Out-String | Should -Match 'Recorded' -Because 'each step is'
        $recorded | Out-String | Should -Not -Match ' ms '
        (Invoke-Pwsh "Undo-PgMigration -Path '$folder' -All -WhatIf" -Environment @{ DATABASE_URL = $fresh }).Output |
            Should -Match 'Undo 002_add_email — 1 statement, one transaction, although it was recorded by a baseline'
        Invoke-PgMigration -ConnectionString (New-TestDatabase).ConnectionString -Path $folder -Baseline 2 -Summary | Out-String | Should -Match '(?m)Recorded.*\s+-+.*\sSuccess +0 +0 +2 '
    }

    It 'exists for <_> and fits into 80 columns' -ForEach 'MigrationStatus', 'MigrationResult', 'MigrationLogEntry', 'MigrationStatusSummary', 'MigrationRunSummary', 'MigrationProblem', 'MigrationFile' {
        Get-FormatData "PgMigrate.$_" | Should -Not -BeNullOrEmpty
        $rows = @($shown[$_])
        $rows | Should -Not -BeNullOrEmpty
        $rows[0].GetType().Name | Should -Be $_
        $lines = ($rows | Out-String -Width 80) -split '\r?\n'
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        # The same in a wide window: no column may only fit because it was cut off.
        if ($_ -in 'MigrationStatus', 'MigrationResult', 'MigrationFile') {
            ($rows | Out-String -Width 200) | Should -Match $long
        }
        ($rows | Out-String -Width 80) | Should -Match ($_ -like '*Summary' ? 'Applied' : $_ -eq 'MigrationProblem' ? '001\.sql:2' : '001_create_customers')
    }

    It 'cut no version at its front, and nothing of a problem or of the place of a failure' {
        $versions = '2023.11.05.14.22.33.001', '20251025120000', '1.10'
        $many = New-MigrationFolder @{ "V$($versions[0])__a.sql" = 'SELECT 1;'; "V$($versions[1])__b.sql" = 'SELECT 1;'; "V$($versions[2])__c.sql" = 'SELECT 1;' }
        foreach ($rows in (Get-PgMigration -Path $many), (Invoke-PgMigration -ConnectionString (New-TestDatabase).ConnectionString -Path $many 6>$null)) {
            $text = $rows | Out-String -Width 100
            $text | Should -Not -Match '\u2026'
            $text -replace '(?m)^ *(\S*).*$', '$1' -replace '\s' | Should -Match ([regex]::Escape('2023.11.5.14.22.33.1')) -Because 'that is the version without leading zeros'
        }
        $name = '004_a_file_with_a_rather_long_name_that_needs_two_lines.sql'
        $problem = [PgMigrate.MigrationProblem]@{ Code = 'AnnotationInsideStatement'; Message = 'word ' * 40; FileName = $name; Line = 120; Column = 3 }
        $lines = ($problem | Out-String -Width 100) -split '\r?\n' | Where-Object { $_.Trim() }
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 100
        ($lines | Select-Object -Skip 2 | ForEach-Object { $_.PadRight(28).Substring(0, 28).Trim() }) -join '' | Should -Be "${name}:120:3"
        ($shown.MigrationRunSummary | Out-String -Width 100) | Should -Match '(?m)^Error .*20251025120000_a_'
    }

    It 'have a header for each target, of results and of summaries too' {
        $text = @($shown.MigrationResult) + @(Invoke-PgMigration -ConnectionString (New-TestDatabase).ConnectionString -Path $folder -Target 1 -Module other) | Out-String
        [regex]::Matches($text, 'Module: (default|other) on ').Count | Should -Be 2
        $shown.MigrationRunSummary | Out-String | Should -Match 'Module: default on '
    }

    It 'shows local times in views while the data keep their offset' {
        $row = @($shown.MigrationStatus)[0]
        ($row | Out-String) | Should -Match ([regex]::Escape($row.AppliedAt.LocalDateTime.ToString('yyyy-MM-dd HH:mm')))
        $row.AppliedAt.Offset | Should -Be ([TimeSpan]::Zero)
    }

    It 'streams: the first row is there before the last one was made' {
        $first = [Collections.Generic.List[string]]::new()
        @($shown.MigrationResult) | ForEach-Object { $first.Add('made'); $_ } | Out-String -Stream | ForEach-Object { if ($_ -match '\S') { $first.Add('line') } }
        $first.IndexOf('line') | Should -BeLessThan $first.LastIndexOf('made')
    }
}
