# The server as the tests look at it: statements, and sessions that stay open. Dot-sourced by common.ps1.

# The tests look at the server through the Npgsql that the module brings, in a load context of its own: the module must
# find nothing that a test has loaded.
$npgsqlContext = [Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ 'PgMigrateTests' | Select-Object -First 1
if (-not $npgsqlContext) {
    $npgsqlContext = [Runtime.Loader.AssemblyLoadContext]::new('PgMigrateTests')
    foreach ($file in Get-ChildItem (Join-Path $modulePath 'dependencies') -Filter '*.dll' | Where-Object Name -NE 'PgMigrate.Engine.dll') {
        $null = $npgsqlContext.LoadFromAssemblyPath($file.FullName)
    }
}
$npgsql = $npgsqlContext.Assemblies | Where-Object { $_.GetName().Name -eq 'Npgsql' }

function Open-Sql {
    # A session of its own; Stop-Sql ends it.
    param([string] $Database, $On = $server)
    $settings = [Data.Common.DbConnectionStringBuilder]::new()
    $values = @{
        Host = $On.HostName; Port = $On.Port; Username = $On.UserName; Database = $Database; Pooling = 'false'; Timezone = 'UTC'
        'Command Timeout' = 0; 'Application Name' = 'tests'; Options = '-c client_min_messages=error'
    }
    $values.Keys | ForEach-Object { $settings[$_] = $values[$_] }
    if ($On.Password) {
        $settings['Password'] = $On.Password
    }
    $connection = [Activator]::CreateInstance($npgsql.GetType('Npgsql.NpgsqlConnection'), $settings.ConnectionString)
    $connection.Open()
    $connection
}

function Read-Sql {
    # Rows of one or more statements as lines, columns separated by |, values as the server writes them.
    param([Data.Common.DbConnection] $Session, [string] $Sql)
    # One at a time, as some must not share a transaction with others.
    $statement = @'
(?s)(?:'(?:[^']|'')*'|"[^"]*"|--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1|[^;])+
'@
    foreach ($text in [regex]::Matches($Sql, $statement.Trim()) | ForEach-Object Value) {
        if ([string]::IsNullOrWhiteSpace($text)) {
            continue
        }
        $command = $Session.CreateCommand()
        $command.CommandText = $text
        $command.AllResultTypesAreUnknown = $true
        try {
            $reader = $command.ExecuteReader()
            while ($reader.Read()) {
                $line = (0..($reader.FieldCount - 1) | ForEach-Object { $reader.IsDBNull($_) ? '' : $reader.GetString($_) }) -join '|'
                $line -split "`n" | Where-Object { $_ -ne '' }
            }
        }
        finally {
            ${reader}?.Dispose()
            $command.Dispose()
            $reader = $null
        }
    }
}

function Invoke-Sql {
    # Rows of one or more statements, in a session of its own. Throws when the server says no.
    param([string] $Sql, [string] $Database = $server.Database, $On = $server)
    $session = Open-Sql $Database $On
    try {
        Read-Sql $session $Sql
    }
    finally {
        $session.Dispose()
    }
}

function Start-Sql {
    # A session that has run these statements and stays open; end it with Stop-Sql.
    param([string] $Sql, [string] $Database, $On = $server)
    $session = Open-Sql $Database $On
    $null = Read-Sql $session $Sql
    $session
}

function Stop-Sql {
    param([Data.Common.DbConnection] $Session)
    $Session.Dispose()
}
