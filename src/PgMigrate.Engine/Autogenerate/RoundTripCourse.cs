using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Schema.Catalog;
using PgMigrate.Scratch;

namespace PgMigrate.Autogenerate;

/// <summary>A scratch database that goes through the migrations of a folder one by one, back and forth.</summary>
internal sealed class RoundTripCourse(ScratchServer server, RoundTripRequest request) : IAsyncDisposable
{
    private readonly MigratorOptions _options = request.Options with { Role = null, CreateSchema = true };
    private ScratchDatabase? _database;
    private Migrator? _migrator;
    private Snapshot? _snapshot;
    private int _applied;
    private bool _isSpoiled;

    /// <summary>True when an UP failed: nothing after it can be reached.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>The request for all migrations of the folder, late ones included.</summary>
    public static PlanRequest Apply(RoundTripRequest request) => new()
    {
        Direction = MigrationDirection.Apply,
        OutOfOrder = OutOfOrderPolicy.Apply,
        Placeholders = request.Placeholders,
        AllowNonEmpty = true,
        CreateSchema = true,
    };

    /// <summary>What an apply to an empty database runs.</summary>
    /// <exception cref="PlanBlockedException">Something blocks it.</exception>
    public async Task<MigrationPlan> PlanAsync(CancellationToken cancellationToken)
    {
        var migrator = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var plan = await migrator.PlanAsync(Apply(request), cancellationToken).ConfigureAwait(false);
        return plan.IsBlocked ? throw new PlanBlockedException(plan.Errors) : plan;
    }

    /// <summary>
    /// Applies everything in front of a step, in a new database where this one is not as it should be.
    /// </summary>
    /// <returns>Why it cannot be reached; null when it is.</returns>
    public async Task<MigrationProblem?> MoveToAsync(int step, CancellationToken cancellationToken)
    {
        if (_isSpoiled)
        {
            await DisposeAsync().ConfigureAwait(false);
        }

        return step == _applied ? null : await ApplyAsync(step - _applied, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Applies the next migration.</summary>
    public Task<MigrationProblem?> ApplyAsync(CancellationToken cancellationToken) => ApplyAsync(1, cancellationToken);

    /// <summary>Undoes a migration that was applied last.</summary>
    public async Task<MigrationProblem?> UndoAsync(PlannedStep step, CancellationToken cancellationToken)
    {
        var problem = await RunAsync(
            Apply(request) with { Direction = MigrationDirection.Undo, Versions = [step.Version.Text] },
            cancellationToken).ConfigureAwait(false);
        _applied--;
        _isSpoiled |= problem is not null;
        return problem;
    }

    /// <summary>The database is no longer what the folder makes: the next migration gets a new one.</summary>
    public void Restart()
    {
        _isSpoiled = true;
        IsStuck = false;
    }

    public async Task<Snapshot> ReadAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return _snapshot ??= await SchemaReplay.ReadAsync(_database!, _options, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Drops the database.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_migrator is not null)
        {
            await _migrator.DisposeAsync().ConfigureAwait(false);
        }

        if (_database is not null)
        {
            await _database.DisposeAsync().ConfigureAwait(false);
        }

        (_migrator, _database, _snapshot, _applied, _isSpoiled) = (null, null, null, 0, false);
    }

    private async Task<MigrationProblem?> ApplyAsync(int count, CancellationToken cancellationToken)
    {
        var problem = await RunAsync(Apply(request) with { Steps = count }, cancellationToken).ConfigureAwait(false);
        _applied += count;
        IsStuck = problem is not null;
        return problem;
    }

    private async Task<MigrationProblem?> RunAsync(PlanRequest asked, CancellationToken cancellationToken)
    {
        _snapshot = null;
        try
        {
            var migrator = await OpenAsync(cancellationToken).ConfigureAwait(false);
            var plan = await migrator.PlanAsync(asked, cancellationToken).ConfigureAwait(false);
            await foreach (var _ in migrator.RunAsync(plan, new RunOptions(), cancellationToken).ConfigureAwait(false))
            {
                // Its events are those of a database that is dropped soon.
            }

            return null;
        }
        catch (MigrationStepException e)
        {
            return ToProblem(e, asked.Direction == MigrationDirection.Apply ? "UP" : "DOWN");
        }
        catch (PlanBlockedException e)
        {
            return e.Problems[0] with { Message = e.Message };
        }
    }

    private async Task<Migrator> OpenAsync(CancellationToken cancellationToken)
    {
        _database ??= await ScratchDatabase.CreateAsync(server, cancellationToken).ConfigureAwait(false);
        return _migrator ??= await Migrator.OpenAsync(_database.Target, _options, cancellationToken)
            .ConfigureAwait(false);
    }

    // What a run would say of its rollback does not matter here.
    private static MigrationProblem ToProblem(MigrationStepException failure, string script)
    {
        var error = failure.Result.Error;
        var cause = error?.ServerMessage is { } said ? $"{said} (SQLSTATE {error.SqlState})" : failure.Message;
        return new MigrationProblem
        {
            Code = failure.Code,
            Message = $"{script} of {failure.Result.Name} fails on a scratch database: {cause}",
            FileName = error?.FileName ?? failure.Result.FileName,
            FilePath = error?.FilePath,
            Line = error?.Line,
            Column = error?.Column,
        };
    }
}
