using PgMigrate.Files;
using PgMigrate.History;
using PgMigrate.Migrations;

namespace PgMigrate.Planning;

/// <summary>One version where folder and history are joined: a file, a row, or both.</summary>
/// <param name="Order">Position in plan order, from 1.</param>
/// <param name="Version">The version.</param>
/// <param name="Migration">The file; null when it is gone.</param>
/// <param name="Entry">The row; null while it is pending.</param>
/// <param name="State">The state of the migration.</param>
internal sealed record MigrationRow(
    int Order, MigrationVersion Version, Migration? Migration, HistoryEntry? Entry, MigrationState State)
{
    /// <summary>File name without its ending.</summary>
    public string Name => Migration?.Name ?? Entry!.Name;

    /// <summary>Current file name, or the recorded one.</summary>
    public string FileName => Migration?.FileName ?? Entry!.FileName;

    /// <summary>True when an apply would run it.</summary>
    public bool IsPending => State is MigrationState.Pending or MigrationState.OutOfOrder or MigrationState.Interrupted
        or MigrationState.RepeatableChanged;

    /// <summary>True when it is pending and its file is still the template of <c>New-PgMigration</c>.</summary>
    public bool IsTemplate => Entry is null && !IsCovered && Migration is { IsTemplate: true };

    /// <summary>True when the file is, except for blanks and line ends, what was applied.</summary>
    public bool IsUnchanged => Migration is not null && Entry is not null && Migration.HasChecksum(Entry.Checksum);

    /// <summary>The problems of its file; those of an unchanged applied file were reported before.</summary>
    public IReadOnlyList<MigrationProblem> FileProblems =>
        Migration is null || IsCovered || (IsUnchanged && !IsPending) ? [] : Migration.Problems;

    /// <summary>True when it runs again whenever it has changed.</summary>
    public bool IsRepeatable => Entry is null
        ? Migration!.Kind == MigrationKind.Repeatable
        : Entry.Kind == HistoryKind.Repeatable;

    /// <summary>True when a baseline script replaces it, so that it has no row of its own.</summary>
    public bool IsCovered => State == MigrationState.Baseline && Entry is null;

    /// <summary>
    /// True when the DOWN script is a separate file, and that file is not what was recorded.
    /// </summary>
    public bool HasOtherDownFile => Migration is { DownChecksum: { } now } && Entry is not null
        && Entry.UndoChecksum != now
        // A DOWN file without SQL is recorded as no DOWN at all.
        && (Entry.UndoChecksum is not null || Migration.DownText is not null);

    /// <summary>True when this version or name refers to it.</summary>
    public bool IsNamed(string reference) => MigrationReference.Matches(reference, Version, Name, FileName)
        || (Entry is not null && MigrationReference.Matches(reference, Version, Entry.Name, Entry.FileName));
}

/// <summary>A folder and a history side by side.</summary>
/// <param name="Rows">Every version of either, in plan order.</param>
/// <param name="Problems">Missing and circular dependencies.</param>
/// <param name="NeededBy">For each version the rows that depend on it.</param>
internal sealed record MigrationComparison(
    IReadOnlyList<MigrationRow> Rows,
    IReadOnlyList<MigrationProblem> Problems,
    ILookup<MigrationVersion, MigrationRow> NeededBy)
{
    private static readonly ILookup<MigrationVersion, MigrationRow> NoDependents =
        Array.Empty<MigrationRow>().ToLookup(row => row.Version);

    /// <summary>Joins a folder with a history; pure.</summary>
    public static MigrationComparison Of(IReadOnlyList<Migration> migrations, HistorySnapshot history)
    {
        var baseline = BaselineScripts.Choose(migrations, history.Entries);
        var nodes = Pair(baseline.Migrations, history.Entries);
        var sorted = DependencyOrder.Sort(nodes, history.OtherModules);
        var ordered = sorted.Order.Select(index => nodes[index]).ToList();
        // A file without a version sorts last by rule, not by its author's choice: it makes no other file late.
        var lastApplied = ordered.FindLastIndex(node => node.Entry is not null && node.Version.IsOrdered);
        var rows = ordered.Select((node, index) => new MigrationRow(
            index + 1,
            node.Version,
            node.Migration,
            node.Entry,
            node.Entry is null && baseline.Covers(node.Migration)
                ? MigrationState.Baseline
                : StateOf(node.Migration, node.Entry, isBeforeApplied: index < lastApplied))).ToList();
        if (sorted.IsPlain)
        {
            return new MigrationComparison(rows, sorted.Problems, NoDependents);
        }

        var position = sorted.Order.Select((node, row) => (node, row))
            .ToDictionary(pair => pair.node, pair => pair.row);
        var neededBy = sorted.Needs
            .SelectMany((needs, node) => needs.Select(need => (Need: nodes[need].Version, Row: rows[position[node]])))
            .ToLookup(pair => pair.Need, pair => pair.Row);
        return new MigrationComparison(rows, sorted.Problems, neededBy);
    }

    // In version order; a version that appears twice in the folder is paired once, and is a problem of the folder.
    private static List<DependencyNode> Pair(
        IReadOnlyList<Migration> migrations, IReadOnlyList<HistoryEntry> entries)
    {
        var entriesByVersion = entries.ToDictionary(entry => entry.Version);
        var files = new HashSet<MigrationVersion>(migrations.Count);
        var nodes = new List<DependencyNode>(migrations.Count);
        foreach (var migration in migrations)
        {
            var entry = entriesByVersion.GetValueOrDefault(migration.Version);
            if (files.Add(migration.Version))
            {
                nodes.Add(new DependencyNode(migration.Version, migration, entry));
            }
            else if (entry?.FileName == migration.FileName)
            {
                // Of two files with one version, the name tells which was applied.
                nodes[nodes.FindIndex(node => node.Version == migration.Version)] =
                    new(migration.Version, migration, entry);
            }
        }

        var inFolder = nodes.Count;
        nodes.AddRange(entries.Where(entry => !files.Contains(entry.Version))
            .Select(entry => new DependencyNode(entry.Version, null, entry)));
        if (nodes.Count > inFolder)
        {
            // The folder is already in order; rows without a file have to find their place in it.
            nodes.Sort((left, right) => left.Version.CompareTo(right.Version));
        }

        return nodes;
    }

    private static MigrationState StateOf(Migration? migration, HistoryEntry? entry, bool isBeforeApplied)
    {
        if (entry is null)
        {
            // A template contains nothing that could be late.
            return isBeforeApplied && migration is not { IsTemplate: true } ? MigrationState.OutOfOrder
                : MigrationState.Pending;
        }

        if (entry.IsInterrupted)
        {
            return MigrationState.Interrupted;
        }

        if (migration is null)
        {
            return MigrationState.Missing;
        }

        var isUnchanged = migration.HasChecksum(entry.Checksum)
            || (entry.UpChecksum is not null && entry.UpChecksum == migration.UpChecksum);
        return (isUnchanged, migration.Kind, entry.Kind) switch
        {
            (false, MigrationKind.Repeatable, _) => MigrationState.RepeatableChanged,
            (false, _, _) => MigrationState.Modified,
            (_, _, HistoryKind.Baseline) => MigrationState.Baseline,
            _ => NormalName.AreSame(entry.FileName, migration.FileName) ? MigrationState.Applied
                : MigrationState.Renamed,
        };
    }
}
