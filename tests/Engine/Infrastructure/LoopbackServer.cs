using System.Globalization;
using Npgsql;
using PgMigrate.Connections;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>
/// A server of its own on the loopback address, for tests that need one set up in another way than the server of the
/// run. It is stopped at the end of the test; an interrupted run stops it as well.
/// </summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _programs;
    private int _isStopped;

    private LoopbackServer(string folder, string programs, int port)
    {
        _folder = folder;
        _programs = programs;
        Port = port;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop();
    }

    public int Port { get; }

    /// <summary>Where a test may put files for the server.</summary>
    public string Folder => _folder;

    /// <summary>How a superuser connects.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "postgres",
        Database = "postgres",
        Pooling = false,
    }.ConnectionString;

    public DatabaseTarget Target => TargetFor(_ => { });

    private string Data => Path.Combine(_folder, "data");

    /// <summary>
    /// A new server with these settings. <paramref name="access"/> are lines of pg_hba.conf that come first; everybody
    /// else is trusted. <paramref name="prepare"/> gets the folder before the server starts.
    /// </summary>
    public static async Task<LoopbackServer> StartAsync(
        string settings = "", string access = "", Func<LoopbackServer, Task>? prepare = null)
    {
        var server = Create();
        await PostgresServer.RunAsync(
            server._programs, "initdb", server._folder,
            "-D", server.Data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N");
        var rules = Path.Combine(server.Data, "pg_hba.conf");
        await File.WriteAllTextAsync(rules, access + "\n" + await File.ReadAllTextAsync(rules));
        return await server.StartAsync(settings, prepare);
    }

    /// <summary>
    /// A streaming standby: the files of the primary, taken while it is stopped. npm's packages have no pg_basebackup, and
    /// that of another installation serves no server that is newer than itself.
    /// </summary>
    public static async Task<LoopbackServer> StandbyOfAsync(LoopbackServer primary)
    {
        var server = Create();
        await PostgresServer.RunAsync(
            primary._programs, "pg_ctl", primary._folder, "-D", primary.Data, "-w", "-s", "-m", "fast", "stop");
        await PostgresServer.CopyAsync(primary.Data, server.Data);
        await primary.StartProcessAsync();
        await File.WriteAllTextAsync(Path.Combine(server.Data, "standby.signal"), "");
        await PostgresServer.GiveToServerAccountAsync(Path.Combine(server.Data, "standby.signal"));
        var source = string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1 port={primary.Port} user=postgres");
        return await server.StartAsync($"primary_conninfo = '{source}'", null);
    }

    public DatabaseTarget TargetFor(Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString);
        change(settings);
        return DatabaseTarget.Resolve(new ConnectionInput { ConnectionString = settings.ConnectionString }, _ => null);
    }

    /// <summary>Runs statements, one after the other, in the database <c>postgres</c>.</summary>
    public async Task ExecuteAsync(params string[] statements)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    /// <summary>Waits until a query answers true; fails after a generous time.</summary>
    public async Task WaitUntilAsync(string sql)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await ScalarAsync<bool>(sql))
        {
            Xunit.Assert.False(limit.IsCancellationRequested, $"Still not true: {sql}");
            await Task.Delay(50);
        }
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        return ValueTask.CompletedTask;
    }

    private static LoopbackServer Create()
    {
        var folder = PostgresServer.NewFolder("pgmigrate-other-");
        var server = new LoopbackServer(folder, PostgresServer.FindPrograms(), PostgresServer.FreePort());
        ServerGuard.Start(server._programs, folder, server.Data);
        return server;
    }

    private async Task<LoopbackServer> StartAsync(string settings, Func<LoopbackServer, Task>? prepare)
    {
        var socket = OperatingSystem.IsWindows() ? "" : $"unix_socket_directories = '{_folder}'\n";
        await File.AppendAllTextAsync(
            Path.Combine(Data, "postgresql.conf"),
            string.Create(CultureInfo.InvariantCulture, $"\nport = {Port}\nlisten_addresses = '127.0.0.1'\nfsync = off\n")
                + $"password_encryption = 'scram-sha-256'\n{socket}{settings}\n");
        if (prepare is not null)
        {
            await prepare(this);
        }

        await StartProcessAsync();
        return this;
    }

    private Task StartProcessAsync() => PostgresServer.RunAsync(
        _programs, "pg_ctl", _folder, "-D", Data, "-w", "-s", "-l", Path.Combine(_folder, "log"), "start");

    private void Stop()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) == 0)
        {
            PostgresServer.Stop(_programs, _folder, Data);
        }
    }
}
