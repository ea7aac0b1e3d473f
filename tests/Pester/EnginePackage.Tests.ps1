# The NuGet package of the engine, and an application that gets it from there.
BeforeAll {
    . $PSScriptRoot/common.ps1
    $feed = Join-Path $root 'out/nuget'
    $package = Get-ChildItem $feed -Filter 'PgMigrate.Engine.*.nupkg' -ErrorAction Ignore
    if (-not $package) {
        throw 'There is no package of the engine. Run ./build.ps1 Package first.'
    }
    $version = (Import-PowerShellDataFile (Join-Path $root 'PgMigrate.psd1')).ModuleVersion
    $unpacked = Join-Path $TestDrive 'unpacked'
    [IO.Compression.ZipFile]::ExtractToDirectory($package.FullName, $unpacked)
    $metadata = ([xml](Get-Content (Join-Path $unpacked 'PgMigrate.Engine.nuspec') -Raw)).package.metadata
    $dotnet = (Get-Command dotnet -CommandType Application -ErrorAction Ignore | Select-Object -First 1).Source

    function Build-Sample {
        # The sample in a folder of its own, as in another repository: PgMigrate comes from the folder with the package,
        # the rest from the packages that are restored already, or from NuGet where they are not.
        $folder = Join-Path $TestDrive 'Shop'
        Copy-Item (Join-Path $root 'docs/examples/dotnet') $folder -Recurse -Exclude bin, obj
        $restored = $env:NUGET_PACKAGES ? $env:NUGET_PACKAGES : (Join-Path $HOME '.nuget/packages')
        $sources = (Test-Path (Join-Path $restored 'npgsql')) ? "-p:RestoreSources=$feed" : "-p:RestoreAdditionalProjectSources=$feed"
        # Packages of their own: the version of the package stays the same from build to build.
        $said = & $dotnet build $folder -c Release --nologo -v quiet -warnaserror -p:NuGetAudit=false $sources `
            "-p:RestorePackagesPath=$TestDrive/packages" "-p:RestoreFallbackFolders=$restored" 2>&1
        if ($LASTEXITCODE -ne 0) {
            throw "The sample does not build: $($said -join "`n")"
        }
        Join-Path $folder 'bin/Release/net10.0'
    }

    function Start-Sample {
        # Starts the application; its first lines, until it serves or ends, and what it answers.
        param([string] $Connection)
        $start = [Diagnostics.ProcessStartInfo]::new($dotnet)
        (Join-Path $sample 'Shop.dll'), '--urls', 'http://127.0.0.1:0' | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.WorkingDirectory = $TestDrive
        $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $start.Environment['ConnectionStrings__Shop'] = $Connection
        $start.Environment['NO_COLOR'] = '1'
        $process = [Diagnostics.Process]::Start($start)
        $errors = $process.StandardError.ReadToEndAsync()
        try {
            $lines = [Collections.Generic.List[string]]::new()
            $answer = $null
            while ($null -ne ($line = $process.StandardOutput.ReadLine())) {
                $lines.Add($line)
                if ($line -match 'Now listening on: (\S+)') {
                    $answer = (Invoke-WebRequest $Matches[1]).Content
                    break
                }
            }
            if (-not $answer) { $process.WaitForExit() }
            [pscustomobject]@{ Log = $lines -join "`n"; Answer = $answer; ExitCode = $answer ? $null : $process.ExitCode }
        }
        finally {
            if (-not $process.HasExited) { $process.Kill() }
            $null = $errors.Result
        }
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'The package of the engine' {
    It 'has the version of the module, a licence, an icon, a page and the address of the repository' {
        $metadata.id | Should -BeExactly 'PgMigrate.Engine'
        $metadata.version | Should -Be $version
        $metadata.license.'#text' | Should -Be 'MIT'
        $metadata.projectUrl | Should -Match '^https://'
        $metadata.repository.url | Should -Be $metadata.projectUrl
        $metadata.repository.type | Should -Be 'git'
        foreach ($file in $metadata.icon, $metadata.readme, 'LICENSE') {
            Join-Path $unpacked $file | Should -Exist
        }
    }

    It 'depends on Npgsql within its major version, and shows none of its types' {
        $group = @($metadata.dependencies.group)
        $group | Should -HaveCount 1
        $group[0].targetFramework | Should -Be 'net8.0'
        $npgsql = @($group[0].dependency | Where-Object id -EQ 'Npgsql')
        $npgsql.version | Should -Be '[10.0.3, 11.0.0)'
        $npgsql.include | Should -Not -Match 'Compile'
        @($group[0].dependency.id) -like 'PgMigrate*' | Should -BeNullOrEmpty
    }

    It 'holds engine and model with their documentation and nothing else, the very files of the module' {
        $lib = Join-Path $unpacked 'lib/net8.0'
        Get-ChildItem (Join-Path $unpacked 'lib') -Recurse -File | ForEach-Object Name | Sort-Object |
            Should -Be 'PgMigrate.Engine.dll', 'PgMigrate.Engine.xml', 'PgMigrate.Model.dll', 'PgMigrate.Model.xml'
        (Get-FileHash (Join-Path $lib 'PgMigrate.Engine.dll')).Hash | Should -Be (Get-FileHash (Join-Path $modulePath 'dependencies/PgMigrate.Engine.dll')).Hash
        (Get-FileHash (Join-Path $lib 'PgMigrate.Model.dll')).Hash | Should -Be (Get-FileHash (Join-Path $modulePath 'PgMigrate.Model.dll')).Hash
        ([xml](Get-Content (Join-Path $lib 'PgMigrate.Engine.xml') -Raw)).doc.members.member.name | Should -Contain 'T:PgMigrate.Migrator'
    }

    It 'has debug data in the assemblies, with names of the repository and none of the machine' {
        foreach ($file in Get-ChildItem (Join-Path $unpacked 'lib') -Recurse -Filter '*.dll') {
            $reader = [Reflection.PortableExecutable.PEReader]::new([IO.File]::OpenRead($file.FullName))
            try {
                $entry = @($reader.ReadDebugDirectory() | Where-Object Type -EQ 'EmbeddedPortablePdb')
                $entry | Should -HaveCount 1 -Because $file.Name
                $provider = $reader.ReadEmbeddedPortablePdbDebugDirectoryData($entry[0])
                $symbols = $provider.GetMetadataReader()
                $names = $symbols.Documents | ForEach-Object { $symbols.GetString($symbols.GetDocument($_).Name) }
                $names | Should -Not -BeNullOrEmpty
                $names | Where-Object { -not $_.StartsWith('/_/') } | Should -BeNullOrEmpty
                $provider.Dispose()
            }
            finally {
                $reader.Dispose()
            }
        }
    }
}

Describe 'Publishing the engine' {
    BeforeAll {
        . (Join-Path $root 'build/Package.ps1')
        $engineFeed = $feed
    }

    It 'pushes the package to a folder' {
        $target = New-Item -ItemType Directory (Join-Path $TestDrive 'a feed')
        Publish-EnginePackage "$target" 6>$null | Out-Null
        Get-ChildItem $target -Recurse -Filter '*.nupkg' | ForEach-Object Name | Should -Be $package.Name
    }

    It 'shows no key when it fails' {
        Use-Environment @{ PGMIGRATE_NUGET_KEY = 'hunter2' } {
            $said = try { Publish-EnginePackage (Join-Path $TestDrive 'nowhere') 6>&1 2>&1 | Out-String } catch { $_ | Out-String }
            $said | Should -Match 'was not pushed to'
            $said | Should -Not -Match 'hunter2'
        }
    }
}

Describe 'An application that references the package' {
    BeforeAll {
        $runtimes = $dotnet ? (& $dotnet --list-runtimes) : @()
        $because = if (-not $dotnet) { 'there is no dotnet' } elseif (-not ($runtimes -match '^Microsoft\.AspNetCore\.App 10\.')) { 'the runtime of ASP.NET Core 10 is not installed' }
        $sample = $because ? $null : (Build-Sample)
    }

    BeforeEach {
        if ($because) { Set-ItResult -Skipped -Because $because }
    }

    It 'names the version that is packed' {
        ([xml](Get-Content (Join-Path $root 'docs/examples/dotnet/Shop.csproj') -Raw)).SelectSingleNode('//PackageReference[@Include="PgMigrate.Engine"]').Version | Should -Be $version
    }

    It 'brings its database up to date before it serves, logs what happens, and does nothing at the next start' {
        $database = New-TestDatabase
        $first = Start-Sample $database.ConnectionString
        $first.Answer | Should -Be '2 migrations were applied at start-up'
        $first.Log | Should -Match '(?s)Applied 001_create_customers\.sql in \d+ ms.*NOTICE of the server: customers have an email now.*Applied 002_add_customer_email\.sql in \d+ ms.*Now listening on'
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '2'
        $second = Start-Sample $database.ConnectionString
        $second.Answer | Should -Be '0 migrations were applied at start-up'
        $second.Log | Should -Not -Match 'Applied'
        (Get-PgMigrationStatus -ConnectionString $database.ConnectionString -Path (Join-Path $root 'docs/examples/dotnet/migrations') -Summary).IsUpToDate | Should -BeTrue
    }

    It 'does not serve when it must not migrate: the log says why, and no password' {
        $database = New-TestDatabase
        Invoke-Sql -Database $database.Name 'CREATE TABLE customers (i int);'
        $run = Start-Sample "$($database.ConnectionString);Password=hunter2"
        $run.Answer | Should -BeNullOrEmpty
        $run.ExitCode | Should -Not -Be 0
        $run.Log | Should -Match 'DatabaseNotEmpty: '
        $run.Log | Should -Not -Match 'hunter2'
    }
}
