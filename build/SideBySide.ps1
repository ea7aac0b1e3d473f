# Processes that run side by side. Dot-sourced by build.ps1.

function Invoke-SideBySide {
    # Runs these parts, so many at once; each has a Name. Start answers how the process of a part is started, End is called
    # when it has ended and its ExitCode and Seconds are known. Each line of output is shown with the part it comes from.
    param([object[]] $Part, [int] $AtOnce, [scriptblock] $Start, [scriptblock] $End)
    $waiting = [Collections.Generic.Queue[object]]::new($Part)
    $running = [Collections.Generic.List[object]]::new()
    try {
        while ($waiting.Count -or $running.Count) {
            while ($waiting.Count -and $running.Count -lt $AtOnce) {
                $next = $waiting.Dequeue()
                $running.Add((Start-Part $next $Start))
            }
            [Threading.Thread]::Sleep(100)
            foreach ($one in @($running)) {
                if ((Write-PartOutput $one) -and $one.Process.HasExited) {
                    $null = $running.Remove($one)
                    Complete-Part $one $End
                }
            }
        }
    }
    finally {
        # Only when something broke down above.
        foreach ($one in $running) {
            $one.Process.Kill($true)
            & $End $one.Part
        }
    }
}

function Start-Part {
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'A process of this build.')]
    param($Part, [scriptblock] $Start)
    Write-Information "-- $($Part.Name): starts" -InformationAction Continue
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $how = & $Start $Part
    $how.UseShellExecute = $false
    if ([Console]::IsOutputRedirected) {
        $how.Environment['NO_COLOR'] = '1'
    }
    $how.RedirectStandardOutput = $how.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($how)
    $readers = foreach ($stream in $process.StandardOutput, $process.StandardError) {
        [pscustomobject]@{ Stream = $stream; Line = $stream.ReadLineAsync() }
    }
    [pscustomobject]@{ Part = $Part; Process = $process; Clock = $clock; Readers = $readers }
}

function Write-PartOutput {
    # Shows the lines that are there. True when both streams are at their end.
    param($Running)
    $ended = 0
    foreach ($reader in $Running.Readers) {
        while ($reader.Line.IsCompleted) {
            $line = $reader.Line.GetAwaiter().GetResult()
            if ($null -eq $line) {
                $ended++
                break
            }
            if ($line.Trim()) {
                Write-Information "$($Running.Part.Name) | $line" -InformationAction Continue
            }
            $reader.Line = $reader.Stream.ReadLineAsync()
        }
    }
    # What a process left behind may hold its output open: a second after its end is enough.
    $ended -eq $Running.Readers.Count -or ($Running.Process.HasExited -and ([DateTime]::Now - $Running.Process.ExitTime).TotalSeconds -gt 1)
}

function Complete-Part {
    param($Running, [scriptblock] $End)
    $Running.Part | Add-Member -NotePropertyMembers @{ ExitCode = $Running.Process.ExitCode; Seconds = [int]$Running.Clock.Elapsed.TotalSeconds }
    Write-Information "-- $($Running.Part.Name): $($Running.Part.Seconds) s" -InformationAction Continue
    & $End $Running.Part
}
