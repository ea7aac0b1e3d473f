using PgMigrate.Errors;
using PgMigrate.Execution.Failures;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>A server that waits for a synchronous standby that is not there, with each COMMIT that asks for one.</summary>
public sealed class StandbyCommitTests
{
    [Fact]
    public async Task A_commit_that_waits_for_a_standby_is_shown_and_is_applied_with_a_warning_when_it_is_cancelled()
    {
        await using var server = await LoopbackServer.StartAsync(
            "synchronous_standby_names = 'nobody'\nsynchronous_commit = 'local'");
        using var folder = new TestFolder(
            ("001_a.sql", "SET LOCAL synchronous_commit = on;\nCREATE TABLE a (i int);"),
            ("002_b.sql", "CREATE TABLE b (i int);"));
        await using var migrator = await Migrator.OpenAsync(
            server.Target, new MigratorOptions { FolderPaths = [folder.FullPath] }, CancellationToken.None);
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        var events = new List<MigrationEvent>();

        await foreach (var happened in migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))
        {
            events.Add(happened);
            if (happened is StatementRunning { AwaitsStandby: true } running)
            {
                Assert.Equal(("001_a.sql", "COMMIT"), (running.Step.FileName, running.Statement));
                await server.ExecuteAsync(
                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
            }
        }

        Assert.Contains(events, happened => happened is StatementRunning { AwaitsStandby: true });
        var warning = Assert.Single(events.OfType<NoticeRaised>());
        Assert.True(warning.IsWarning);
        Assert.Contains("canceling wait for synchronous replication", warning.Message, StringComparison.Ordinal);
        Assert.Contains("committed locally", warning.Detail, StringComparison.Ordinal);
        Assert.Equal(
            [nameof(MigrationOutcome.Applied), nameof(MigrationOutcome.Applied)],
            events.OfType<StepFinished>().Select(finished => finished.Result.Outcome));
        Assert.Equal(2, await server.ScalarAsync<long>("SELECT count(*) FROM schema_migrations"));
    }

    // Until the wait is over, others see what was there before.
    [Theory]
    [InlineData("CREATE TABLE a (i int);", MigrationDirection.Apply, "as pending until")]
    [InlineData("-- UP\nCREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;", MigrationDirection.Undo, "as applied until")]
    [InlineData("-- pgmigrate: no-transaction\nCREATE TABLE a (i int);", MigrationDirection.Apply, "as interrupted until")]
    public async Task The_error_of_a_commit_with_an_unknown_outcome_has_the_state_that_the_status_shows(
        string text, MigrationDirection direction, string shown)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", text));
        if (direction == MigrationDirection.Undo)
        {
            await box.ApplyAllAsync();
        }

        var plan = await box.PlanAsync(new PlanRequest { Direction = direction });
        var error = StepFailure.CommitUnknown(Assert.Single(plan.Steps), new LockTimeoutException("Still held."));

        Assert.Contains(shown, error.Message, StringComparison.Ordinal);
    }
}
