# The steps that sign a release. Signing itself is of Windows: where it cannot run, stand-ins show what it would be given.
BeforeAll {
    . $PSScriptRoot/common.ps1
    . (Join-Path $root 'build/Package.ps1')

    # The scripts of the job, by the names of their steps.
    $workflow = [IO.File]::ReadAllText((Join-Path $root '.github/workflows/ci.yml')).ReplaceLineEndings("`n")
    $job = $workflow.Substring($workflow.IndexOf("`n  sign:"))
    $certificateScript = [regex]::Match($job, '(?s)- name: Certificate\n.*?run: \|\n(.*?)\n      - ').Groups[1].Value
    $packageCommand = [regex]::Match($job, '(?s)- name: Package\n.*?run: (.*?)\n').Groups[1].Value

    function New-SigningCertificate {
        # A certificate for code signing that signs itself, in a PFX file with this password; base64, as the secret is.
        param([string] $Password)
        $key = [Security.Cryptography.RSA]::Create(2048)
        $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=PgMigrate test', $key, 'SHA256', [Security.Cryptography.RSASignaturePadding]::Pkcs1)
        $usage = [Security.Cryptography.OidCollection]::new()
        $null = $usage.Add([Security.Cryptography.Oid]::new('1.3.6.1.5.5.7.3.3'))
        $request.CertificateExtensions.Add([Security.Cryptography.X509Certificates.X509EnhancedKeyUsageExtension]::new($usage, $true))
        $certificate = $request.CreateSelfSigned([DateTimeOffset]::UtcNow.AddMinutes(-5), [DateTimeOffset]::UtcNow.AddHours(1))
        [pscustomobject]@{
            Thumbprint = $certificate.Thumbprint
            Pfx        = [Convert]::ToBase64String($certificate.Export('Pfx', $Password))
        }
    }

    function Invoke-CertificateStep {
        # The step in a process of its own. Where Import-PfxCertificate is missing, a stand-in opens the file as it would.
        param([Collections.IDictionary] $Secrets)
        $work = New-Item -ItemType Directory (Join-Path $TestDrive "w$([Guid]::NewGuid().ToString('n').Substring(0, 8))")
        $stand = @'
if (-not (Get-Command Import-PfxCertificate -ErrorAction Ignore)) {
    function Import-PfxCertificate {
        param([string] $FilePath, [string] $CertStoreLocation, [securestring] $Password)
        [Security.Cryptography.X509Certificates.X509CertificateLoader]::LoadPkcs12FromFile($FilePath, $Password ? [Net.NetworkCredential]::new('', $Password).Password : '')
    }
}
'@
        $run = Invoke-Pwsh -Bare "$stand`n$certificateScript" -Environment ($Secrets + @{ RUNNER_TEMP = "$work"; GITHUB_OUTPUT = "$work/output" })
        [pscustomobject]@{ Run = $run; Output = (Get-Content "$work/output" -ErrorAction Ignore); Left = @(Get-ChildItem $work -Filter '*.pfx') }
    }
}

Describe 'Without a certificate' {
    It 'nothing is signed, and the build goes on' {
        $module = Join-Path $TestDrive 'unsigned'
        Copy-Item $modulePath $module -Recurse
        $before = Get-ChildItem $module -Recurse -File | Get-FileHash
        Add-ModuleSignature '' | Should -BeNullOrEmpty
        Add-ModuleSignature $null | Should -BeNullOrEmpty
        (Get-ChildItem $module -Recurse -File | Get-FileHash).Hash | Should -Be $before.Hash
    }

    It 'the step of the workflow says so and sets no thumbprint' {
        $step = Invoke-CertificateStep @{ PFX = $null; PFX_PASSWORD = $null }
        $step.Run.ExitCode | Should -Be 0
        $step.Run.Output | Should -Be 'There is no certificate: nothing is signed.'
        $step.Output | Should -BeNullOrEmpty
    }

    It 'the package step passes none on' {
        $packageCommand | Should -BeLike './build.ps1 Package * -Certificate $env:THUMBPRINT'
        $script = [IO.File]::ReadAllText((Join-Path $root 'build.ps1'))
        $declared = [Management.Automation.Language.Parser]::ParseInput($script, [ref]$null, [ref]$null).ParamBlock.Parameters |
            Where-Object { $_.Name.VariablePath.UserPath -eq 'Certificate' }
        $declared.StaticType | Should -Be ([string]) -Because 'an unset variable becomes an empty text'
    }
}

