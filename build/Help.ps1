# The help that Get-Help shows, made from the pages in docs/cmdlets. Dot-sourced by build.ps1 and by the tests.

function Get-PageHash {
    # One hash of all pages, the same on each system: names in ordinal order, lines that end in LF.
    param([string] $Folder)
    $pages = [Collections.Generic.SortedDictionary[string, string]]::new([StringComparer]::Ordinal)
    foreach ($page in Get-ChildItem -LiteralPath $Folder -Filter '*-*.md') {
        $pages[$page.Name] = [IO.File]::ReadAllText($page.FullName).ReplaceLineEndings("`n")
    }
    $text = ($pages.GetEnumerator() | ForEach-Object { "$($_.Key)`n$($_.Value)`0" }) -join ''
    [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($text))).ToLowerInvariant()
}

function Export-CmdletHelp {
    # The help file for these pages, in this folder, with the hash of the pages next to it. Needs PlatyPS.
    param([string] $Pages, [string] $Folder)
    Import-Module Microsoft.PowerShell.PlatyPS
    $help = Get-ChildItem -LiteralPath $Pages -Filter '*-*.md' | Import-MarkdownCommandHelp -ErrorAction Stop
    $work = Join-Path ([IO.Path]::GetTempPath()) "pgmigrate-help-$([Guid]::NewGuid().ToString('n'))"
    try {
        $null = $help | Export-MamlCommandHelp -OutputFolder $work -Force
        $file = Get-ChildItem -LiteralPath $work -Recurse -Filter '*-Help.xml'
        if ($file.Name -ne 'PgMigrate.PowerShell.dll-Help.xml') {
            throw "The help file is called $($file.Name), and Get-Help looks for PgMigrate.PowerShell.dll-Help.xml."
        }
        Repair-Example $file.FullName
        $null = New-Item -ItemType Directory -Force $Folder
        $text = [IO.File]::ReadAllText($file.FullName).ReplaceLineEndings("`n").TrimEnd() + "`n"
        [IO.File]::WriteAllText((Join-Path $Folder $file.Name), $text)
        [IO.File]::WriteAllText((Join-Path $Folder 'pages.sha256'), "$(Get-PageHash $Pages)`n")
    }
    finally {
        Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction Ignore
    }
    $help.Count
}

function Repair-Example {
    # PlatyPS leaves the code of an example in its introduction, as a fence, and marks blank lines with U+0080. Get-Help
    # shows the code first and the remarks below it.
    param([string] $File)
    $help = [xml]::new()
    $help.Load($File)
    foreach ($paragraph in @($help.GetElementsByTagName('maml:para'))) {
        if ($paragraph.InnerText -eq [string][char]0x80) {
            $null = $paragraph.ParentNode.RemoveChild($paragraph)
        }
    }
    foreach ($example in $help.GetElementsByTagName('command:example')) {
        $code = foreach ($paragraph in @($example.GetElementsByTagName('maml:para'))) {
            if ($paragraph.InnerText -match '^```powershell\r?\n([\s\S]*?)\s*```$') {
                $Matches[1]
                $null = $paragraph.ParentNode.RemoveChild($paragraph)
            }
            else {
                $null = $example['dev:remarks'].AppendChild($paragraph)
            }
        }
        $example['dev:code'].InnerText = $code -join "`n`n"
        # A blank line before the next title.
        $null = $example['dev:remarks'].AppendChild($help.CreateElement('maml:para', $example['maml:title'].NamespaceURI))
    }
    $help.Save($File)
}
