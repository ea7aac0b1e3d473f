using System.Security.Cryptography;
using Npgsql;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Runs;

namespace PgMigrate.Execution;

/// <summary>What is known when an attempt has lost a lock.</summary>
/// <param name="Attempt">Which attempt, from 1.</param>
/// <param name="Elapsed">Time since the first attempt began.</param>
/// <param name="Work">What this attempt did besides waiting for locks.</param>
internal sealed record RetryState(int Attempt, TimeSpan Elapsed, TimeSpan Work);

/// <summary>Whether there is another attempt.</summary>
/// <param name="Pause">How long until it begins; null when there is none.</param>
/// <param name="Reason">Why there is none, for the error; empty when there is nothing to add.</param>
internal sealed record RetryDecision(TimeSpan? Pause, string Reason);

/// <summary>
/// Tries again what lost a lock. Who waits for a lock on a table makes everybody else wait behind him, so an attempt is
/// short and there are several; who has worked for long is not sent through it again, since each time leaves its dead
/// rows behind.
/// </summary>
internal sealed class LockRetry(RunOptions options, StatementWatcher watcher, Action<MigrationEvent> tell)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private long _attemptStarted = TimeProvider.System.GetTimestamp();
    private TimeSpan _waitedBefore;

    /// <summary>How the run behaves.</summary>
    public RunOptions Options => options;

    /// <summary>Which attempt runs, from 1.</summary>
    public int Attempt { get; private set; } = 1;

    /// <summary>True for a lock timeout, NOWAIT and a deadlock.</summary>
    public static bool IsLockFailure(Exception? failure) => failure is PostgresException
    {
        SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected,
    };

    /// <summary>
    /// Decides about another attempt; pure. <paramref name="jitter"/> is from 0 to 1: two runs that lost to each other
    /// must not meet again.
    /// </summary>
    public static RetryDecision Decide(RunOptions options, RetryState state, double jitter)
    {
        if (options.OnBlocker == BlockerAction.Fail || options.LockRetry == 0)
        {
            return new RetryDecision(null, "");
        }

        if (state.Work >= options.LockRetryWork)
        {
            return new RetryDecision(null, $"It had worked for {state.Work.TotalSeconds:F0} s before that, so it was not "
                + "tried again: each attempt does that work anew and leaves its dead rows behind. Split DDL from backfill: "
                + "put what needs the lock into a file of its own.");
        }

        if (state.Attempt > options.LockRetry)
        {
            return new RetryDecision(null, $"Tried {Counted.Of(state.Attempt, "time")}.");
        }

        var first = options.LockTimeout / 5;
        first = first < ShortestPause ? FirstPause : first > FirstPause ? FirstPause : first;
        var full = Math.Min(LongestPause.Ticks, first.Ticks * Math.Pow(2, state.Attempt - 1));
        var pause = TimeSpan.FromTicks((long)(full * (0.5 + (jitter / 2))));
        return state.Elapsed + pause > options.LockRetryLimit
            ? new RetryDecision(null, $"Tried {Counted.Of(state.Attempt, "time")} in {Counted.Of((long)Math.Round(state.Elapsed.TotalMinutes), "minute")}.")
            : new RetryDecision(pause, "");
    }

    /// <summary>Says that an attempt begins, after the watcher was told so.</summary>
    public void Begin()
    {
        _attemptStarted = TimeProvider.System.GetTimestamp();
        _waitedBefore = watcher.Waited;
    }

    /// <summary>Keeps in the trip who is in the way, while it is known.</summary>
    public void NoteBlockers(Exception? failure, StepTrip trip)
    {
        if (IsLockFailure(failure))
        {
            trip.Blockers = watcher.Blockers;
        }
    }

    /// <summary>
    /// Waits for the next attempt of what is rolled back already; false when there is none, and then the trip knows why.
    /// </summary>
    public async Task<bool> TryAgainAsync(
        PlannedStep step, Exception? failure, StepTrip trip, CancellationToken cancellationToken)
    {
        if (failure is not PostgresException server || !IsLockFailure(server))
        {
            return false;
        }

        if (server.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await watcher.TellOfMissAsync().ConfigureAwait(false);
        }

        NoteBlockers(failure, trip);

        // The watcher may have been too late for a wait; the one that ended in a timeout is known to have lasted so long.
        var seen = watcher.Waited - _waitedBefore;
        var isTimeout = server.SqlState == PostgresErrorCodes.LockNotAvailable;
        var waited = isTimeout && options.LockTimeout > seen ? options.LockTimeout : seen;
        var state = new RetryState(
            Attempt,
            TimeProvider.System.GetElapsedTime(_started),
            TimeProvider.System.GetElapsedTime(_attemptStarted) - waited);
        var decision = Decide(options, state, RandomNumberGenerator.GetInt32(1001) / 1000.0);
        trip.RetryEnd = decision.Reason;
        if (decision.Pause is not { } pause)
        {
            return false;
        }

        tell(new RetryScheduled(step, Attempt, options.LockRetry + 1, pause, server.SqlState, trip.Blockers));
        await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        Attempt++;
        return true;
    }
}
