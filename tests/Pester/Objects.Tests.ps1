BeforeAll {
    . $PSScriptRoot/common.ps1
    $database = New-TestDatabase
    $folder = New-MigrationFolder ($sampleFiles + @{ '004_bad.sql' = "SELECT 1;`nSELECT *`n  FROM not_there;" })
    $connectionString = $database.ConnectionString
    $call = @{ ConnectionString = $connectionString; Path = $folder }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Output objects' {
    BeforeAll {
        $results = @(Invoke-PgMigration @call -Target 3)
        $failure = Get-ErrorOf { Invoke-PgMigration @call }
        $statuses = @(Get-PgMigrationStatus @call)
    }

    It 'are true in a condition, whatever their outcome' {
        @($results | Where-Object Outcome).Count | Should -Be 3
        @($results | Where-Object Direction).Count | Should -Be 3
        @($statuses | Where-Object State).Count | Should -Be 4
        $failure.TargetObject.Status ? 'true' : 'false' | Should -Be 'true'
    }

    It 'compare with text and with the enum, on both sides, in -in and in switch' {
        $result = $results[0]
        $result.Outcome -eq 'Applied' | Should -BeTrue
        $result.Outcome -eq 'applied' | Should -BeTrue
        $result.Outcome -eq [PgMigrate.MigrationOutcome]::Applied | Should -BeTrue
        [PgMigrate.MigrationOutcome]::Applied -eq $result.Outcome | Should -BeTrue
        $result.Outcome -ne [PgMigrate.MigrationOutcome]::Failed | Should -BeTrue
        $result.Outcome -in [PgMigrate.MigrationOutcome]::Failed, [PgMigrate.MigrationOutcome]::Applied | Should -BeTrue
        $result.Is([PgMigrate.MigrationOutcome]::Applied) | Should -BeTrue
        $result.Is([PgMigrate.MigrationDirection]::Undo) | Should -BeFalse
        $text = switch ($result.Outcome) { 'Failed' { 'no' } 'Applied' { 'text' } }
        $enum = switch ($result.Outcome) { ([PgMigrate.MigrationOutcome]::Failed) { 'no' } ([PgMigrate.MigrationOutcome]::Applied) { 'enum' } }
        "$text $enum" | Should -Be 'text enum'
        @{ Applied = 'key' }[$result.Outcome] | Should -Be 'key'
        ($statuses | Group-Object State).Name | Should -Be 'Applied', 'Pending'
    }

    It 'keep their words in JSON, CSV, Clixml and a job' {
        ($results | ConvertTo-Json -Depth 3 | ConvertFrom-Json).Outcome | Should -Be 'Applied', 'Applied', 'Applied'
        ($failure.TargetObject | ConvertTo-Json -Depth 4 | ConvertFrom-Json).Status | Should -Be 'Error'
        ($results | ConvertTo-Csv | ConvertFrom-Csv).Direction | Should -Be 'Apply', 'Apply', 'Apply'
        $file = Join-Path $TestDrive 'results.xml'
        @($statuses) + $failure.TargetObject | Export-Clixml $file
        $read = Import-Clixml $file
        $read[0].State | Should -BeOfType string
        "$($read[0].State) $($read[3].State) $($read[4].Status) $($read[4].Results[0].Outcome)" | Should -Be 'Applied Pending Error Failed'
        @($read[0..3] | Where-Object State -EQ Applied).Count | Should -Be 3
        $job = Start-Job { Import-Module $using:manifestPath; Get-PgMigrationStatus -ConnectionString $using:connectionString -Path $using:folder }
        ($job | Receive-Job -Wait -AutoRemoveJob).State | Should -Be 'Applied', 'Applied', 'Applied', 'Pending'
    }

    It 'sort and compare by VersionKey as versions do, wherever they come from' {
        $names = 'V1__a', 'V1.9__b', 'V1.10__c', 'V002__d', 'V2023.11.05.14.22.33.001__e', 'V20251025120000__f', 'V99999999999999999999999__g', 'R__h'
        $many = New-MigrationFolder ($names | ForEach-Object { @{ "$_.sql" = 'SELECT 1;' } } | ForEach-Object -Begin { $all = @{} } -Process { $all += $_ } -End { $all })
        $expected = (Get-PgMigration -Path $many).Name
        $expected | Should -Be $names
        (Get-PgMigration -Path $many | Get-Random -Shuffle | Sort-Object VersionKey).Name | Should -Be $names
        (Get-PgMigration -Path $many | Get-Random -Shuffle | Sort-Object VersionKey -Culture tr-TR).Name | Should -Be $names
        (Get-PgMigration -Path $many | ConvertTo-Csv | ConvertFrom-Csv | Sort-Object VersionKey -Descending)[-1].Name | Should -Be 'V1__a'
        $keys = (Get-PgMigration -Path $many).VersionKey
        1..7 | ForEach-Object { $keys[$_ - 1] -lt $keys[$_] | Should -BeTrue; [string]::CompareOrdinal($keys[$_ - 1], $keys[$_]) | Should -BeLessThan 0 }
        $other = @{ ConnectionString = (New-TestDatabase).ConnectionString; Path = $many }
        (Invoke-PgMigration @other | Sort-Object VersionKey).Name | Should -Be $names
        (Get-PgMigrationStatus @other | Sort-Object VersionKey).Name | Should -Be $names
        (Get-PgMigrationStatus @other -History | Sort-Object VersionKey).FileName | Should -Be ($names | ForEach-Object { "$_.sql" })
    }
}

