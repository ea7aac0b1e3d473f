using Npgsql;
using PgMigrate.Connections;
using PgMigrate.Sql;
using Xunit;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A fresh database, dropped at the end.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _server;

    private TestDatabase(string server, string name)
    {
        _server = server;
        Name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = false }
            .ConnectionString;
    }

    public string Name { get; }

    /// <summary>How a superuser connects.</summary>
    public string ConnectionString { get; }

    public DatabaseTarget Target => TargetFor(_ => { });

    public static async Task<TestDatabase> CreateAsync(string? name = null, string? encoding = null)
    {
        var server = await PostgresServer.ConnectionStringAsync();
        var database = new TestDatabase(server, name ?? $"test_{Guid.NewGuid():N}");
        await ExecuteAsync(server, $"CREATE DATABASE {SqlIdentifier.Quote(database.Name)} TEMPLATE template0"
            + (encoding is null ? "" : $" ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"));
        return database;
    }

    public DatabaseTarget TargetFor(Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString);
        change(settings);
        return DatabaseTarget.Resolve(
            new ConnectionInput { ConnectionString = settings.ConnectionString }, _ => null);
    }

    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public Task ExecuteAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    /// <summary>First column of every row, as text.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
        {
            values.Add(await reader.IsDBNullAsync(0) ? "" : reader.GetString(0));
        }

        return values;
    }

    public Task<bool> HasTableAsync(string qualifiedName) =>
        ScalarAsync<bool>($"SELECT to_regclass({SqlIdentifier.Literal(qualifiedName)}) IS NOT NULL");

    /// <summary>Waits until a query answers true; fails after a generous time.</summary>
    public async Task WaitUntilAsync(string sql, int seconds = 30)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!await ScalarAsync<bool>(sql))
        {
            Assert.False(limit.IsCancellationRequested, $"Still not true after {seconds} s: {sql}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until a session of this database waits for a lock; the server's others are other tests.</summary>
    public Task WaitUntilBlockedAsync(string? lockType = null) => WaitUntilAsync(
        "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            + "WHERE a.datname = current_database() AND NOT l.granted"
            + (lockType is null ? ")" : $" AND l.locktype = '{lockType}')"));

    public Task ExecuteOnServerAsync(string sql) => ExecuteAsync(_server, sql);

    public async ValueTask DisposeAsync() =>
        await ExecuteAsync(_server, $"DROP DATABASE IF EXISTS {SqlIdentifier.Quote(Name)} WITH (FORCE)");

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await connection.ExecuteScriptAsync(sql);
    }
}
