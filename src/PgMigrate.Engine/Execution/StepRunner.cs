using Npgsql;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Scripts;
using PgMigrate.Sessions;

namespace PgMigrate.Execution;

/// <summary>What became of one step.</summary>
/// <param name="Result">For the pipeline.</param>
/// <param name="Exception">Why the run ends here; null when it goes on.</param>
internal sealed record StepOutcome(MigrationResult Result, Exception? Exception);

/// <summary>Who hears of a transaction while it runs; neither may wait.</summary>
/// <param name="Begin">A step, counted from 0, begins or begins again.</param>
/// <param name="Tell">Something happened in it.</param>
internal sealed record StepVoice(Action<int> Begin, Action<MigrationEvent> Tell);

/// <summary>Runs one step in two round trips: send, then commit.</summary>
internal sealed class StepRunner(DatabaseSession session, HistoryTable history, string module, Connection origin)
{
    private readonly StepSender _sender = new(session, history, module);
    private readonly AutocommitRunner _autocommit = new(session, history, module);
    private readonly ForeignOwners _owners = new(session);
    private readonly SessionTraces _traces = new(session);

    /// <summary>How the run behaves.</summary>
    public required RunOptions Options { get; init; }

    /// <summary>Knows who blocks a step.</summary>
    public required StatementWatcher Watcher { get; init; }

