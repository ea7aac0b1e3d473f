using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Scripts;

namespace PgMigrate.Planning;

/// <summary>Decides what to run and what blocks it: pure, and the same for preview and run.</summary>
internal static class MigrationPlanner
{
    private static readonly string[] MakesFilesUncertain =
        [ErrorCodes.DuplicateVersion, ErrorCodes.FormatAmbiguous, ErrorCodes.FormatMixed];

    /// <summary>The plan for a request, with all its problems, not only the first.</summary>
    public static MigrationPlan Plan(MigrationFolderContent folder, HistorySnapshot history, PlanRequest request)
    {
        var isBaseline = request.Baseline is not null;
        var comparison = MigrationComparison.Of(
            isBaseline ? [.. folder.Migrations.Where(file => file.Kind != MigrationKind.BaselineScript)]
                : folder.Migrations,
            history);
        var rows = comparison.Rows;
        var isApply = request.Direction == MigrationDirection.Apply;
        // A broken pending file must not keep a broken migration applied; a broken file whose text is to run blocks.
        List<MigrationProblem> problems = (isApply, isBaseline) switch
        {
            (true, true) => [.. folder.Problems],
            (true, false) => [.. folder.Problems, .. rows.SelectMany(row => row.FileProblems), .. comparison.Problems],
            _ => [.. folder.Problems.Where(problem => MakesUndoUncertain(problem, folder, history))],
        };
        if (isApply)
        {
            PreflightChecks.AddTo(problems, folder, history, request);
        }

        var steps = (isApply, isBaseline) switch
        {
            (true, true) => BaselinePlanner.Plan(comparison, history, request, problems),
            (true, false) => ApplyPlanner.Plan(comparison, request, problems),
            _ => UndoPlanner.Plan(comparison, history, request, problems),
        };
        for (var i = 0; i < steps.Count; i++)
        {
            var script = ScriptRenderer.Render(steps[i].Script, request.Placeholders);
            steps[i] = steps[i] with
            {
                Script = script,
                Placeholders = request.Placeholders,
                Folder = folder.FolderOf(steps[i].Migration),
                Folders = folder.Folders,
                SharesTransaction = isApply && request.SingleTransaction,
            };
            problems.AddRange(script.Problems);
            problems.AddRange(InterruptedScripts.Check(steps[i]));
            problems.AddRange(OwnTableCheck.Check(steps[i], history));
            problems.AddRange(OutsideSettings.Check(steps[i]));
        }

        problems.AddRange(SharedTransactionCheck.Check(steps));

        return new MigrationPlan
        {
            Request = request,
            Folder = folder,
            Steps = steps,
            Problems = problems.Count > 1 ? FolderCheck.InFileOrder(problems, folder) : problems,
            // An empty plan is not kept, and hashing thousands of rows is not free.
            BasedOn = steps.Count == 0 ? HistoryFingerprint.OfNothing : history.Fingerprint,
            Total = rows.Count,
            Pending = isApply ? rows.Count(row => row.IsPending) : steps.Count,
            OtherWriters = history.OtherWriters,
        };
    }

    // Pending files never block an undo; doubt about which file belongs to an applied version does.
    private static bool MakesUndoUncertain(
        MigrationProblem problem, MigrationFolderContent folder, HistorySnapshot history)
    {
        if (!MakesFilesUncertain.Contains(problem.Code))
        {
            return false;
        }

        var file = folder.Migrations.FirstOrDefault(migration => migration.FilePath == problem.FilePath);
        var entry = file is null ? null : history.Entries.FirstOrDefault(entry => entry.Version == file.Version);
        return file is null || (entry is not null
            && (problem.Code != ErrorCodes.DuplicateVersion || !IsFileKnown(file.Version, entry, folder)));
    }

    private static bool IsFileKnown(MigrationVersion version, HistoryEntry entry, MigrationFolderContent folder) =>
        folder.Migrations.Any(migration => migration.Version == version && migration.FileName == entry.FileName);

    /// <summary>The row for a version or name; adds a problem and returns null when there is none.</summary>
    internal static MigrationRow? Find(
        IReadOnlyList<MigrationRow> rows, string reference, string parameter, List<MigrationProblem> problems)
    {
        var found = rows.Where(row => row.IsNamed(reference)).ToList();
        if (found.Count == 1)
        {
            return found[0];
        }

        problems.Add(new MigrationProblem
        {
            Code = found.Count == 0 ? ErrorCodes.MigrationNotFound : ErrorCodes.MigrationAmbiguous,
            Message = found.Count == 0
                ? $"-{parameter} '{reference}' is neither a version nor a name in the folder or the history. "
                    + "Get-PgMigrationStatus lists them."
                : $"-{parameter} '{reference}' matches {string.Join(" and ", found.Select(row => row.FileName))}. "
                    + "Use the whole name.",
        });
        return null;
    }
}
