using PgMigrate.Planning;
using PgMigrate.Runs;

namespace PgMigrate.Execution.Waiting;

/// <summary>
/// What was seen of a running step. Only the watcher writes it; the run reads it when the step has failed.
/// </summary>
internal sealed class WatchedStep(PlannedStep step, Action<MigrationEvent> report)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private long _waitedTicks;
    private long? _waitingSince;
    private bool _wasFree = true;

    public PlannedStep Step { get; } = step;

    public Action<MigrationEvent> Report { get; } = report;

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_started);

    public TimeSpan Waited => TimeSpan.FromTicks(Interlocked.Read(ref _waitedTicks));

    /// <summary>Sessions that blocked the step at the last poll, or the one before.</summary>
    public volatile IReadOnlyList<MigrationBlocker> Blockers = [];

    // The run reads it as well, when the step has failed and the watcher no longer acts.
    public volatile bool HasReported;

    public HashSet<int> Signalled { get; } = [];

    /// <summary>
    /// Notes what was seen. Returns how long the current wait has lasted, by the clock of the server when it is known.
    /// </summary>
    public TimeSpan See(
        bool isWaiting, IReadOnlyList<MigrationBlocker> blockers, TimeSpan interval, double? waitedMs)
    {
        // A poll can meet the very end of a wait, when the session is still active and no longer blocked: the failure
        // that follows asks for the blockers.
        var isFree = blockers.Count == 0;
        if (!isFree || _wasFree)
        {
            Blockers = blockers;
        }

        _wasFree = isFree;
        if (!isWaiting)
        {
            _waitingSince = null;
            return TimeSpan.Zero;
        }

        Interlocked.Add(ref _waitedTicks, interval.Ticks);
        var seen = TimeProvider.System.GetElapsedTime(_waitingSince ??= TimeProvider.System.GetTimestamp()) + interval;
        return waitedMs is { } known ? TimeSpan.FromMilliseconds(known) : seen;
    }
}
