using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class ConnectionLimitTests
{
    [Fact]
    public async Task A_server_or_a_role_without_a_free_connection_is_an_error_that_says_so()
    {
        await using var server = await LoopbackServer.StartAsync(
            "max_connections = 4\nsuperuser_reserved_connections = 1\nmax_wal_senders = 0");
        await server.ExecuteAsync("CREATE ROLE plain LOGIN", "CREATE ROLE single LOGIN CONNECTION LIMIT 1");
        using var folder = new TestFolder();
        var options = new MigratorOptions { FolderPaths = [folder.FullPath] };
        Task<Migrator> OpenAsync(string user) => Migrator.OpenAsync(
            server.TargetFor(settings => settings.Username = user), options, CancellationToken.None);

        var open = new Stack<Migrator>();
        async Task<ConnectionException> OpenUntilRefusedAsync(string user)
        {
            for (var i = 0; i < 10; i++)
            {
                try
                {
                    open.Push(await OpenAsync(user));
                }
                catch (ConnectionException e)
                {
                    return e;
                }
            }

            throw new InvalidOperationException("Never refused.");
        }

        var limited = await OpenUntilRefusedAsync("single");
        var reserved = await OpenUntilRefusedAsync("plain");
        var full = await OpenUntilRefusedAsync("postgres");
        foreach (var migrator in open)
        {
            await migrator.DisposeAsync();
        }

        Assert.All([limited, reserved, full], error =>
        {
            Assert.Equal("TooManyConnections", error.Code);
            Assert.Contains("Nothing was run", error.Message, StringComparison.Ordinal);
            Assert.Contains("max_connections", error.Message, StringComparison.Ordinal);
        });
        Assert.Contains("too many connections for role \"single\"", limited.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_needs_one_connection_and_works_without_the_view_of_its_progress()
    {
        await using var server = await LoopbackServer.StartAsync(
            "max_connections = 2\nsuperuser_reserved_connections = 0\nmax_wal_senders = 0");
        using var folder = new TestFolder(("001_slow.sql", "SELECT pg_sleep(2.5);\nCREATE TABLE a (i int);"));
        await using var other = new Npgsql.NpgsqlConnection(server.ConnectionString);
        await other.OpenAsync();
        await using var migrator = await Migrator.OpenAsync(
            server.Target, new MigratorOptions { FolderPaths = [folder.FullPath] }, CancellationToken.None);
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);

        var run = await RunRecord.OfAsync(migrator.RunAsync(
            plan, new RunOptions(), CancellationToken.None));

        Assert.Equal(nameof(MigrationOutcome.Applied), Assert.Single(run.Succeeded()).Outcome);
    }

    [Fact]
    public async Task A_warning_says_that_blockers_cannot_be_signalled_without_a_second_connection()
    {
        await using var server = await LoopbackServer.StartAsync();
        await server.ExecuteAsync("CREATE ROLE single LOGIN CONNECTION LIMIT 1", "CREATE SCHEMA s AUTHORIZATION single");
        await server.ExecuteAsync("CREATE TABLE s.t (i int)", "ALTER TABLE s.t OWNER TO single");
        using var folder = new TestFolder(("001_a.sql", "ALTER TABLE t ADD COLUMN x int;"));
        await using var blocker = new Npgsql.NpgsqlConnection(server.ConnectionString);
        await blocker.OpenAsync();
        await blocker.ExecuteScriptAsync("BEGIN; SELECT * FROM s.t;");
        await using var migrator = await Migrator.OpenAsync(
            server.TargetFor(settings => settings.Username = "single"),
            new MigratorOptions { FolderPaths = [folder.FullPath], Schema = "s" },
            CancellationToken.None);
        var plan = await migrator.PlanAsync(Sandbox.Apply with { AllowNonEmpty = true }, CancellationToken.None);

        var run = await RunRecord.OfAsync(migrator.RunAsync(
            plan,
            new RunOptions { LockTimeout = TimeSpan.FromSeconds(8), LockRetry = 0, OnBlocker = BlockerAction.Terminate },
            CancellationToken.None));

        run.Failed<MigrationApplyException>();
        var warning = Assert.Single(run.Events.OfType<RunWarning>());
        Assert.StartsWith("-OnBlocker Terminate cannot end a session now: ", warning.Message, StringComparison.Ordinal);
        Assert.EndsWith(": too many connections for role \"single\" (SQLSTATE 53300).", warning.Message, StringComparison.Ordinal);
        Assert.Empty(run.Events.OfType<BlockersEnded>());
    }
}