Describe 'Ranges' {
    BeforeAll {
        $other = @{ ConnectionString = (New-TestDatabase).ConnectionString; Path = (New-MigrationFolder $sampleFiles) }
        $null = Invoke-PgMigration @other
    }

    It 'choose statuses and lines of the log, both ends included, whether the bounds exist or not' {
        (Get-PgMigrationStatus @other -From 2 -To 3).Version | Should -Be '2', '3'
        (Get-PgMigrationStatus @other -From 1.5).Version | Should -Be '2', '3'
        (Get-PgMigrationStatus @other -To 002_add_email).Version | Should -Be '1', '2'
        Get-PgMigrationStatus @other -From 150 -To 200 | Should -BeNullOrEmpty
        (Get-PgMigrationStatus @other -History -From 2 -Last 1).Version | Should -Be '3'
    }

    It 'are errors when a bound has no version, in the wrong order, and with another choice' {
        (Get-ErrorOf { Get-PgMigrationStatus @other -From abc }).FullyQualifiedErrorId | Should -BeLike 'RangeInvalid,*'
        (Get-ErrorOf { Undo-PgMigration @other -To x.y -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'RangeInvalid,*'
        (Get-ErrorOf { Remove-PgMigrationRecord @other -From 3 -To 1 -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'RangeInvalid,*'
        foreach ($contradiction in @{ Version = '1' }, @{ Steps = 1 }, @{ All = $true }, @{ Target = '1' }) {
            (Get-ErrorOf { Undo-PgMigration @other -From 2 @contradiction -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'ParametersContradict,*'
        }
        (Get-ErrorOf { Remove-PgMigrationRecord 1 @other -From 2 -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'ParametersContradict,*'
        (Get-ErrorOf { Remove-PgMigrationRecord @other -Confirm:$false }).Exception.Message | Should -Match '-Version.*-From'
        (Get-ErrorOf { Get-PgMigrationStatus @other -Summary -From 1 }).FullyQualifiedErrorId | Should -BeLike 'ParametersContradict,*'
    }

    It 'undo newest first, keep what others need, and limit what is piped' {
        (Undo-PgMigration @other -From 2 -To 3 -WhatIf 6>$null).Version | Should -Be '3', '2'
        (Get-PgMigrationStatus @other | Undo-PgMigration -From 3 -WhatIf 6>$null).Version | Should -Be '3'
        (Get-PgMigrationStatus @other | Remove-PgMigrationRecord -From 3 -Confirm:$false).Version | Should -Be '3'
        (Remove-PgMigrationRecord @other -To 1 -Confirm:$false).Version | Should -Be '1'
        Remove-PgMigrationRecord @other -From 100 -Confirm:$false -InformationVariable told 6>$null | Should -BeNullOrEmpty
        "$told" | Should -Match 'Nothing to remove'
    }
}

Describe 'Errors' {
    It 'can be caught by the type of <Name> right after Import-Module' -ForEach @(
        @{ Name = 'InitializationException'; Script = 'Get-PgMigrationStatus -Path ./none' }
        @{ Name = 'MigrationNotFoundException'; Script = 'Get-PgMigrationStatus -Path $env:FOLDER -Version 99' }
        @{ Name = 'MigrationApplyException'; Script = 'Invoke-PgMigration -Path $env:FOLDER' }
        @{ Name = 'PlanBlockedException'; Script = 'Invoke-PgMigration -Path $env:FOLDER -Target 99' }
        @{ Name = 'ConnectionException'; Script = 'Get-PgMigrationStatus -Path $env:FOLDER -HostName 127.0.0.1 -Port 1 -Database x' }
        @{ Name = 'MigrationCreationException'; Script = "New-PgMigration '???' -Path ./new" }
    ) {
        $run = Invoke-Pwsh "`$ErrorActionPreference = 'Stop'
try { $Script } catch [PgMigrate.Errors.$Name] { `"caught `$(`$_.Exception.GetType().Name) `$(`$_.Exception.Code) `$(`$null -ne `$_.Exception.Error)`" }
try { $Script } catch [PgMigrate.Errors.PgMigrateException] { 'caught the base' }" -Environment ($database.Variables + @{ FOLDER = $folder })
        $run.Error | Should -BeNullOrEmpty
        $run.Output | Should -Match "caught $Name \w+ True"
        $run.Output | Should -Match 'caught the base$'
    }

    It 'have the types for the others as well: <_>' -ForEach 'ChecksumMismatchException', 'MigrationUndoException', 'LockTimeoutException', 'DatabaseException', 'FileAccessException', 'MigrationStepException' {
        ("PgMigrate.Errors.$_" -as [type]).IsSubclassOf([PgMigrate.Errors.PgMigrateException]) | Should -BeTrue
    }

    It 'carry what the server said, with the driver inside at most' {
        $failure = Get-ErrorOf { Invoke-PgMigration @call }
        $failure.Exception | Should -BeOfType ([PgMigrate.Errors.MigrationApplyException])
        $failure.Exception.SqlState | Should -Be '42P01'
        $failure.Exception.Error.Line, $failure.Exception.Error.Column | Should -Be 3, 8
        $hinted = New-MigrationFolder @{ '001_a.sql' = "DO `$`$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = 'why', HINT = 'how'; END `$`$;" }
        $failure = Get-ErrorOf { Invoke-PgMigration -ConnectionString (New-TestDatabase).ConnectionString -Path $hinted }
        $failure.Exception.SqlState, $failure.Exception.Detail, $failure.Exception.Hint | Should -Be 'P0001', 'why', 'how'
        $denied = Get-ErrorOf { Get-PgMigrationStatus -Path $folder -ConnectionString "$($database.ConnectionString)_none" }
        $denied.Exception.SqlState | Should -Be '3D000'
    }

    It 'are known in a job and a thread job by FullyQualifiedErrorId' {
        $failures = foreach ($start in 'Start-Job', 'Start-ThreadJob') {
            if (-not (Get-Command $start -ErrorAction Ignore)) { continue }
            $job = & $start { Import-Module $using:manifestPath; Invoke-PgMigration -ConnectionString $using:connectionString -Path $using:folder }
            $job | Receive-Job -Wait -AutoRemoveJob -ErrorAction SilentlyContinue -ErrorVariable failed 6>$null | Out-Null
            $failed[0]
        }
        $failures | Should -Not -BeNullOrEmpty
        $failures | ForEach-Object { $_.FullyQualifiedErrorId | Should -BeLike 'MigrationFailed,*' }
    }

    It 'have one shape for all of them: <Name>' -ForEach @(
        @{ Name = 'a step of a run'; Script = { Invoke-PgMigration @call }; Code = 'MigrationFailed'; Place = '004_bad.sql:3:8' }
        @{ Name = 'a plan'; Script = { Invoke-PgMigration -ConnectionString $database.ConnectionString -Path (New-MigrationFolder @{ '001_a.sql' = "SELECT 1;`n  SELECT 'open" }) -AllowNonEmpty -Module m }; Code = 'UnterminatedString'; Place = '001_a.sql:2:10' }
        @{ Name = 'a folder'; Script = { Invoke-PgMigration -ConnectionString $database.ConnectionString -Path "$folder/none" }; Code = 'FolderNotFound'; Place = '' }
        @{ Name = 'an undo'; Script = { Undo-PgMigration @call -Version 99 -Confirm:$false }; Code = 'MigrationNotFound'; Place = '' }
        @{ Name = 'a record'; Script = { Remove-PgMigrationRecord 99 @call -Confirm:$false }; Code = 'MigrationNotFound'; Place = '' }
        @{ Name = 'a status'; Script = { Get-PgMigrationStatus @call -Version 99 }; Code = 'MigrationNotFound'; Place = '' }
        @{ Name = 'a check'; Script = { Test-PgMigration "$folder/none" }; Code = 'FolderNotFound'; Place = '' }
        @{ Name = 'no server'; Script = { Get-PgMigrationStatus -Path $folder -HostName 127.0.0.1 -Port 1 -Database d }; Code = 'ConnectionFailed'; Place = '' }
        @{ Name = 'no server for a run'; Script = { Invoke-PgMigration -Path $folder -HostName 127.0.0.1 -Port 1 -Database d }; Code = 'ConnectionFailed'; Place = '' }
        @{ Name = 'a connection that cannot be read'; Script = { Invoke-PgMigration -Path $folder -ConnectionString 'Nonsense=1' }; Code = 'ConnectionInvalid'; Place = '' }
        @{ Name = 'parameters'; Script = { Get-PgMigrationStatus @call -Summary -History }; Code = 'ParametersContradict'; Place = '' }
    ) {
        $failure = Get-ErrorOf $Script
        $failure.FullyQualifiedErrorId | Should -BeLike "$Code,*"
        $failure.TargetObject | Should -BeOfType ([PgMigrate.MigrationRunSummary])
        $failure.TargetObject.Status | Should -Be 'Error'
        $found = $failure.TargetObject.Error
        $found.Code | Should -Be $Code
        $found.Message | Should -Not -BeNullOrEmpty
        (@($found.FileName, $found.Line, $found.Column) -ne $null) -join ':' | Should -Be $Place
        [bool]$found.FilePath | Should -Be ([bool]$Place)
    }

    It 'of piped targets have the summary of their target' {
        $bad = New-MigrationFolder @{ 'one/001_a.sql' = 'SELECT 1;'; 'two/001_a.sql' = 'SELECT nothing;' }
        Get-ChildItem $bad -Directory | Invoke-PgMigration -ConnectionString (New-TestDatabase).ConnectionString -Module { $_.Name } -Path { $_.FullName } -ErrorVariable failures -ErrorAction SilentlyContinue | Out-Null
        $failures.TargetObject.Module | Should -Be 'two'
        $failures.TargetObject.Error.FilePath | Should -Be (Join-Path $bad 'two' '001_a.sql')
    }
}

Describe 'The built assemblies' {
    It 'name no folder of the machine that built them: <_>' -ForEach 'PgMigrate.Model.dll', 'PgMigrate.PowerShell.dll', 'PgMigrate.Loader.dll', 'PgMigrate.Engine.dll' {
        $files = @(Get-ChildItem $modulePath -Recurse -Filter $_)
        $files | Should -Not -BeNullOrEmpty
        foreach ($file in $files) {
            $stream = [IO.File]::OpenRead($file.FullName)
            try {
                $image = [Reflection.PortableExecutable.PEReader]::new($stream)
                $documents = foreach ($entry in $image.ReadDebugDirectory()) {
                    if ($entry.Type -eq 'CodeView') { $image.ReadCodeViewDebugDirectoryData($entry).Path }
                    if ($entry.Type -eq 'EmbeddedPortablePdb') {
                        $symbols = $image.ReadEmbeddedPortablePdbDebugDirectoryData($entry)
                        $reader = $symbols.GetMetadataReader()
                        $reader.Documents | ForEach-Object { $reader.GetString($reader.GetDocument($_).Name) }
                        $symbols.Dispose()
                    }
                }
            }
            finally {
                $stream.Dispose()
            }
            @($documents).Count | Should -BeGreaterThan 0
            $documents | Where-Object { $_ -notlike '/_/*' -and $_ -match '[\\/]' } | Should -BeNullOrEmpty -Because $file.FullName
            [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($file.FullName)) | Should -Not -Match ([regex]::Escape($root))
        }
    }

    It 'show files of the repository in a stack trace' {
        (Get-ErrorOf { Get-PgMigrationStatus -Path "$folder/none" -HostName localhost -Database d }).Exception.StackTrace | Should -Match ' in /_/src/PgMigrate\.'
    }
}
