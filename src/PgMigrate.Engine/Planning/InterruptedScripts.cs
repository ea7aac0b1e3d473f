using System.Globalization;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Scripts;

namespace PgMigrate.Planning;

/// <summary>Decides whether an interrupted no-transaction script can be resumed; pure.</summary>
internal static class InterruptedScripts
{
    private const string WaysOut = "Finish it by hand and record that with -MarkApplied; or revert by hand what it "
        + "did and record that with -MarkPending (both with -Version and -Reason).";

    private const string WaysOutOfUndo = "Finish the undo by hand and record that with -MarkPending; or restore by "
        + "hand what it removed and record that with -MarkApplied (both with -Version and -Reason).";

    /// <summary>Interrupted rows whose file is gone, or whose undo was interrupted.</summary>
    public static IEnumerable<MigrationProblem> CheckFiles(IReadOnlyList<MigrationRow> rows)
    {
        foreach (var row in rows.Where(row => row.State == MigrationState.Interrupted))
        {
            if (row.Entry!.Progress is { Direction: MigrationDirection.Undo })
            {
                yield return Problem(row.FileName, row.Migration?.FilePath, ErrorCodes.UndoInterrupted,
                    "Its undo was interrupted in an earlier run. Run Undo-PgMigration again to resume it. "
                        + "Or: "
                        + WaysOutOfUndo);
            }
            else if (row.Migration is null)
            {
                yield return Problem(row.FileName, null, ErrorCodes.Interrupted,
                    $"It was interrupted in an earlier run, and its file is gone. {WaysOut}");
            }
        }
    }

    /// <summary>Checks that the completed statements still are the start of the script.</summary>
    public static IEnumerable<MigrationProblem> Check(PlannedStep step)
    {
        if (step.Entry is not { IsInterrupted: true } entry || step.Script.Problems.Count > 0)
        {
            yield break;
        }

        var waysOut = entry.Progress?.Direction == MigrationDirection.Undo ? WaysOutOfUndo : WaysOut;
        if (entry.Progress is not { } progress || progress.Direction != step.Direction)
        {
            yield return Problem(step.FileName, step.FilePath, ErrorCodes.Interrupted,
                (step.Direction == MigrationDirection.Undo
                    ? "Its apply was interrupted, so there is nothing to undo yet. "
                        + "Invoke-PgMigration resumes it. Or: "
                    : "It was interrupted in an earlier run. ") + waysOut);
        }
        else if (step.Script.Transaction != ScriptTransaction.None)
        {
            yield return Problem(step.FileName, step.FilePath, ErrorCodes.InterruptedChanged,
                $"It was interrupted in an earlier run, outside a transaction; now the file asks for one. {waysOut}");
        }
        else if (progress.Begun(entry.StatementsDone) is var begun
            && (begun > step.Script.Count
                || ScriptProgress.ChecksumOf(step.Script, begun) != progress.Checksum))
        {
            var number = begun.ToString(CultureInfo.InvariantCulture);
            yield return Problem(step.FileName, step.FilePath, ErrorCodes.InterruptedChanged,
                $"An earlier run completed its statements up to number {number}"
                    + $"{(progress.IsInDoubt ? ", or started that one" : "")}, but the file, or a value of -Variable "
                    + "or -Schema in it, has changed since. Restore the old state, and change only what comes after. "
                    + $"Or: {waysOut}");
        }
        else if (step.Script.Read().Take(entry.StatementsDone)
            .FirstOrDefault(statement => statement.Reading.SetsAmongOthers) is { } setting)
        {
            yield return (setting.Source ?? step.Script.Source).Problem(
                ErrorCodes.SettingNotRestored,
                "This statement is completed and is not run again, because it calls more than set_config; so its "
                    + "settings are missing for the rest of the file. If later statements need them, set them again "
                    + "before the first statement that still has to run.",
                setting.Offset) with
            { Severity = nameof(ProblemSeverity.Warning) };
        }
    }

    private static MigrationProblem Problem(string fileName, string? filePath, string code, string message) => new()
    {
        Code = code,
        Message = message,
        FileName = fileName,
        FilePath = filePath,
    };
}
