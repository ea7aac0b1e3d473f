using PgMigrate.Connections;
using PgMigrate.Planning;
using PgMigrate.Records;
using PgMigrate.Runs;
using Xunit;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A database and a folder, and the way a caller runs one against the other.</summary>
internal sealed class Sandbox : IAsyncDisposable
{
    private readonly List<string> _roles = [];

    private Sandbox(TestDatabase database, TestFolder folder)
    {
        Database = database;
        Folder = folder;
        Options = new MigratorOptions { FolderPaths = [folder.FullPath] };
    }

    public static PlanRequest Apply { get; } = new() { Direction = MigrationDirection.Apply };

    public static PlanRequest Undo { get; } = new() { Direction = MigrationDirection.Undo };

    public TestDatabase Database { get; }

    public TestFolder Folder { get; }

    public MigratorOptions Options { get; set; }

    public static async Task<Sandbox> CreateAsync(params (string Name, string Text)[] files) =>
        new(await TestDatabase.CreateAsync(), new TestFolder(files));

    /// <summary>With a database in this encoding.</summary>
    public static async Task<Sandbox> CreateInAsync(string encoding, params (string Name, string Text)[] files) =>
        new(await TestDatabase.CreateAsync(encoding: encoding), new TestFolder(files));

    public Task<Migrator> OpenAsync(DatabaseTarget? target = null) =>
        Migrator.OpenAsync(target ?? Database.Target, Options, CancellationToken.None);

    /// <summary>Plans and runs, and keeps what happened with the error that ended it.</summary>
    public async Task<RunRecord> RunAsync(
        PlanRequest request, DatabaseTarget? target = null, CancellationToken cancellationToken = default)
    {
        await using var migrator = await OpenAsync(target);
        var plan = await migrator.PlanAsync(request, cancellationToken);
        return await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), cancellationToken));
    }

    /// <summary>Plans and runs a change of records.</summary>
    public static async Task<IReadOnlyList<MigrationStatus>> ChangeAsync(Migrator migrator, RecordChange change) =>
        await migrator.RunAsync(
            await migrator.PlanAsync(change, CancellationToken.None), new RunOptions(), CancellationToken.None);

    /// <summary>Applies everything and fails the test if anything goes wrong.</summary>
    public async Task<IReadOnlyList<MigrationResult>> ApplyAllAsync(DatabaseTarget? target = null) =>
        (await RunAsync(Apply, target)).Succeeded();

    public async Task<MigrationPlan> PlanAsync(PlanRequest request)
    {
        await using var migrator = await OpenAsync();
        return await migrator.PlanAsync(request, CancellationToken.None);
    }

    public async Task<IReadOnlyList<MigrationStatus>> StatusAsync()
    {
        await using var migrator = await OpenAsync();
        return (await migrator.GetStatusAsync(CancellationToken.None)).Migrations;
    }

    public async Task<MigrationStatusSummary> SummaryAsync()
    {
        await using var migrator = await OpenAsync();
        return await migrator.GetSummaryAsync(CancellationToken.None);
    }

    public async Task<IReadOnlyList<MigrationLogEntry>> LogAsync(int? last = null)
    {
        await using var migrator = await OpenAsync();
        return await migrator.GetLogAsync(last, CancellationToken.None);
    }

    /// <summary>Versions in the tracking table, in the order of application.</summary>
    public Task<IReadOnlyList<string>> RecordedAsync() =>
        Database.ListAsync("SELECT version FROM public.schema_migrations ORDER BY id");

    /// <summary>A role that lives as long as the sandbox, under a fresh name: roles belong to the server.</summary>
    public async Task<string> CreateRoleAsync(string options = "")
    {
        var role = $"role_{Guid.NewGuid():N}";
        await Database.ExecuteAsync($"CREATE ROLE {role} {options}");
        _roles.Add(role);
        return role;
    }

    /// <summary>Fails unless no session of the database holds an advisory lock.</summary>
    public async Task AssertLockIsFreeAsync() => Assert.Equal(0, await Database.ScalarAsync<long>(AdvisoryLocks));

    /// <summary>Waits until every session but the asking one is gone.</summary>
    public Task WaitUntilAloneAsync() => Database.WaitUntilAsync(
        "SELECT count(*) = 1 FROM pg_stat_activity "
            + "WHERE datname = current_database() AND backend_type = 'client backend'");

    public async ValueTask DisposeAsync()
    {
        Folder.Dispose();
        await Database.DisposeAsync();
        foreach (var role in _roles)
        {
            await Database.ExecuteOnServerAsync($"DROP ROLE {role}");
        }
    }

    private const string AdvisoryLocks =
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
        + "WHERE l.locktype = 'advisory' AND d.datname = current_database()";
}

/// <summary>What a run yielded, and the error that ended it.</summary>
internal sealed record RunRecord(IReadOnlyList<MigrationEvent> Events, Exception? Error)
{
    public IReadOnlyList<MigrationResult> Results =>
        Events.OfType<StepFinished>().Select(finished => finished.Result).ToList();

    public static async Task<RunRecord> OfAsync(IAsyncEnumerable<MigrationEvent> run)
    {
        var events = new List<MigrationEvent>();
        try
        {
            await foreach (var happened in run)
            {
                events.Add(happened);
            }
        }
        catch (Exception e) when (e is Errors.PgMigrateException or OperationCanceledException)
        {
            return new RunRecord(events, e);
        }

        return new RunRecord(events, null);
    }

    public IReadOnlyList<MigrationResult> Succeeded()
    {
        Assert.Null(Error);
        return Results;
    }

    public TException Failed<TException>()
        where TException : Exception => Assert.IsType<TException>(Error);
}
