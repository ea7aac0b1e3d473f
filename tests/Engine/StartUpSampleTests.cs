using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Shop;
using Xunit;

namespace PgMigrate.Tests;

/// <summary>Runs docs/examples/dotnet/StartUp.cs, which is compiled into this project.</summary>
public class StartUpSampleTests
{
    [Fact]
    public async Task The_sample_applies_pending_migrations_and_reports_them()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"),
            ("002_b.sql", "DO $$ BEGIN RAISE NOTICE 'hello'; END $$;"));
        var log = new LoggedLines();

        Assert.Equal(2, await StartUp.MigrateAsync(box.Database.ConnectionString, box.Folder.FullPath, log));
        Assert.Equal(0, await StartUp.MigrateAsync(box.Database.ConnectionString, box.Folder.FullPath, log));

        Assert.Collection(
            log.Lines,
            line => Assert.Matches(@"^Information: Applied 001_a\.sql in \d+ ms$", line),
            line => Assert.Equal("Information: NOTICE of the server: hello", line),
            line => Assert.Matches(@"^Information: Applied 002_b\.sql in \d+ ms$", line));
        Assert.Equal(["1", "2"], await box.RecordedAsync());
    }

    [Fact]
    public async Task Two_instances_that_start_together_apply_each_migration_once()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT pg_sleep(0.2); CREATE TABLE a (i int);"));

        var applied = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            StartUp.MigrateAsync(box.Database.ConnectionString, box.Folder.FullPath, NullLogger.Instance)));

        Assert.Equal([0, 0, 1], applied.Order());
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_failure_ends_the_start_up_with_its_place()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "SELECT nope;"));
        var log = new LoggedLines();

        await Assert.ThrowsAsync<MigrationApplyException>(() =>
            StartUp.MigrateAsync(box.Database.ConnectionString, box.Folder.FullPath, log));

        Assert.StartsWith("Critical: MigrationFailed: 002_b.sql:1:8: ", log.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    private sealed class LoggedLines : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
