# What the build needs from the process that it runs in. Dot-sourced by build.ps1.

function Initialize-BuildHost {
    # Children find the pwsh and the dotnet that this script runs on, also where neither is on PATH: "dotnet dnx
    # powershell" starts dotnet with pwsh.dll, and a pwsh command needs DOTNET_ROOT to find that runtime.
    $folders = @($PSHOME)
    $self = [Environment]::ProcessPath
    if ([IO.Path]::GetFileNameWithoutExtension($self) -eq 'dotnet') {
        $env:DOTNET_ROOT = Split-Path $self
        $folders += $env:DOTNET_ROOT
    }
    $env:PATH = ($folders + $env:PATH) -join [IO.Path]::PathSeparator
    $env:DOTNET_NOLOGO = '1'
    $env:POWERSHELL_UPDATECHECK = 'Off'
}

function Start-ParentWatch {
    # "dotnet dnx" and the tool's own starter are parents of this process, and a signal to one of them does not come here.
    # When one of them is gone, this process ends. A shell is no such parent: under nohup it may go.
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'It changes nothing.')]
    param()
    $parents = @()
    for ($parent = (Get-Process -Id $PID).Parent; $parent -and $parent.ProcessName -in 'dotnet', 'pwsh', 'dnx'; $parent = $parent.Parent) {
        $parents += $parent
    }
    if (-not $parents) {
        return
    }
    $watch = [powershell]::Create().AddScript({
            param($Parents)
            while (-not ($Parents | Where-Object HasExited)) {
                [Threading.Thread]::Sleep(250)
            }
            [Environment]::Exit(143)
        }).AddArgument($parents)
    $null = $watch.BeginInvoke()
}

function Assert-Prerequisite {
    # Everything that is missing, before anything is built.
    param([string] $Task, [string] $Repository, [string] $NuGetSource, [string[]] $Majors)
    $missing = @()
    if ($PSVersionTable.PSVersion -lt [version]'7.4') {
        $missing += "PowerShell 7.4 or newer (this is $($PSVersionTable.PSVersion)): run 'dotnet dnx -y powershell build.ps1 $Task' instead."
    }
    $sdks = @(if (Get-Command dotnet -CommandType Application -ErrorAction Ignore) { dotnet --list-sdks })
    if ($Task -ne 'Docs' -and -not ($sdks -match '^1\d\.')) {
        $missing += 'The .NET SDK 10: install it from https://dotnet.microsoft.com/download, or name its folder first on PATH.'
    }
    if ($Task -in 'Demo', 'Test', 'Bench') {
        foreach ($major in $Majors ? $Majors : '') {
            if ($env:PGMIGRATE_TEST_CONNECTION -and -not $major) {
                continue
            }
            try {
                $null = Find-PostgresBin $major
            }
            catch {
                $missing += $_.Exception.Message
            }
        }
    }
    if ($Task -eq 'Publish') {
        if (-not $Repository -and -not $NuGetSource) {
            $missing += 'Where to publish to: -Repository for the module, with a folder or a name that Get-PSResourceRepository shows; -NuGetSource for the engine, with a folder, an address or a name that "dotnet nuget list source" shows.'
        }
        elseif ($Repository -and -not (Get-Command Publish-PSResource -ErrorAction Ignore)) {
            $missing += 'The module that publishes: run PowerShell 7.4 or newer, which brings Microsoft.PowerShell.PSResourceGet.'
        }
        elseif ($Repository -and -not (Test-Path -LiteralPath $Repository -PathType Container) -and -not (Get-PSResourceRepository -Name $Repository -ErrorAction Ignore)) {
            $missing += "The repository '$Repository': it is no folder, and Get-PSResourceRepository does not show it. Create the folder, or register it with Register-PSResourceRepository."
        }
    }
    if ($Task -eq 'Bench' -and -not (Get-Command psql -CommandType Application -ErrorAction Ignore)) {
        $missing += 'psql, which the benchmark compares with: install the PostgreSQL client.'
    }
    if ($Task -eq 'Docs' -and -not (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS)) {
        $missing += "The module that makes the help: run 'Install-PSResource Microsoft.PowerShell.PlatyPS'."
    }
    if ($missing) {
        throw "$Task needs what is not here:`n" + (($missing | ForEach-Object { "- $_" }) -join "`n")
    }
}

function ConvertTo-List {
    # pwsh -File and a tool's command line hand "13,18" over as one text.
    param([string[]] $Text)
    @($Text -split '[,;\s]+' | Where-Object { $_ })
}
