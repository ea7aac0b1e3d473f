using PgMigrate.History;
using PgMigrate.Migrations;

namespace PgMigrate.Planning;

/// <summary>Reports the state of folder and history as the objects that a user gets; pure.</summary>
internal sealed class StatusReporter(
    MigrationFolderContent folder, HistoryTable history, string module, Connection connection)
{
    /// <summary>Every migration of folder and history, in plan order, and the problems of the files.</summary>
    public MigrationStatusReport Report(HistorySnapshot snapshot) =>
        Report(MigrationComparison.Of(folder.Migrations, snapshot));

    /// <summary>Counts what the report lists.</summary>
    public MigrationStatusSummary Summarise(HistorySnapshot snapshot)
    {
        var comparison = MigrationComparison.Of(folder.Migrations, snapshot);
        var report = Report(comparison);
        var rows = report.Migrations;
        var isRepeatable = comparison.Rows.Where(row => row.IsRepeatable).Select(row => row.Order).ToHashSet();
        var states = rows.ToLookup(row => row.State);
        var pending = rows.Count(row => row.Pending);
        return new MigrationStatusSummary
        {
            IsUpToDate = pending == 0 && !states[nameof(MigrationState.Modified)].Any()
                && !report.Problems.Any(problem => problem.Is(ProblemSeverity.Error)),
            Total = rows.Count,
            Applied = rows.Count - pending,
            Pending = pending,
            OutOfOrder = states[nameof(MigrationState.OutOfOrder)].Count(),
            Modified = states[nameof(MigrationState.Modified)].Count(),
            Missing = states[nameof(MigrationState.Missing)].Count(),
            Files = folder.FileCount,
            CurrentVersion = rows.LastOrDefault(row => row.Applied && !isRepeatable.Contains(row.Order))?.Version,
            Folder = folder.FolderOf(null),
            Folders = folder.Folders,
            Format = folder.Format,
            Module = module,
            Schema = history.Schema,
            HistoryTable = history.Name,
            Connection = connection,
        };
    }

    /// <summary>The state of one migration.</summary>
    public MigrationStatus ToStatus(MigrationRow row) => new()
    {
        Order = row.Order,
        Version = row.Version.Text,
        VersionKey = row.Version.Key,
        Name = row.Name,
        FileName = row.FileName,
        FilePath = row.Migration?.FilePath,
        Folder = folder.FolderOf(row.Migration),
        Folders = folder.Folders,
        Format = row.Migration?.Format,
        Module = module,
        Schema = history.Schema,
        HistoryTable = history.Name,
        Connection = connection,
        State = row.State.ToString(),
        AppliedAt = row.Entry?.AppliedAt,
        AppliedBy = row.Entry?.AppliedBy,
        DurationMs = row.Entry?.DurationMs,
        Checksum = row.Entry?.Checksum,
        CurrentChecksum = row.Migration?.Checksum,
        Description = row.Migration?.Description,
        DependsOn = new DependencyNode(row.Version, row.Migration, row.Entry).DependsOn,
        UndoSql = row.Entry?.UndoSql,
        HasUndo = row.Entry is { HasUndo: true }
            || (row is { IsUnchanged: false, IsCovered: false } && row.Migration?.Down is not null),
    };

    private MigrationStatusReport Report(MigrationComparison comparison) => new(
        comparison.Rows.Select(ToStatus).ToList(),
        [.. folder.Problems, .. comparison.Rows.SelectMany(row => row.FileProblems), .. comparison.Problems]);
}
