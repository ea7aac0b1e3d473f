using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Scripts;

namespace PgMigrate.Planning;

/// <summary>Chooses what an apply runs; pure.</summary>
internal static class ApplyPlanner
{
    public static List<PlannedStep> Plan(
        MigrationComparison comparison,
        PlanRequest request,
        List<MigrationProblem> problems)
    {
        var rows = comparison.Rows;
        AddChanges(rows, problems);
        AddRenumbered(rows, problems);
        problems.AddRange(InterruptedScripts.CheckFiles(rows));
        // A file whose undo was interrupted is for the undo to resume: nothing of it is planned here.
        var pending = rows.Where(row => row is { IsPending: true, Migration: not null }
            && row.Entry?.Progress is not { Direction: MigrationDirection.Undo }).ToList();
        var candidates = Choose(rows, pending, request, problems).ToLookup(row => row.IsTemplate);
        AddTemplates(candidates[true], problems);
        var chosen = candidates[false].Take(request.Steps ?? int.MaxValue).ToList();
        AddOutOfOrder(pending.Where(row => !row.IsTemplate), chosen, request.OutOfOrder, problems);
        AddDependenciesNotChosen(comparison, pending, chosen, problems);
        AddEmpty(chosen, problems);
        AddBrokenDown(chosen, request, problems);
        return chosen.ConvertAll(ToStep);
    }

    private static void AddChanges(IReadOnlyList<MigrationRow> rows, List<MigrationProblem> problems)
    {
        foreach (var row in rows)
        {
            var problem = row.State switch
            {
                MigrationState.Modified => Problem(row, ErrorCodes.ChecksumMismatch, ProblemSeverity.Error,
                    $"{Changed(row.Migration!)}: recorded {row.Entry!.Checksum}, now {row.Migration!.Checksum}. "
                        + "Restore the file and put the change into a new migration."),
                MigrationState.Missing => Problem(row, ErrorCodes.FileMissing, ProblemSeverity.Warning,
                    "The migration is applied, but its file is gone from the folder."),
                MigrationState.Renamed => Problem(row, ErrorCodes.FileRenamed, ProblemSeverity.Warning,
                    $"The file was named {row.Entry!.FileName} when it was applied."),
                MigrationState.Applied when !row.IsUnchanged =>
                    Problem(row, ErrorCodes.DownChanged, ProblemSeverity.Warning,
                        $"{Changed(row.Migration!)}, outside its UP part."),
                MigrationState.Applied when row.HasOtherDownFile =>
                    Problem(row, ErrorCodes.DownChanged, ProblemSeverity.Warning,
                    "The DOWN script in its separate file is not the one that was recorded when the migration was "
                    + "applied."),
                _ => null,
            };
            if (problem is not null)
            {
                problems.Add(problem);
            }
        }
    }

    // The same text under another version would run a second time.
    private static void AddRenumbered(IReadOnlyList<MigrationRow> rows, List<MigrationProblem> problems)
    {
        var gone = rows.Where(row => row is { State: MigrationState.Missing, IsRepeatable: false })
            .DistinctBy(row => row.Entry!.Checksum)
            .ToDictionary(row => row.Entry!.Checksum, StringComparer.Ordinal);
        if (gone.Count == 0)
        {
            return;
        }

        foreach (var row in rows.Where(row =>
            row is { IsPending: true, Migration: not null, IsRepeatable: false, IsTemplate: false }))
        {
            if (gone.TryGetValue(row.Migration!.Checksum, out var applied))
            {
                problems.Add(Problem(row, ErrorCodes.FileRenumbered, ProblemSeverity.Error,
                    $"The file is {applied.FileName}, which is applied as version {applied.Version.Text} and is gone "
                        + $"from the folder: as version {row.Version.Text} it would run again. Restore its old name; "
                        + "or, if it should run again, change it (a comment is enough)."));
            }
        }
    }

    // Only one checksum over all texts is recorded, so it is not known which of them was changed.
    private static string Changed(Migration migration) => migration.Includes is [_, ..] taken
        ? $"The file, or one that it includes ({string.Join(", ", taken)}), was changed after it was applied"
        : "The file was changed after it was applied";

    private static IEnumerable<MigrationRow> Choose(
        IReadOnlyList<MigrationRow> rows,
        List<MigrationRow> pending,
        PlanRequest request,
        List<MigrationProblem> problems)
    {
        IEnumerable<MigrationRow> chosen = pending;
        if (request.Versions is { } versions)
        {
            var named = versions.Select(version => MigrationPlanner.Find(rows, version, "Version", problems))
                .OfType<MigrationRow>()
                .Select(row => row.Version)
                .ToHashSet();
            chosen = pending.Where(row => named.Contains(row.Version));
        }

        if (request.Target is { } target && MigrationPlanner.Find(rows, target, "Target", problems) is { } last)
        {
            chosen = chosen.Where(row => row.Order <= last.Order);
            AddTargetPassed(rows, last, problems);
        }

        return chosen;
    }

