# The pwsh that tests run on. Dot-sourced by build.ps1.

function Test-ReadyToRun {
    # True when an assembly holds compiled code and not IL alone.
    param([string] $File)
    $stream = [IO.File]::OpenRead($File)
    $reader = [Reflection.PortableExecutable.PEReader]::new($stream)
    try {
        $reader.PEHeaders.CorHeader.ManagedNativeHeaderDirectory.Size -gt 0
    }
    finally {
        $reader.Dispose()
    }
}

function Get-TestPwsh {
    # The pwsh that this is, or a copy of it compiled ahead of time: the tests start hundreds, and the one of the .NET tool
    # compiles itself for more than a second each time.
    $name = "pwsh$([OperatingSystem]::IsWindows() ? '.exe' : '')"
    if (Test-ReadyToRun (Join-Path $PSHOME 'System.Management.Automation.dll')) {
        return Join-Path $PSHOME $name
    }
    $compiled = Join-Path $out "pwsh-$($PSVersionTable.PSVersion)"
    if (-not (Test-Path $compiled)) {
        $images = Join-Path $out 'pwsh-images'
        $framework = [Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory().TrimEnd('/', '\')
        Invoke-Dotnet build (Join-Path $root 'build/CompiledHost.proj') -v quiet --nologo '-clp:NoSummary' `
            "-p:HostFolder=$PSHOME" "-p:ImageFolder=$images" "-p:FrameworkFolder=$framework" "-p:BaseIntermediateOutputPath=$out/obj/pwsh/" | Out-Host
        Copy-Item -LiteralPath $PSHOME -Destination "$compiled.new" -Recurse
        Copy-Item "$images/*" "$compiled.new" -Force
        Move-Item -LiteralPath "$compiled.new" $compiled
        Remove-Item -LiteralPath $images -Recurse
    }
    Join-Path $compiled $name
}