    /// <summary>Runs one step to its end; throws for nothing but cancellation.</summary>
    public async Task<StepOutcome> RunAsync(
        PlannedStep step, int order, StepVoice voice, CancellationToken cancellationToken)
    {
        await _traces.PrepareAsync(step, cancellationToken).ConfigureAwait(false);
        if (step.Script.Transaction == ScriptTransaction.None)
        {
            return await RunOutsideAsync(step, order, voice, cancellationToken).ConfigureAwait(false);
        }

        var retry = new LockRetry(Options, Watcher, voice.Tell);
        var asText = false;
        while (true)
        {
            voice.Begin(0);
            retry.Begin();
            var trip = new StepTrip { Attempt = retry.Attempt };
            var failure = await TrySendAsync(step, trip, asText, cancellationToken).ConfigureAwait(false);
            if (IsTextOnly(failure) && !asText)
            {
                asText = true;
                continue;
            }

            var outcome = failure is null ? await RefuseAsync(step, order, trip).ConfigureAwait(false) : null;
            if (outcome is not null)
            {
                return outcome;
            }

            var commit = failure is null ? await CommitAsync([step], trip).ConfigureAwait(false) : CommitOutcome.None(failure);
            if (!await retry.TryAgainAsync(step, commit.Failure, trip, cancellationToken).ConfigureAwait(false))
            {
                TellOfRemains(step, trip, commit, voice);
                return await EndAsync(step, order, trip, commit).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Tells what a committed step left where it should not be: in its session, and to other owners.</summary>
    public static void TellOfRemains(PlannedStep step, StepTrip trip, CommitOutcome commit, StepVoice voice)
    {
        if (commit.IsCommitted && commit.LeftBehind.Count > 0)
        {
            voice.Tell(new LeftBehind(step, commit.LeftBehind));
        }

        if (commit.IsCommitted && trip.ForeignOwners.Count > 0)
        {
            voice.Tell(new OwnedByOthers(step, trip.ForeignOwners));
        }
    }

    /// <summary>True when what a step did may be committed.</summary>
    public bool IsAcceptable(StepTrip trip) => trip.IsRecorded && session.IsUtf8;

    /// <summary>Rolls back what the server took but must not be committed; null when it may be.</summary>
    public async Task<StepOutcome?> RefuseAsync(PlannedStep step, int order, StepTrip trip)
    {
        if (IsAcceptable(trip))
        {
            return null;
        }

        await session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
        var refusal = trip.IsRecorded
            ? StepFailure.EncodingChanged(step, trip)
            : StepFailure.RecordNotWritten(step, trip, history.QualifiedName);
        return Failed(step, order, trip, await LogAsync(step, refusal, trip).ConfigureAwait(false), null);
    }

    /// <summary>Commits what these steps did; the trip is that of the last.</summary>
    public Task<CommitOutcome> CommitAsync(IReadOnlyList<PlannedStep> steps, StepTrip trip)
    {
        trip.Phase = StepPhase.Commit;
        return NewCommit().CommitAsync(steps);
    }

    /// <summary>What became of the step that order and trip belong to, the last of its transaction.</summary>
    public async Task<StepOutcome> EndAsync(PlannedStep step, int order, StepTrip trip, CommitOutcome commit) =>
        commit switch
        {
            { IsCommitted: true } => new StepOutcome(Succeeded(step, order, trip), commit.Problem),
            { IsUnknown: true } => Failed(
                step,
                order,
                trip,
                StepFailure.CommitUnknown(step, commit.Problem!),
                commit.Problem,
                MigrationOutcome.Unknown),
            _ => await FailAsync(step, order, commit.Problem!, trip).ConfigureAwait(false),
        };

    private async Task<StepOutcome> RunOutsideAsync(
        PlannedStep step, int order, StepVoice voice, CancellationToken cancellationToken)
    {
        voice.Begin(0);
        var trip = new StepTrip();
        try
        {
            var retry = new LockRetry(Options, Watcher, voice.Tell);
            await _autocommit.RunAsync(step, trip, retry, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException or StepFaultException
            or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (session.IsOpen)
            {
                // Its role and its settings are not those that the failure is logged with.
                await NewCommit().ResetAsync(step).ConfigureAwait(false);
            }

            return session.IsOpen || trip.StatementIndex < step.Script.Statements.Count
                ? await FailAsync(step, order, e, trip).ConfigureAwait(false)
                : await AskForEndAsync(step, order, e, trip).ConfigureAwait(false);
        }

        if (!trip.IsRecorded)
        {
            var refusal = StepFailure.RecordNotWritten(step, trip, history.QualifiedName);
            return Failed(step, order, trip, await LogAsync(step, refusal, trip).ConfigureAwait(false), null);
        }

        var reset = await NewCommit().ResetAsync(step).ConfigureAwait(false);
        TellOfRemains(step, trip, reset, voice);
        return new StepOutcome(Succeeded(step, order, trip), reset.Problem);
    }

    // All of its statements are done, and the connection was lost while the record was completed.
    private async Task<StepOutcome> AskForEndAsync(PlannedStep step, int order, Exception lost, StepTrip trip)
    {
        var commit = await NewCommit().AskAgainAsync(step, step.FileName, lost).ConfigureAwait(false);
        if (commit.Entry is { } entry)
        {
            trip.RecordedAt = entry.AppliedAt;
            trip.DurationMs = entry.DurationMs;
        }

        return await EndAsync(step, order, trip, commit).ConfigureAwait(false);
    }

    /// <summary>Answers what went wrong, after rolling back; null when the transaction waits for its COMMIT.</summary>
    public async Task<Exception?> TrySendAsync(
        PlannedStep step, StepTrip trip, bool asText, CancellationToken cancellationToken)
    {
        try
        {
            await (asText
                ? _sender.SendAsTextAsync(step, trip, cancellationToken)
                : _sender.SendAsync(step, trip, cancellationToken)).ConfigureAwait(false);
            trip.ForeignOwners = await _owners.FindAsync(step, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidDataException or InvalidOperationException
            or PgMigrateException or OperationCanceledException)
        {
            if (session.IsOpen)
            {
                await session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
            return e;
        }
    }

    /// <summary>The outcome of a step that was rolled back; logs it when the server can still be reached.</summary>
    public async Task<StepOutcome> FailAsync(PlannedStep step, int order, Exception exception, StepTrip trip)
    {
        trip.Timeout = await TimeoutOrigin.FindAsync(session, step, exception, Options).ConfigureAwait(false);
        var described = StepFailure.Describe(step, exception, trip, history);
        var error = await LogAsync(step, described, trip).ConfigureAwait(false);
        return Failed(step, order, trip, error, StepFailure.Cause(step, exception));
    }

    // Answers the error, which says so when it could not be logged. What it belongs to is rolled back already.
    private async Task<MigrationError> LogAsync(PlannedStep step, MigrationError error, StepTrip trip)
    {
        if (!session.IsOpen)
        {
            return error;
        }

        try
        {
            await history.LogFailureAsync(
                session.Connection,
                module,
                step.Version,
                (step.FileName, ChecksumOf(step)),
                error,
                CancellationToken.None,
                trip.IsInterrupted ? "interrupted" : "failed").ConfigureAwait(false);
            return error;
        }
        catch (NpgsqlException e)
        {
            return error with
            {
                Message = error.Message + Environment.NewLine + $"(The failure could not be logged: {ServerText.Of(e)})",
            };
        }
    }

    private StepOutcome Failed(
        PlannedStep step,
        int order,
        StepTrip trip,
        MigrationError error,
        Exception? cause,
        MigrationOutcome outcome = MigrationOutcome.Failed)
    {
        var result = Result(step, order, trip, outcome) with
        {
            Error = error,
            // The server measures what it records; a failure is measured from here.
            DurationMs = TimeProvider.System.GetElapsedTime(trip.Started).TotalMilliseconds,
        };
        return new StepOutcome(result, step.Direction == MigrationDirection.Apply
            ? new MigrationApplyException(error.Code, result, cause)
            : new MigrationUndoException(error.Code, result, cause));
    }

    /// <summary>The result of a step whose transaction is committed.</summary>
    public MigrationResult Succeeded(PlannedStep step, int order, StepTrip trip) =>
        Result(step, order, trip, step.Direction == MigrationDirection.Apply
            ? MigrationOutcome.Applied
            : MigrationOutcome.Undone) with
        {
            AppliedAt = trip.RecordedAt,
            RowsAffected = trip.RowsAffected,
        };

    private MigrationResult Result(PlannedStep step, int order, StepTrip trip, MigrationOutcome outcome) => new()
    {
        Order = order,
        Version = step.Version.Text,
        VersionKey = step.Version.Key,
        Name = step.Name,
        FileName = step.FileName,
        Folder = step.Folder,
        Folders = step.Folders,
        Format = step.Migration?.Format,
        Module = module,
        Schema = history.Schema,
        HistoryTable = history.Name,
        Connection = origin,
        Direction = step.Direction.ToString(),
        Outcome = outcome.ToString(),
        StatementCount = step.Script.Count,
        Checksum = ChecksumOf(step),
        DurationMs = trip.DurationMs,
        Attempts = trip.Attempt,
    };

    private StepCommit NewCommit() => new(session, history, module, _traces);

    private static string? ChecksumOf(PlannedStep step) => step.Migration?.Checksum ?? step.Entry?.Checksum;

    // "no binary output function available for type …": told by its routine, since the words are in the server's language.
    public static bool IsTextOnly(Exception? exception) =>
        exception is PostgresException e
        && e.SqlState == PostgresErrorCodes.UndefinedFunction
        && e.Routine is "getTypeBinaryOutputInfo" or "array_send" or "get_range_io_data" or "get_multirange_io_data";
}
