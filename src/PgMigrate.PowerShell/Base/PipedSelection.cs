using PgMigrate.Connections;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Base;

/// <summary>Piped migrations, grouped by their history.</summary>
internal sealed class PipedSelection
{
    private readonly List<(DatabaseTarget Target, MigratorOptions Options, List<string> Versions)> _groups = [];
    private readonly List<(DatabaseTarget Target, MigratorOptions Options)> _seen = [];

    /// <summary>What to run, each target once, in the order of arrival.</summary>
    public IEnumerable<(DatabaseTarget Target, MigratorOptions Options, IReadOnlyList<string> Versions)> Groups =>
        _groups.Select(group => (group.Target, group.Options, (IReadOnlyList<string>)group.Versions));

    /// <summary>True when nothing has arrived for this history yet.</summary>
    public bool IsFirst(DatabaseTarget target, MigratorOptions options)
    {
        if (_seen.Exists(seen => IsSame(seen, (target, options))))
        {
            return false;
        }

        _seen.Add((target, options));
        return true;
    }

    public void Add(DatabaseTarget target, MigratorOptions options, IEnumerable<string> versions)
    {
        var index = _groups.FindIndex(group => IsSame((group.Target, group.Options), (target, options)));
        if (index < 0)
        {
            _groups.Add((target, options, [.. versions]));
        }
        else
        {
            _groups[index].Versions.AddRange(versions);
        }
    }

    private static bool IsSame(
        (DatabaseTarget Target, MigratorOptions Options) left,
        (DatabaseTarget Target, MigratorOptions Options) right) =>
        left.Target.Connection.IsSameDatabase(right.Target.Connection) && IsSame(left.Options, right.Options);

    // Lists are equal when their content is.
    private static bool IsSame(MigratorOptions left, MigratorOptions right) =>
        left.FolderPaths.SequenceEqual(right.FolderPaths, StringComparer.Ordinal)
        && left == right with { FolderPaths = left.FolderPaths };
}
