BeforeAll {
    . $PSScriptRoot/common.ps1

    # A parameter as the cmdlets have them; the real binder, and no database.
    function Read-Duration {
        param(
            [PgMigrate.PowerShell.Binding.DurationTransformation()] [timespan] $Timeout,
            [PgMigrate.PowerShell.Binding.DurationTransformation(MaxSeconds = 100)] [Nullable[timespan]] $Short
        )
        $null -ne $Short ? $Short.TotalSeconds : $Timeout.TotalSeconds
    }

    function Get-DurationError {
        param([scriptblock] $Call)
        $failure = Get-ErrorOf $Call
        $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        $failure.Exception.Message
    }
}

Describe 'Timeouts' {
    It 'read <_> as five seconds' -ForEach '5', "'5'", '5s', "'5 s'", '5.0', '5000ms', "'0:0:5'", '0:0:5', "'00:00:05'", '([timespan]"0:0:5")', '([timespan]::FromSeconds(5))', '5e0', '0x5', '(2 + 3)', '$five', '([decimal]5)', '([long]5)' {
        $five = 5
        & ([scriptblock]::Create("param(`$five) Read-Duration -Timeout $_")) $five | Should -Be 5
    }

    It 'read <Text> as <Seconds> seconds' -ForEach @(
        @{ Text = '0'; Seconds = 0 }
        @{ Text = '0.5'; Seconds = 0.5 }
        @{ Text = '.5'; Seconds = 0.5 }
        @{ Text = "'0.5'"; Seconds = 0.5 }
        @{ Text = '500ms'; Seconds = 0.5 }
        @{ Text = '1ms'; Seconds = 0.001 }
        @{ Text = '1000us'; Seconds = 0.001 }
        @{ Text = '2min'; Seconds = 120 }
        @{ Text = '1.5h'; Seconds = 5400 }
        @{ Text = '1d'; Seconds = 86400 }
        @{ Text = '1D'; Seconds = 86400 }
        @{ Text = "'0:05'"; Seconds = 300 }
        @{ Text = '([timespan]::Zero)'; Seconds = 0 }
    ) {
        & ([scriptblock]::Create("Read-Duration -Timeout $Text")) | Should -Be $Seconds
    }

    It 'refuse <Text>: <Said>' -ForEach @(
        @{ Text = '-1'; Said = '*negative*' }
        @{ Text = "'-5s'"; Said = '*negative*' }
        @{ Text = '([timespan]"-0:0:5")'; Said = '*negative*' }
        @{ Text = '0.0005'; Said = '*at least one millisecond*' }
        @{ Text = '500us'; Said = '*at least one millisecond*' }
        @{ Text = '([timespan]::FromTicks(5))'; Said = '*at least one millisecond*' }
        @{ Text = '86401'; Said = '*the maximum is 86400 seconds*' }
        @{ Text = '2d'; Said = '*the maximum is 86400 seconds*' }
        @{ Text = '([timespan]::MaxValue)'; Said = '*the maximum is 86400 seconds*' }
        @{ Text = "''"; Said = '*not a length of time*' }
        @{ Text = 'soon'; Said = "*'soon' is not a length of time*" }
        @{ Text = '5m'; Said = "*'5m' is not a length of time*500ms, 5s, 2min*" }
        @{ Text = '1kb'; Said = "*'1kb' is not a length of time*" }
        @{ Text = "'0,5'"; Said = "*'0,5' is not a length of time*" }
        @{ Text = '1,5'; Said = '*not a length of time*' }
        @{ Text = "'1:2:3:4:5'"; Said = '*not a length of time*' }
        @{ Text = '([double]::NaN)'; Said = '*not a length of time*' }
        @{ Text = '$true'; Said = '*not a length of time*' }
        @{ Text = '(Get-Date)'; Said = '*not a length of time*' }
        @{ Text = '@{}'; Said = '*not a length of time*' }
    ) {
        Get-DurationError ([scriptblock]::Create("Read-Duration -Timeout $Text")) | Should -BeLike $Said
    }

    It 'know the longest time of each parameter, and a missing value' {
        Get-DurationError { Read-Duration -Short 101 } | Should -BeLike '*the maximum is 100 seconds*'
        Read-Duration -Short 100 | Should -Be 100
        Read-Duration -Short $null -Timeout 3 | Should -Be 3
    }

    It 'have a point before decimals in every culture' {
        $former = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = 'de-DE'
            $half = 0.5
            Read-Duration -Timeout 0.5 | Should -Be 0.5
            Read-Duration -Timeout $half | Should -Be 0.5
            Read-Duration -Timeout ([decimal]0.5) | Should -Be 0.5
            Read-Duration -Timeout '0.5' | Should -Be 0.5
            Read-Duration -Timeout '1.5s' | Should -Be 1.5
            Get-DurationError { Read-Duration -Timeout '0,5' } | Should -BeLike '*not a length of time*'
            Get-DurationError { Read-Duration -Timeout 1000000.5 } | Should -BeLike '*86400*'
        }
        finally {
            [cultureinfo]::CurrentCulture = $former
        }
    }

    It 'go through the one attribute in every cmdlet' {
        $timeouts = Get-Command -Module PgMigrate | ForEach-Object { $_.Parameters.Values } | Where-Object Name -Match '(Timeout|Wait)$'
        $timeouts.Count | Should -BeGreaterThan 6
        foreach ($parameter in $timeouts) {
            ([Nullable]::GetUnderlyingType($parameter.ParameterType) ?? $parameter.ParameterType) | Should -Be ([timespan])
            @($parameter.Attributes).ForEach{ $_.GetType().Name } | Should -Contain 'DurationTransformationAttribute'
        }
    }

    It 'reach the server with the right value' {
        $database = New-TestDatabase
        try {
            $folder = New-MigrationFolder @{ '001_a.sql' = "CREATE TABLE seen AS SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout') AS s;" }
            $null = Invoke-PgMigration -ConnectionString $database.ConnectionString -Path $folder -LockTimeout 1500ms -StatementTimeout '0:1:30' -ConcurrentLockTimeout 2min -LockWait 1min
            Invoke-Sql -Database $database.Name 'SELECT s FROM seen;' | Should -Be '1500ms 90s'
            (Get-ErrorOf { Undo-PgMigration -ConnectionString $database.ConnectionString -Path $folder -LockWait 0.0001 }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
            (Get-ErrorOf { Remove-PgMigrationRecord 1 -ConnectionString $database.ConnectionString -Path $folder -LockWait soon }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        }
        finally {
            Remove-TestDatabase
        }
    }
}