    /// <summary>Warns that each of them stays pending.</summary>
    public static void AddTemplates(IEnumerable<MigrationRow> templates, List<MigrationProblem> problems)
    {
        problems.AddRange(templates.Select(row => Problem(row, ErrorCodes.TemplateUntouched, ProblemSeverity.Warning,
            "The file is still the template that New-PgMigration wrote, without a statement. It stays pending, and the "
                + "files after it are applied without it. Write its SQL, or delete it; once a later file is applied, "
                + "it needs a higher version or -OutOfOrder Apply.")));
    }

    private static void AddTargetPassed(
        IReadOnlyList<MigrationRow> rows, MigrationRow target, List<MigrationProblem> problems)
    {
        // A file that runs again is after every version, and no undo goes back over it.
        var beyond = rows.LastOrDefault(row =>
            row.Order > target.Order && row is { Entry: not null, IsRepeatable: false });
        if (beyond is not null)
        {
            problems.Add(Problem(target, ErrorCodes.TargetPassed, ProblemSeverity.Warning,
                $"The database is already past this target: {beyond.FileName} is applied. To go back, use "
                    + "Undo-PgMigration -Target."));
        }
    }

    private static void AddOutOfOrder(
        IEnumerable<MigrationRow> pending, List<MigrationRow> chosen, OutOfOrderPolicy policy,
        List<MigrationProblem> problems)
    {
        if (policy == OutOfOrderPolicy.Apply)
        {
            return;
        }

        var severity = policy == OutOfOrderPolicy.Error ? ProblemSeverity.Error : ProblemSeverity.Warning;
        var isChosen = chosen.Select(row => row.Version).ToHashSet();
        var lastChosen = chosen.Count == 0 ? 0 : chosen[^1].Order;
        foreach (var row in pending)
        {
            if (row.Migration!.AllowsOutOfOrder)
            {
                continue;
            }

            if (row.State == MigrationState.OutOfOrder && isChosen.Contains(row.Version))
            {
                problems.Add(Problem(row, ErrorCodes.OutOfOrder, severity,
                    "The file is pending, but a migration that sorts after it is already applied. Give it a higher "
                        + "version; or, if the order does not matter, apply it late with -OutOfOrder Apply or a line "
                        + "'-- pgmigrate: out-of-order' in the file."));
            }
            else if (!isChosen.Contains(row.Version) && row.Order < lastChosen)
            {
                problems.Add(Problem(row, ErrorCodes.PredecessorSkipped, severity,
                    $"The file is pending and sorts before {chosen[^1].FileName}, but was not chosen. Choose it too, "
                        + "or use -OutOfOrder Apply."));
            }
        }
    }

    private static void AddDependenciesNotChosen(
        MigrationComparison comparison,
        List<MigrationRow> pending,
        List<MigrationRow> chosen,
        List<MigrationProblem> problems)
    {
        var isChosen = chosen.Select(row => row.Version).ToHashSet();
        foreach (var left in pending.Where(row => !isChosen.Contains(row.Version)))
        {
            problems.AddRange(comparison.NeededBy[left.Version]
                .Where(row => isChosen.Contains(row.Version))
                .Select(row => Problem(row, ErrorCodes.DependencyNotChosen, ProblemSeverity.Error, left.IsTemplate
                    ? $"It depends on {left.FileName}, which is still an untouched template. Write its SQL first."
                    : $"It depends on {left.FileName}, which is pending and was not chosen. Choose it too.")));
        }
    }

    private static void AddEmpty(List<MigrationRow> chosen, List<MigrationProblem> problems)
    {
        problems.AddRange(chosen
            .Where(row => row.Migration!.Up.IsEmpty)
            .Select(row => Problem(row, ErrorCodes.NoStatement, ProblemSeverity.Warning,
                "The file contains no statement to apply; it is recorded nevertheless.")));
    }

    // It can be fixed now; after the apply it is in the record.
    private static void AddBrokenDown(
        List<MigrationRow> chosen, PlanRequest request, List<MigrationProblem> problems)
    {
        foreach (var down in chosen.Select(row => row.Migration!.Down).OfType<SqlScript>())
        {
            problems.AddRange(ScriptRenderer.Render(down, request.Placeholders).Problems.Select(problem => problem with
            {
                Severity = nameof(ProblemSeverity.Warning),
                Message = $"An undo would be refused: {problem.Message}",
            }));
        }
    }

    private static PlannedStep ToStep(MigrationRow row) => new()
    {
        Direction = MigrationDirection.Apply,
        Version = row.Version,
        Name = row.Name,
        FileName = row.FileName,
        FilePath = row.Migration!.FilePath,
        Script = row.Migration!.Up,
        Migration = row.Migration,
        Entry = row.Entry,
    };

    private static MigrationProblem Problem(
        MigrationRow row, string code, ProblemSeverity severity, string message) => new()
        {
            Code = code,
            Severity = severity.ToString(),
            Message = message,
            FileName = row.FileName,
            FilePath = row.Migration?.FilePath,
        };
}
