using System.Security.Cryptography;
using Npgsql;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Runs;

namespace PgMigrate.Execution.Waiting;

/// <summary>What is known when an attempt did not get a lock.</summary>
/// <param name="Attempt">Which attempt, from 1.</param>
/// <param name="Elapsed">Time since the first attempt began.</param>
/// <param name="Work">How long this attempt ran without waiting for a lock.</param>
internal sealed record RetryState(int Attempt, TimeSpan Elapsed, TimeSpan Work);

/// <summary>Whether there is another attempt.</summary>
/// <param name="Pause">How long until it begins; null when there is none.</param>
/// <param name="Reason">Why there is none, for the error; empty when there is nothing to add.</param>
internal sealed record RetryDecision(TimeSpan? Pause, string Reason);

/// <summary>What follows a failed attempt.</summary>
/// <param name="IsRetried">True when another attempt begins now; its pause is over.</param>
/// <param name="Blockers">Sessions that blocked the failed attempt, when it failed because of a lock.</param>
/// <param name="Reason">Why there is no other attempt; empty when there is nothing to add.</param>
internal sealed record RetryVerdict(bool IsRetried, IReadOnlyList<MigrationBlocker> Blockers, string Reason)
{
    /// <summary>The verdict on what did not fail because of a lock.</summary>
    public static RetryVerdict NotALock { get; } = new(false, [], "");
}

/// <summary>
/// Retries a step that did not get a lock. A session that waits for a table lock makes every later session wait behind
/// it, so an attempt is short and there are several. A step that has worked for long is not retried, since each attempt
/// leaves its dead rows.
/// </summary>
internal sealed class LockRetry(RunOptions options, StatementWatcher watcher, Action<MigrationEvent> report)
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
    /// Decides whether there is another attempt; pure. <paramref name="jitter"/> is from 0 to 1, so that two runs that
    /// blocked each other do not meet again.
    /// </summary>
    public static RetryDecision Decide(RunOptions options, RetryState state, double jitter)
    {
        if (options.OnBlocker == BlockerAction.Fail || options.LockRetry == 0)
        {
            return new RetryDecision(null, "");
        }

        if (state.Work >= options.LockRetryWork)
        {
            return new RetryDecision(null, $"It had worked for {state.Work.TotalSeconds:F0} s before that, so it was "
                + "not retried: each attempt repeats that work and leaves its dead rows. Split DDL from backfill: put "
                + "the statements that need the lock into a file of their own.");
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
            ? new RetryDecision(null, $"Tried {Counted.Of(state.Attempt, "time")} in {Minutes(state.Elapsed)}.")
            : new RetryDecision(pause, "");
    }

    private static string Minutes(TimeSpan elapsed) =>
        Counted.Of((long)Math.Round(elapsed.TotalMinutes), "minute");

    /// <summary>Begins an attempt; the watcher knows its step already.</summary>
    public void Begin()
    {
        _attemptStarted = TimeProvider.System.GetTimestamp();
        _waitedBefore = watcher.Waited;
    }

    /// <summary>The sessions that block now, when the failure is that of a lock.</summary>
    public IReadOnlyList<MigrationBlocker> BlockersOf(Exception? failure) =>
        IsLockFailure(failure) ? watcher.Blockers : [];

    /// <summary>
    /// Decides what follows an attempt that is rolled back, and waits until the next one begins, if there is one.
    /// </summary>
    public async Task<RetryVerdict> RetryAsync(
        PlannedStep step, Exception? failure, CancellationToken cancellationToken)
    {
        if (failure is not PostgresException server || !IsLockFailure(server))
        {
            return RetryVerdict.NotALock;
        }

        var isTimeout = server.SqlState == PostgresErrorCodes.LockNotAvailable;
        if (isTimeout)
        {
            await watcher.ReportMissAsync().ConfigureAwait(false);
        }

        var blockers = watcher.Blockers;

        // The watcher can miss a wait; one that ended in a timeout has lasted as long as the timeout.
        var seen = watcher.Waited - _waitedBefore;
        var waited = isTimeout && options.LockTimeout > seen ? options.LockTimeout : seen;
        var state = new RetryState(
            Attempt,
            TimeProvider.System.GetElapsedTime(_started),
            TimeProvider.System.GetElapsedTime(_attemptStarted) - waited);
        var decision = Decide(options, state, RandomNumberGenerator.GetInt32(1001) / 1000.0);
        if (decision.Pause is not { } pause)
        {
            return new RetryVerdict(false, blockers, decision.Reason);
        }

        report(new RetryScheduled(step, Attempt, options.LockRetry + 1, pause, server.SqlState, blockers));
        await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        Attempt++;
        return new RetryVerdict(true, blockers, "");
    }
}
