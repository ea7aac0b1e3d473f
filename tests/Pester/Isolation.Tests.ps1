BeforeAll {
    . $PSScriptRoot/common.ps1
    $database = New-TestDatabase
    $folder = New-MigrationFolder $sampleFiles
    $environment = @{ DATABASE_URL = $database.Uri; FOLDER = $folder; MANIFEST = $manifestPath; MODULE = $modulePath }

    # Answers in a fresh process which assemblies of ours are loaded, and where.
    $listLoaded = @'
function Get-Loaded {
    foreach ($context in [Runtime.Loader.AssemblyLoadContext]::All) {
        foreach ($assembly in $context.Assemblies) {
            $name = $assembly.GetName()
            if ($name.Name -match '^(PgMigrate|Npgsql|Microsoft\.Extensions\.|System\.Diagnostics\.DiagnosticSource)') { "$($context.Name)|$($name.Name)|$($name.Version.Major)" }
        }
    }
}
'@
    $old = Join-Path $TestDrive 'old'
    $null = New-Item -ItemType Directory $old
    # Add-Type gives assemblies a name by chance, so its compiler is asked directly.
    $compiled = Invoke-Pwsh -Bare @"
`$ErrorActionPreference = 'Stop'
Add-Type 'public class Warm { }'
`$tree = [Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText('[assembly: System.Reflection.AssemblyVersion("6.0.0.0")] namespace Microsoft.Extensions.Logging { public interface ILogger { } public interface ILoggerFactory { } }')
`$options = [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new('DynamicallyLinkedLibrary')
`$core = [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile([object].Assembly.Location)
`$compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create('Microsoft.Extensions.Logging.Abstractions', [Microsoft.CodeAnalysis.SyntaxTree[]]`$tree, [Microsoft.CodeAnalysis.MetadataReference[]]`$core, `$options)
if (-not [Microsoft.CodeAnalysis.FileSystemExtensions]::Emit(`$compilation, '$old/Microsoft.Extensions.Logging.Abstractions.dll').Success) { throw 'not compiled' }
"@
    if ($compiled.ExitCode -ne 0) {
        throw $compiled.Error
    }

    function Find-OlderLogging {
        # The real thing, from the NuGet cache or by an ordinary restore.
        $packages = $env:NUGET_PACKAGES ? $env:NUGET_PACKAGES : (Join-Path $HOME '.nuget/packages')
        $file = Join-Path $packages 'microsoft.extensions.logging.abstractions/6.0.4/lib/netstandard2.0/Microsoft.Extensions.Logging.Abstractions.dll'
        if (-not (Test-Path $file) -and (Get-Command dotnet -ErrorAction Ignore)) {
            Set-Content (Join-Path $TestDrive 'older.csproj') @'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="Microsoft.Extensions.Logging.Abstractions" Version="[6.0.4]" /></ItemGroup>
</Project>
'@
            $null = dotnet restore (Join-Path $TestDrive 'older.csproj') 2>&1
        }
        (Test-Path $file) ? $file : $null
    }
    $platform = @(Get-ChildItem (Join-Path $modulePath 'dependencies') -Directory | ForEach-Object Name)
    $os = if ($IsWindows) { 'win' } elseif ($IsMacOS) { 'osx' } else { 'linux' }
    $ours = "$os-$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture.ToString().ToLowerInvariant())"

    function Copy-Module {
        $copy = Join-Path $TestDrive "c$([Guid]::NewGuid().ToString('n').Substring(0, 8))"
        Copy-Item $modulePath $copy -Recurse
        $copy
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'An older logging assembly in the session' {
    BeforeAll {
        $rounds = @'
$ErrorActionPreference = 'Stop'
$null = [Reflection.Assembly]::LoadFrom($env:OLDER)
Import-Module $env:MANIFEST
(Invoke-PgMigration -Path $env:FOLDER -Module $env:HISTORY -AllowNonEmpty -Schema $env:HISTORY -CreateSchema).Count
Import-Module $env:MANIFEST -Force
(Get-PgMigrationStatus -Path $env:FOLDER -Schema $env:HISTORY -Summary).IsUpToDate
Remove-Module PgMigrate
Import-Module $env:MANIFEST
(Undo-PgMigration -Path $env:FOLDER -Schema $env:HISTORY -Confirm:$false).Outcome
Get-Loaded | Where-Object { $_ -match 'Logging' }
'@
    }

    It 'does not disturb the cmdlets: import, -Force, remove and import again' {
        $run = Invoke-Pwsh -Bare "$listLoaded`n$rounds" -Environment ($environment + @{ OLDER = "$old/Microsoft.Extensions.Logging.Abstractions.dll"; HISTORY = 'stub' })
        $run.Error | Should -BeNullOrEmpty
        $run.Output -split "`n" | Should -Be '3', 'True', 'Undone', 'Default|Microsoft.Extensions.Logging.Abstractions|6', 'PgMigrate|Microsoft.Extensions.Logging.Abstractions|8'
    }

    It 'does not disturb the cmdlets when it is the real one' {
        $olderFile = Find-OlderLogging
        if (-not $olderFile) {
            Set-ItResult -Skipped -Because 'version 6.0.4 of the real assembly can be had neither from the NuGet cache nor by a restore'
            return
        }
        $run = Invoke-Pwsh -Bare "$listLoaded`n$rounds" -Environment ($environment + @{ OLDER = $olderFile; HISTORY = 'real' })
        $run.Error | Should -BeNullOrEmpty
        ($run.Output -split "`n")[0..2] | Should -Be '3', 'True', 'Undone'
        ($run.Output -split "`n")[3] | Should -Match '^Default\|Microsoft\.Extensions\.Logging\.Abstractions\|6$'
    }
}

Describe 'Two runspaces at the same time' {
    It 'import and run beside each other' {
        $run = Invoke-Pwsh -Bare @'
$ErrorActionPreference = 'Stop'
$jobs = foreach ($n in 1..4) {
    $shell = [powershell]::Create()
    $script = 'param($n) $ErrorActionPreference = "Stop"; Import-Module $env:MANIFEST; (Invoke-PgMigration -Path $env:FOLDER -Schema "runspace$n" -CreateSchema).Count; (Get-PgMigrationStatus -Path $env:FOLDER -Schema "runspace$n" -Summary).IsUpToDate'
    @{ Shell = $shell; Wait = $shell.AddScript($script).AddArgument($n).BeginInvoke() }
}
foreach ($job in $jobs) { "$($job.Shell.EndInvoke($job.Wait))"; $job.Shell.Streams.Error | ForEach-Object { "$_" } }
'@ -Environment $environment
        $run.Error | Should -BeNullOrEmpty
        $run.Output -split "`n" | Should -Be '3 True', '3 True', '3 True', '3 True'
    }
}

Describe 'Another Npgsql in the session' {
    BeforeAll {
        # In the default context, from a folder of its own. Two statements in one command need the driver's rewriting.
        $other = Join-Path $TestDrive 'npgsql'
        $null = New-Item -ItemType Directory $other
        Copy-Item (Join-Path $modulePath 'dependencies/*.dll') $other -Exclude 'PgMigrate*'
        $useOther = @'
function Use-Other {
    $null = [Reflection.Assembly]::LoadFrom("$env:OTHER/Npgsql.dll")
    $connection = [Npgsql.NpgsqlConnection]::new($env:KEYWORDS)
    $connection.Open()
    $command = $connection.CreateCommand()
    $command.CommandText = 'SELECT 41 + @p; SELECT 2'
    $null = $command.Parameters.AddWithValue('p', 1)
    $reader = $command.ExecuteReader()
    $null = $reader.Read(); $first = $reader.GetInt32(0)
    $null = $reader.NextResult(); $null = $reader.Read(); "$first $($reader.GetInt32(0))"
    $connection.Dispose()
}
function Get-Switch { $value = $true; $known = [AppContext]::TryGetSwitch('Npgsql.EnableSqlRewriting', [ref]$value); "switch $(-not $known -or $value)" }
'@
    }

    It 'keeps working when it was <_>' -ForEach 'loaded before', 'loaded afterwards' {
        if ([Environment]::Version.Major -lt 9) {
            Set-ItResult -Skipped -Because 'the default context of .NET 8 has no DiagnosticSource that this Npgsql could use'
        }

        $sequence = if ($_ -eq 'loaded before') { 'Use-Other; Get-State; Use-Other; Get-Switch' } else { 'Get-State; Get-Switch; Use-Other' }
        $run = Invoke-Pwsh -Bare @"
`$ErrorActionPreference = 'Stop'
$useOther
$listLoaded
Import-Module `$env:MANIFEST
function Get-State { "`$((Get-PgMigrationStatus -Path `$env:FOLDER).Count) rows" }
$sequence
Get-Loaded | Where-Object { `$_ -match '\|Npgsql\|' } | Sort-Object
"@ -Environment ($environment + @{ OTHER = $other; KEYWORDS = $database.ConnectionString })
        $run.Error | Should -BeNullOrEmpty
        $expected = if ($_ -eq 'loaded before') { '42 2', '3 rows', '42 2', 'switch True' } else { '3 rows', 'switch True', '42 2' }
        $run.Output -split "`n" | Should -Be ($expected + 'Default|Npgsql|10' + 'PgMigrate|Npgsql|10')
    }

    It 'leaves the switch off for a session that had set it off' {
        $run = Invoke-Pwsh -Bare @'
[AppContext]::SetSwitch('Npgsql.EnableSqlRewriting', $false)
Import-Module $env:MANIFEST
$null = Get-PgMigrationStatus -Path $env:FOLDER
$value = $true; $null = [AppContext]::TryGetSwitch('Npgsql.EnableSqlRewriting', [ref]$value); $value
'@ -Environment $environment
        $run.Output | Should -Be 'False'
    }
}

Describe 'What is loaded, and when' {
    It 'ships exactly the known dependencies' {
        $known = 'Microsoft.Extensions.DependencyInjection.Abstractions.dll', 'Microsoft.Extensions.Logging.Abstractions.dll', 'Npgsql.dll', 'PgMigrate.Engine.dll', 'System.Diagnostics.DiagnosticSource.dll'
        Get-ChildItem (Join-Path $modulePath 'dependencies') -File | ForEach-Object Name | Sort-Object | Should -Be $known
        foreach ($rid in $platform) {
            Get-ChildItem (Join-Path $modulePath "dependencies/$rid") | ForEach-Object Name | Sort-Object | Should -Be ($known -ne 'System.Diagnostics.DiagnosticSource.dll')
        }
        Get-ChildItem $modulePath -Filter *.dll | ForEach-Object Name | Sort-Object | Should -Be 'PgMigrate.Loader.dll', 'PgMigrate.Model.dll', 'PgMigrate.PowerShell.dll'
    }

    It 'loads nothing of the engine or the driver by Import-Module alone' {
        $run = Invoke-Pwsh -Bare "$listLoaded`nImport-Module `$env:MANIFEST`nGet-Command -Module PgMigrate | ForEach-Object { `$_.ParameterSets | Out-Null }`nGet-Loaded | Where-Object { `$_ -match 'PgMigrate|Npgsql|Extensions' } | Sort-Object" -Environment $environment
        $run.Output -split "`n" | Should -Be 'Default|PgMigrate.Loader|0', 'Default|PgMigrate.Model|0', 'Default|PgMigrate.PowerShell|0'
    }

    It 'imports although the dependencies cannot be read at all: they are opened at first use' {
        $copy = Copy-Module
        Remove-Item "$copy/dependencies" -Recurse
        $run = Invoke-Pwsh -Bare "`$ErrorActionPreference = 'Stop'; Import-Module '$copy/PgMigrate.psd1'; (Get-Command -Module PgMigrate).Count"
        $run.Error | Should -BeNullOrEmpty
        $run.Output | Should -Be (Import-PowerShellDataFile $manifestPath).CmdletsToExport.Count
    }

    It 'keeps engine and driver in a context of their own after the first use' {
        $run = Invoke-Pwsh -Bare "$listLoaded`nImport-Module `$env:MANIFEST`n`$null = Get-PgMigrationStatus -Path `$env:FOLDER`nGet-Loaded | Sort-Object" -Environment $environment
        $lines = $run.Output -split "`n"
        $lines -match '^Default\|(PgMigrate|Npgsql|Microsoft)' | Should -Be 'Default|PgMigrate.Loader|0', 'Default|PgMigrate.Model|0', 'Default|PgMigrate.PowerShell|0'
        $lines | Should -Contain 'PgMigrate|PgMigrate.Engine|0'
        $lines | Should -Contain 'PgMigrate|Npgsql|10'
        @($lines -match '\|System\.Diagnostics\.DiagnosticSource\|') | Should -HaveCount 1 -Because 'listeners of the process hang on the framework''s own'
    }

    It 'lets scripts name the types of the model after the import' {
        (Invoke-Pwsh '[PgMigrate.MigrationState]::Missing; [PgMigrate.Connection].Name').Output -split "`n" | Should -Be 'Missing', 'Connection'
    }
}

Describe 'Images compiled ahead of time' {
    BeforeAll {
        $count = @'
$before = [Runtime.JitInfo]::GetCompiledMethodCount()
Import-Module "$env:COPY/PgMigrate.psd1"
$rows = @(Get-PgMigrationStatus -Path $env:FOLDER)
"$($rows.Count) $([Runtime.JitInfo]::GetCompiledMethodCount() - $before)"
$engine = [Runtime.Loader.AssemblyLoadContext]::All | ForEach-Object Assemblies | Where-Object { $_.GetName().Name -eq 'PgMigrate.Engine' }
[IO.Path]::GetFileName([IO.Path]::GetDirectoryName($engine.Location))
'@
        function Measure-Copy {
            param([string] $Copy)
            $run = Invoke-Pwsh -Bare $count -Environment ($environment + @{ COPY = $Copy })
            $run.Error | Should -BeNullOrEmpty
            $lines = $run.Output -split "`n"
            $rows, $methods = $lines[0] -split ' '
            [pscustomobject]@{ Rows = [int]$rows; Methods = [int]$methods; Folder = $lines[1] }
        }
    }

    BeforeEach {
        if ([Environment]::Version.Major -lt 10 -or $ours -notin $platform) {
            Set-ItResult -Skipped -Because "there are images for .NET 10 on $($platform -join ', '), and this is .NET $([Environment]::Version.Major) on $ours"
        }
    }

    It 'are really used: clearly fewer methods are compiled at run time' {
        $il = Copy-Module
        Remove-Item "$il/dependencies/$ours" -Recurse
        $withImages = Measure-Copy (Copy-Module)
        $withIl = Measure-Copy $il
        $withImages.Rows, $withIl.Rows | Should -Be 3, 3
        $withImages.Folder | Should -Be $ours
        $withIl.Folder | Should -Be 'dependencies'
        $withImages.Methods | Should -BeLessThan (0.6 * $withIl.Methods)
    }

    It 'are passed over when they are <_>' -ForEach 'garbage', 'those of another platform', 'missing in part' {
        $kind = $_
        $copy = Copy-Module
        foreach ($image in Get-ChildItem "$copy/dependencies/$ours") {
            switch ($kind) {
                'garbage' { [IO.File]::WriteAllText($image.FullName, 'this is no image') }
                'missing in part' { if ($image.Name -ne 'Npgsql.dll') { Remove-Item $image.FullName } }
                'those of another platform' {
                    # Images carry the machine, mixed with a number for Linux: without it, it is one for Windows, and the other way round.
                    $bytes = [IO.File]::ReadAllBytes($image.FullName)
                    $at = [BitConverter]::ToInt32($bytes, 0x3C) + 4
                    [BitConverter]::GetBytes([uint16]([BitConverter]::ToUInt16($bytes, $at) -bxor 0x7B79)).CopyTo($bytes, $at)
                    [IO.File]::WriteAllBytes($image.FullName, $bytes)
                }
            }
        }
        $measured = Measure-Copy $copy
        $measured.Rows | Should -Be 3
        $measured.Folder | Should -Be 'dependencies'
    }
}
