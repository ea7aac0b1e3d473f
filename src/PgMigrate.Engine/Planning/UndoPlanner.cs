using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Migrations;

namespace PgMigrate.Planning;

/// <summary>Chooses what an undo runs, newest applied first; pure.</summary>
internal static class UndoPlanner
{
    public static List<PlannedStep> Plan(
        MigrationComparison comparison,
        HistorySnapshot history,
        PlanRequest request,
        List<MigrationProblem> problems)
    {
        var rows = comparison.Rows;
        var rowsByVersion = rows.ToDictionary(row => row.Version);
        // A repeatable file cannot be undone, and does not block the others.
        var newestFirst = history.Entries.Reverse().Where(entry => entry.Kind != HistoryKind.Repeatable)
            .Select(entry => rowsByVersion[entry.Version])
            .ToList();
        var steps = new List<PlannedStep>();
        foreach (var row in Choose(rows, newestFirst, request, problems))
        {
            if (ToStep(row, request.UndoSource, problems) is { } step)
            {
                steps.Add(step);
                problems.AddRange(step.IsRecordedScript ? [] : step.Migration!.Problems);
            }
        }

        AddStillNeeded(comparison, steps, problems);
        problems.AddRange(steps.SelectMany(step => FindNeededElsewhere(step, history.Dependents)));
        return steps;
    }

    private static void AddStillNeeded(
        MigrationComparison comparison, List<PlannedStep> steps, List<MigrationProblem> problems)
    {
        var isUndone = steps.Select(step => step.Version).ToHashSet();
        foreach (var step in steps)
        {
            problems.AddRange(comparison.NeededBy[step.Version]
                .Where(row => row.Entry is not null && !isUndone.Contains(row.Version))
                .Select(row => Problem(row, ErrorCodes.StillNeeded,
                    $"It is applied and depends on {step.FileName}, so that file cannot be undone alone. Undo both: "
                        + $"-Version {row.Version}, {step.Version}.")));
        }
    }

    /// <summary>Whether other modules depend on a step that is to be undone.</summary>
    public static IEnumerable<MigrationProblem> FindNeededElsewhere(
        PlannedStep step, IReadOnlyList<ModuleDependent> dependents) => dependents
        .Where(other => MigrationReference.Matches(other.Needs, step.Version, step.Name, step.FileName)
            || (step.Entry is { } entry
                && MigrationReference.Matches(other.Needs, step.Version, entry.Name, entry.FileName)))
        .Select(other => new MigrationProblem
        {
            Code = ErrorCodes.StillNeeded,
            FileName = step.FileName,
            FilePath = step.FilePath,
            Message = $"{other.FileName} of the module {other.Module} is applied and depends on this one. Undo it "
                + $"first: Undo-PgMigration -Module {other.Module} -Version {other.Version}.",
        });

    private static List<MigrationRow> Choose(
        IReadOnlyList<MigrationRow> rows,
        List<MigrationRow> newestFirst,
        PlanRequest request,
        List<MigrationProblem> problems)
    {
        if (request.Range is { } bounds)
        {
            var range = VersionRange.Of(bounds, rows);
            newestFirst = newestFirst.Where(row => range.Holds(row.Version)).ToList();
        }

        if (request.Versions is { } versions)
        {
            var named = versions.Select(version => FindApplied(rows, version, "Version", problems))
                .OfType<MigrationRow>()
                .Select(row => row.Version)
                .ToHashSet();
            var repeatable = rows.FirstOrDefault(row =>
                row.Entry?.Kind == HistoryKind.Repeatable && named.Contains(row.Version));
            var chosen = repeatable is null ? newestFirst.Where(row => named.Contains(row.Version)).ToList()
                : [repeatable];
            return Limit(rows, chosen, request, problems).Take(request.Steps ?? int.MaxValue).ToList();
        }

        return request.All || request.Target is not null || (request.Range is not null && request.Steps is null)
            ? Limit(rows, newestFirst, request, problems)
            : newestFirst.Take(request.Steps ?? 1).ToList();
    }

    // The target stays applied, and everything before it.
    private static List<MigrationRow> Limit(
        IReadOnlyList<MigrationRow> rows, List<MigrationRow> chosen, PlanRequest request,
        List<MigrationProblem> problems)
    {
        if (request.Target is not { } target)
        {
            return chosen;
        }

        var stays = FindApplied(rows, target, "Target", problems);
        return stays is null ? [] : chosen.Where(row => row.Order > stays.Order).ToList();
    }

    private static MigrationRow? FindApplied(
        IReadOnlyList<MigrationRow> rows, string reference, string parameter, List<MigrationProblem> problems)
    {
        var row = MigrationPlanner.Find(rows, reference, parameter, problems);
        if (row is { Entry: null })
        {
            problems.Add(Problem(row, ErrorCodes.NotApplied, "The migration is not applied, so there is nothing to "
                + "undo."));
            return null;
        }

        return row;
    }

    private static PlannedStep? ToStep(MigrationRow row, UndoSource source, List<MigrationProblem> problems)
    {
        var recorded = row.Entry!.UndoSql;
        var inFile = row.Migration?.DownText;
        if (source == UndoSource.Unspecified && row.Migration is not null && inFile != recorded)
        {
            problems.Add(Problem(row, ErrorCodes.UndoDiffers,
                (recorded, inFile) switch
                {
                    (null, _) => "The file has a DOWN section now, but had none when it was applied.",
                    (_, null) => "The file has no DOWN section now, but had one when it was applied.",
                    _ => "The DOWN section of the file is not the one that was recorded when it was applied.",
                } + " Choose with -UndoSource File or -UndoSource Recorded."));
            return null;
        }

        var useRecord = source == UndoSource.Recorded || (source == UndoSource.Unspecified && row.Migration is null);
        var script = useRecord
            ? recorded is null ? null : MigrationParser.ParseRecorded(row.FileName, recorded)
            : row.Migration?.Down;
        if (script is null)
        {
            problems.Add(Problem(row, ErrorCodes.NoUndo, MissingUndo(row, source)));
            return null;
        }

        if (script.IsEmpty)
        {
            problems.Add(Problem(row, ErrorCodes.NoStatement, "The DOWN script contains no statement. The record is "
                + "removed, and nothing else in the database changes.") with
            { Severity = nameof(ProblemSeverity.Warning) });
        }

        return new PlannedStep
        {
            Direction = MigrationDirection.Undo,
            Version = row.Version,
            Name = row.Name,
            FileName = row.FileName,
            FilePath = useRecord ? null : row.Migration!.FilePath,
            Script = script,
            Migration = row.Migration,
            Entry = row.Entry,
            IsRecordedScript = useRecord,
        };
    }

    private static string MissingUndo(MigrationRow row, UndoSource source) => source switch
    {
        UndoSource.Recorded => "No DOWN text was recorded for the migration.",
        UndoSource.File when row.Migration is null => "The file is gone; its recorded DOWN text can be run with "
            + "-UndoSource Recorded.",
        _ => "The migration has no DOWN script. Write a new migration that reverses it; or, if its objects are "
            + "already gone, delete the record with Remove-PgMigrationRecord.",
    };

    private static MigrationProblem Problem(MigrationRow row, string code, string message) => new()
    {
        Code = code,
        Message = message,
        FileName = row.FileName,
        FilePath = row.Migration?.FilePath,
    };
}
