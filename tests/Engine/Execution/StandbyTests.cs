using System.Globalization;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>A real primary with a real streaming standby, and a fresh database on both for each test.</summary>
public sealed class StandbyTests(ReplicationPair pair) : IClassFixture<ReplicationPair>, IAsyncLifetime, IDisposable
{
    private readonly string _database = $"test_{Guid.NewGuid():N}";
    private readonly TestFolder _folder = new(
        ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"),
        ("002_b.sql", "CREATE TABLE b (i int);\n-- DOWN\nDROP TABLE b;"));

    public async Task InitializeAsync()
    {
        await pair.Primary.ExecuteAsync($"CREATE DATABASE {_database} TEMPLATE template0");
        await ApplyAsync(TargetOn(pair.Primary), 1);
        await pair.Standby.WaitUntilAsync("SELECT pg_last_wal_replay_lsn() >= '"
            + await pair.Primary.ScalarAsync<string>("SELECT pg_current_wal_lsn()::text") + "'::pg_lsn");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_standby_is_rejected_by_name_for_every_write_and_can_be_read()
    {
        await using var migrator = await OpenAsync(TargetOn(pair.Standby));
        Func<Task>[] writes =
        [
            () => RunAsync(migrator, Sandbox.Apply),
            () => RunAsync(migrator, Sandbox.Undo),
            () => migrator.InitializeAsync(new RunOptions(), CancellationToken.None),
            () => migrator.RemoveRecordsAsync(["1"], new RunOptions(), CancellationToken.None),
        ];
        foreach (var write in writes)
        {
            var error = await Assert.ThrowsAsync<ConnectionException>(write);
            Assert.Equal("ServerIsStandby", error.Code);
            Assert.Contains(NameOf(pair.Standby), error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(
            [nameof(MigrationState.Applied), nameof(MigrationState.Pending)],
            (await migrator.GetStatusAsync(CancellationToken.None)).Migrations.Select(row => row.State));
        Assert.Single(await migrator.GetLogAsync(null, CancellationToken.None));
        Assert.Single((await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None)).Steps);
    }

    [Fact]
    public async Task Of_several_hosts_the_primary_is_used()
    {
        var hosts = $"{NameOf(pair.Standby)},127.0.0.1:1,{NameOf(pair.Primary)}";
        var target = TargetOn(pair.Primary, settings => settings.Host = hosts);

        await ApplyAsync(target, 2);

        await using var migrator = await OpenAsync(TargetOn(pair.Primary));
        Assert.All((await migrator.GetStatusAsync(CancellationToken.None)).Migrations, row => Assert.True(row.Applied));
    }

    [Fact]
    public async Task Of_several_hosts_without_a_primary_the_standby_is_rejected_by_name()
    {
        var target = TargetOn(pair.Primary, settings => settings.Host = $"127.0.0.1:1,{NameOf(pair.Standby)}");
        await using var migrator = await OpenAsync(target);

        var error = await Assert.ThrowsAsync<ConnectionException>(() => RunAsync(migrator, Sandbox.Apply));

        Assert.Equal("ServerIsStandby", error.Code);
        Assert.Contains(NameOf(pair.Standby), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read-write", "primary", null)]
    [InlineData("read-write", "standby", "ConnectionFailed")]
    [InlineData("primary", "standby", "ConnectionFailed")]
    [InlineData("standby", "standby", "ServerIsStandby")]
    [InlineData("standby", "primary", "ConnectionFailed")]
    [InlineData("any", "standby", "ServerIsStandby")]
    [InlineData("prefer-standby", "primary", null)]
    public async Task Target_session_attrs_applies_to_a_single_host_too(string wanted, string server, string? code)
    {
        var target = TargetOn(
            server == "primary" ? pair.Primary : pair.Standby, settings => settings.TargetSessionAttributes = wanted);

        var error = await Record.ExceptionAsync(() => ApplyAsync(target, 1));

        Assert.Equal(code, (error as ConnectionException)?.Code);
        Assert.True(code is not null || error is null, error?.ToString());
    }

    [Fact]
    public async Task A_login_that_is_read_only_by_its_settings_is_an_error_that_says_so()
    {
        await pair.Primary.ExecuteAsync(
            "CREATE ROLE reader LOGIN SUPERUSER", "ALTER ROLE reader SET default_transaction_read_only = on");
        await using var migrator = await OpenAsync(TargetOn(pair.Primary, settings => settings.Username = "reader"));

        var error = await Assert.ThrowsAsync<ConnectionException>(() => RunAsync(migrator, Sandbox.Apply));

        Assert.Equal("SessionReadOnly", error.Code);
        Assert.Contains("default_transaction_read_only", error.Message, StringComparison.Ordinal);
        Assert.Contains(NameOf(pair.Primary), error.Message, StringComparison.Ordinal);

        var writing = TargetOn(pair.Primary, settings =>
        {
            settings.Username = "reader";
            settings.Options = "-c default_transaction_read_only=off";
        });
        await ApplyAsync(writing, 1);
    }

    private DatabaseTarget TargetOn(
        LoopbackServer server, Action<Npgsql.NpgsqlConnectionStringBuilder>? change = null) => server.TargetFor(settings =>
        {
            settings.Database = _database;
            change?.Invoke(settings);
        });

    private static string NameOf(LoopbackServer server) =>
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.Port}");

    private static async Task RunAsync(Migrator migrator, PlanRequest request)
    {
        var plan = await migrator.PlanAsync(request, CancellationToken.None);
        await foreach (var _ in migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))
        {
            // Only the end counts.
        }
    }

    private Task<Migrator> OpenAsync(DatabaseTarget target) => Migrator.OpenAsync(
        target, new MigratorOptions { FolderPaths = [_folder.FullPath] }, CancellationToken.None);

    private async Task ApplyAsync(DatabaseTarget target, int steps)
    {
        await using var migrator = await OpenAsync(target);
        await RunAsync(migrator, Sandbox.Apply with { Steps = steps });
    }
}

/// <summary>The two servers of all tests here.</summary>
public sealed class ReplicationPair : IAsyncLifetime
{
    internal LoopbackServer Primary { get; private set; } = null!;

    internal LoopbackServer Standby { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Primary = await LoopbackServer.StartAsync();
        Standby = await LoopbackServer.StandbyOfAsync(Primary);
    }

    public async Task DisposeAsync()
    {
        await Standby.DisposeAsync();
        await Primary.DisposeAsync();
    }
}
