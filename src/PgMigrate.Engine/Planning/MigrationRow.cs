using PgMigrate.History;
using PgMigrate.Migrations;

namespace PgMigrate.Planning;

/// <summary>One version where folder and history are joined: a file, a row, or both.</summary>
/// <param name="Order">Position in plan order, from 1.</param>
/// <param name="Version">The version.</param>
/// <param name="Migration">The file; null when it is gone.</param>
/// <param name="Entry">The row; null while it is pending.</param>
/// <param name="State">Where it stands.</param>
public sealed record MigrationRow(
    int Order, MigrationVersion Version, Migration? Migration, HistoryEntry? Entry, MigrationState State)
{
    /// <summary>File name without its ending.</summary>
    public string Name => Migration?.Name ?? Entry!.Name;

    /// <summary>Current file name, or the recorded one.</summary>
    public string FileName => Migration?.FileName ?? Entry!.FileName;

    /// <summary>True when an apply would run it.</summary>
    public bool IsPending => State is MigrationState.Pending or MigrationState.OutOfOrder;

    /// <summary>True when the file is, byte for byte but blanks and line ends, what was applied.</summary>
    public bool IsUnchanged => Migration is not null && Entry is not null && Migration.Checksum == Entry.Checksum;

    /// <summary>What is wrong with its file; that of an unchanged one was asked before it was applied.</summary>
    public IReadOnlyList<MigrationProblem> FileProblems =>
        Migration is null || IsUnchanged ? [] : Migration.Problems;

    /// <summary>True when this version or name means it.</summary>
    public bool IsNamed(string reference) => MigrationReference.Matches(reference, Version, Name, FileName)
        || (Entry is not null && MigrationReference.Matches(reference, Version, Entry.Name, Entry.FileName));
}

/// <summary>Joins a folder with a history; pure.</summary>
public static class MigrationComparison
{
    /// <summary>Every version of either side, in plan order.</summary>
    public static IReadOnlyList<MigrationRow> Join(
        IReadOnlyList<Migration> migrations, IReadOnlyList<HistoryEntry> entries)
    {
        var entriesByVersion = entries.ToDictionary(entry => entry.Version);
        var files = new HashSet<MigrationVersion>(migrations.Count);
        var pairs = new List<(MigrationVersion Version, Migration? Migration, HistoryEntry? Entry)>();
        foreach (var migration in migrations)
        {
            if (files.Add(migration.Version))
            {
                pairs.Add((migration.Version, migration, entriesByVersion.GetValueOrDefault(migration.Version)));
            }
        }

        var inFolder = pairs.Count;
        pairs.AddRange(entries.Where(entry => !files.Contains(entry.Version))
            .Select(entry => (entry.Version, (Migration?)null, (HistoryEntry?)entry)));
        if (pairs.Count > inFolder)
        {
            // The folder is in order already; rows without a file have to find their place in it.
            pairs.Sort((left, right) => left.Version.CompareTo(right.Version));
        }

        // A file without a version sorts last by rule, not by its author's will: it makes nothing late.
        var lastApplied = pairs.FindLastIndex(pair => pair.Entry is not null && pair.Version.IsNumeric);
        return pairs.Select((pair, index) => new MigrationRow(
            index + 1,
            pair.Version,
            pair.Migration,
            pair.Entry,
            StateOf(pair.Migration, pair.Entry, isBeforeApplied: index < lastApplied))).ToList();
    }

    private static MigrationState StateOf(Migration? migration, HistoryEntry? entry, bool isBeforeApplied)
    {
        if (entry is null)
        {
            return isBeforeApplied ? MigrationState.OutOfOrder : MigrationState.Pending;
        }

        if (entry.State == "interrupted")
        {
            return MigrationState.Interrupted;
        }

        if (migration is null)
        {
            return MigrationState.Missing;
        }

        var isUnchanged = entry.Checksum == migration.Checksum
            || (entry.UpChecksum is not null && entry.UpChecksum == migration.UpChecksum);
        if (!isUnchanged)
        {
            return MigrationState.Modified;
        }

        return entry.FileName == migration.FileName ? MigrationState.Applied : MigrationState.Renamed;
    }
}
