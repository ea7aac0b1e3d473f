using System.Globalization;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Scripts;

namespace PgMigrate.Planning;

/// <summary>Says whether a script outside a transaction can go on where an earlier run stopped; pure.</summary>
internal static class InterruptedScripts
{
    private const string WaysOut = "Finish it by hand and say so with -MarkApplied; or undo by hand what it did and "
        + "say -MarkPending (both with -Version and -Reason).";

    private const string WaysOutOfUndo = "Finish the undo by hand and say so with -MarkPending; or put back by hand "
        + "what it took away and say -MarkApplied (both with -Version and -Reason).";

    /// <summary>Rows whose half has no file any more, or that stopped while they were being undone.</summary>
    public static IEnumerable<MigrationProblem> CheckFiles(IReadOnlyList<MigrationRow> rows)
    {
        foreach (var row in rows.Where(row => row.State == MigrationState.Interrupted))
        {
            if (row.Entry!.Progress is { Direction: MigrationDirection.Undo })
            {
                yield return Problem(row.FileName, row.Migration?.FilePath, ErrorCodes.UndoInterrupted,
                    "Its undo stopped half way in an earlier run. Run Undo-PgMigration again, and it goes on there. "
                        + "Or: "
                        + WaysOutOfUndo);
            }
            else if (row.Migration is null)
            {
                yield return Problem(row.FileName, null, ErrorCodes.Interrupted,
                    $"It stopped half way in an earlier run, and its file is gone. {WaysOut}");
            }
        }
    }

    /// <summary>Whether what is done is what stands at the start of the script now.</summary>
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
                    ? "It stopped half way while it was being applied, so there is nothing to undo yet. "
                        + "Invoke-PgMigration goes on with it. Or: "
                    : "It stopped half way in an earlier run. ") + waysOut);
        }
        else if (step.Script.Transaction != ScriptTransaction.None)
        {
            yield return Problem(step.FileName, step.FilePath, ErrorCodes.InterruptedChanged,
                $"It stopped half way in an earlier run, outside a transaction; now the file asks for one. {waysOut}");
        }
        else if (progress.Begun(entry.StatementsDone) is var begun
            && (begun > step.Script.Count
                || ScriptProgress.ChecksumOf(step.Script, begun) != progress.Checksum))
        {
            var number = begun.ToString(CultureInfo.InvariantCulture);
            yield return Problem(step.FileName, step.FilePath, ErrorCodes.InterruptedChanged,
                $"Its statements up to number {number} were done by an earlier run"
                    + $"{(progress.IsInDoubt ? ", or had begun" : "")}, but the file, or a value of -Variable or "
                    + "-Schema in them, is another one now. Restore them, and "
                    + $"change only what comes after. Or: {waysOut}");
        }
        else if (step.Script.Read().Take(entry.StatementsDone)
            .FirstOrDefault(statement => statement.Reading.SetsAmongOthers) is { } setting)
        {
            yield return (setting.Source ?? step.Script.Source).Problem(
                ErrorCodes.SettingNotRestored,
                "This statement is done and is not run again, since set_config is not all that it calls; so what it "
                    + "has set is not set for the rest of the file. Where that needs it, set it again before the first "
                    + "statement that is left.",
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
