using PgMigrate.Execution;

namespace PgMigrate.PowerShell.Base;

/// <summary>Migrations that were piped in, by the history they belong to.</summary>
internal sealed class PipedSelection
{
    private readonly List<(DatabaseTarget Target, MigratorOptions Options, List<string> Versions)> _groups = [];

    /// <summary>What to run, each target once, in the order of arrival.</summary>
    public IEnumerable<(DatabaseTarget Target, MigratorOptions Options, IReadOnlyList<string> Versions)> Groups =>
        _groups.Select(group => (group.Target, group.Options, (IReadOnlyList<string>)group.Versions));

    public void Add(DatabaseTarget target, MigratorOptions options, IEnumerable<string> versions)
    {
        var index = _groups.FindIndex(group =>
            group.Target.Connection.IsSameDatabase(target.Connection) && IsSame(group.Options, options));
        if (index < 0)
        {
            _groups.Add((target, options, [.. versions]));
        }
        else
        {
            _groups[index].Versions.AddRange(versions);
        }
    }

    // Lists are equal by what they hold.
    private static bool IsSame(MigratorOptions left, MigratorOptions right) =>
        left.FolderPaths.SequenceEqual(right.FolderPaths, StringComparer.Ordinal)
        && left == right with { FolderPaths = left.FolderPaths };
}