Describe 'With a certificate' {
    It 'the step of the workflow imports it, hands its thumbprint on and leaves no file: <Name>' -ForEach @(
        @{ Name = 'with a password'; Password = 'hunter2' }
        @{ Name = 'without a password'; Password = '' }
    ) {
        if ([Environment]::Version.Major -lt 9) {
            Set-ItResult -Skipped -Because 'the stand-in needs .NET 9'
            return
        }
        $made = New-SigningCertificate $Password
        $step = Invoke-CertificateStep @{ PFX = $made.Pfx; PFX_PASSWORD = $Password }
        $step.Run.Error | Should -BeNullOrEmpty
        $step.Output | Should -Be "thumbprint=$($made.Thumbprint)"
        $step.Left | Should -BeNullOrEmpty
        $step.Run.Output | Should -Not -Match 'hunter2'
    }

    It 'a wrong password ends the job' {
        $made = New-SigningCertificate 'right'
        $step = Invoke-CertificateStep @{ PFX = $made.Pfx; PFX_PASSWORD = 'wrong' }
        $step.Run.ExitCode | Should -Not -Be 0
        $step.Output | Should -BeNullOrEmpty
    }

    It 'signing needs Windows, and says so elsewhere' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'this is Windows, which can sign'
            return
        }
        { Add-ModuleSignature 'AB12' } | Should -Throw 'Signing needs Windows*'
    }
}

Describe 'What is signed' {
    BeforeEach {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'its stand-ins would hide the commands that Windows has'
            return
        }

        $module = Join-Path $TestDrive "m$([Guid]::NewGuid().ToString('n').Substring(0, 8))"
        Copy-Item $modulePath $module -Recurse
        $steps = [Collections.Generic.List[string]]::new()
        $status = @{ Default = 'Valid' }
        function Set-AuthenticodeSignature {
            param([Parameter(ValueFromPipeline)] [IO.FileInfo] $File, $Certificate, $HashAlgorithm, $TimestampServer)
            process {
                $steps.Add("sign $([IO.Path]::GetRelativePath($module, $File.FullName)) $Certificate $HashAlgorithm")
                [pscustomobject]@{ Path = $File.FullName; Status = $status[$File.Name] ?? $status.Default; StatusMessage = 'why' }
            }
        }
        function New-FileCatalog {
            param($Path, $CatalogFilePath, $CatalogVersion)
            $steps.Add("catalogue $CatalogVersion of $([IO.Path]::GetRelativePath($module, $Path))")
            New-Item $CatalogFilePath
        }
        Mock Get-Item { 'certificate' } -ParameterFilter { $Path -eq 'Cert:/CurrentUser/My/AB12' }
    }

    It 'is each file of ours that Windows looks at, then a catalogue of all, then the catalogue' {
        Add-ModuleSignature 'AB12'
        $signed = $steps | Where-Object { $_ -like 'sign *' } | ForEach-Object { ($_ -split ' ')[1] }
        $expected = Get-ChildItem $module -Recurse -File | Where-Object { $_.Extension -in '.psd1', '.psm1', '.ps1xml' -or ($_.Extension -eq '.dll' -and $_.Name -like 'PgMigrate.*') } |
            ForEach-Object { [IO.Path]::GetRelativePath($module, $_.FullName) }
        $signed | Sort-Object | Should -Be (@($expected) + 'PgMigrate.cat' | Sort-Object)
        $steps[-2] | Should -Be 'catalogue 2 of .'
        $steps[-1] | Should -Be 'sign PgMigrate.cat certificate SHA256'
    }

    It 'ends the build when one is not valid' {
        $status['PgMigrate.psd1'] = 'UnknownError'
        { Add-ModuleSignature 'AB12' } | Should -Throw 'Not signed: *PgMigrate.psd1 (why).'
    }
}
