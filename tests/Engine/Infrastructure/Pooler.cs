using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using PgMigrate.Connections;
using Xunit;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A real PgBouncer in front of the server of the run.</summary>
internal sealed class Pooler : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly string _database;

    private Pooler(Process process, string folder, string database, int port)
    {
        _process = process;
        _folder = folder;
        _database = database;
        Port = port;
    }

    /// <summary>Why a test with PgBouncer is skipped; null when PgBouncer is there.</summary>
    public static string? Missing => PostgresServer.FolderOf("pgbouncer") is null
        ? "PgBouncer is not installed: install the package pgbouncer."
        : null;

    public int Port { get; }

    public DatabaseTarget Target => TargetFor(_ => { });

    /// <summary>How a client connects.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = _database,
        Username = "postgres",
        SslMode = Npgsql.SslMode.Disable,
        Pooling = false,
    }.ConnectionString;

    public static Task<Pooler> StartAsync(TestDatabase database, string mode, params string[] settings) =>
        StartAsync(database, new NpgsqlConnectionStringBuilder(database.ConnectionString), mode, settings);

    /// <summary>One whose way to the server leads through this relay.</summary>
    public static Task<Pooler> StartAsync(TestDatabase database, FarRelay relay, string mode, params string[] settings) =>
        StartAsync(
            database,
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { Host = "127.0.0.1", Port = relay.Port },
            mode,
            settings);

    private static async Task<Pooler> StartAsync(
        TestDatabase database, NpgsqlConnectionStringBuilder server, string mode, string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("pgmigrate-pooler-").FullName;
        PostgresServer.AllowServerAccount(folder);
        var port = PostgresServer.FreePort();
        var password = server.Password is null ? "" : $" password={server.Password}";
        var file = Path.Combine(folder, "pgbouncer.ini");
        await File.WriteAllTextAsync(
            file,
            string.Create(CultureInfo.InvariantCulture,
                $"""
                [databases]
                * = host={server.Host} port={server.Port} user={server.Username}{password}
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {port}
                unix_socket_dir =
                auth_type = any
                pool_mode = {mode}
                {string.Join('\n', settings)}

                """));
        string[] command = [.. PostgresServer.AsServerAccount(), Path.Combine(PostgresServer.FolderOf("pgbouncer")!, "pgbouncer"), "-q", file];
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false })!;
        var pooler = new Pooler(process, folder, database.Name, port);
        await pooler.WaitUntilUpAsync();
        return pooler;
    }

    public DatabaseTarget TargetFor(Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString);
        change(settings);
        return DatabaseTarget.Resolve(new ConnectionInput { ConnectionString = settings.ConnectionString }, _ => null);
    }

    /// <summary>So many sessions of the pool at the same time, so that all of them exist afterwards.</summary>
    public async Task WarmUpAsync(int sessions) =>
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(_ => WorkAsync("SELECT pg_sleep(0.2)", 1)));

    /// <summary>One client of the pool that runs a statement again and again.</summary>
    public async Task WorkAsync(string sql, int times)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        for (var i = 0; i < times; i++)
        {
            await command.ExecuteNonQueryAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task WaitUntilUpAsync()
    {
        for (var i = 0; ; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync("127.0.0.1", Port);
                return;
            }
            catch (SocketException) when (i < 200)
            {
                await Task.Delay(25);
            }
        }
    }
}

/// <summary>A test with PgBouncer, skipped where it is not installed.</summary>
internal sealed class PoolerFactAttribute : FactAttribute
{
    public PoolerFactAttribute() => Skip = Pooler.Missing;
}

/// <summary>Tests with PgBouncer, skipped where it is not installed.</summary>
internal sealed class PoolerTheoryAttribute : TheoryAttribute
{
    public PoolerTheoryAttribute() => Skip = Pooler.Missing;
}
