using PgMigrate.Planning;
using PgMigrate.Runs;

namespace PgMigrate.Execution;

/// <summary>What was seen of a step that runs. Written by the watching task alone, read by the run when it has failed.</summary>
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

    /// <summary>Who was in the way, at the last look or at the one before.</summary>
    public volatile IReadOnlyList<MigrationBlocker> Blockers = [];

    // Read by the run as well, when the step has failed and nobody acts any more.
    public volatile bool HasSpoken;

    public HashSet<int> Told { get; } = [];

    /// <summary>
    /// Notes what was seen; answers how long the wait that goes on has lasted, as the server says if it does.
    /// </summary>
    public TimeSpan See(
        bool isWaiting, IReadOnlyList<MigrationBlocker> blockers, TimeSpan interval, double? waitedMs)
    {
        // A look can meet the very end of a wait, when the session still counts as active and nobody blocks it any more:
        // the failure that comes next asks who did.
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
