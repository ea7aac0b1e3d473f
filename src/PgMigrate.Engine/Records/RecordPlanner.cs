using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Planning;

namespace PgMigrate.Records;

/// <summary>Decides what a change of records writes; pure.</summary>
internal sealed class RecordPlanner(IReadOnlyList<Migration> migrations, HistoryTable table, string module)
{
    /// <summary>The plan of a change for this history.</summary>
    public RecordPlan Plan(RecordChange change, HistorySnapshot history)
    {
        var plan = new RecordPlan { Change = change, BasedOn = history.Fingerprint };
        var (rows, missing) = Find(change, RowsOf(history));
        if (missing is not null)
        {
            return plan with { Problems = [missing], Obstacle = RecordObstacle.NotFound };
        }

        plan = plan with { Rows = rows };
        if (history.ProblemsOf(UseOf(change), table).FirstOrDefault(problem => problem.Is(ProblemSeverity.Error))
            is { } denied)
        {
            return plan with { Problems = [denied], Obstacle = RecordObstacle.Denied };
        }

        var problems = rows.Select(row => Check(change, row)).OfType<MigrationProblem>().ToList();
        return problems.Count > 0
            ? plan with { Problems = problems }
            : plan with { Edits = rows.ConvertAll(row => EditOf(change, row)) };
    }

    /// <summary>The plan of a baseline, whose steps the planner of migrations has chosen.</summary>
    public static RecordPlan Baseline(MigrationPlan plan, IReadOnlyList<PlannedStep> steps) => new()
    {
        Change = new RecordBaseline([plan.Request.Baseline!]),
        BasedOn = plan.BasedOn,
        Edits = [.. steps.Select(step => new WriteBaselineRow(step.Migration!))],
    };

    /// <summary>The rows that these versions or names mean.</summary>
    /// <exception cref="MigrationNotFoundException">One of them has no record.</exception>
    public List<MigrationRow> FindRecorded(IReadOnlyList<string> versions, HistorySnapshot history)
    {
        var (rows, missing) = Find(new RemoveRecords(versions), RowsOf(history));
        return missing is null ? rows : throw new MigrationNotFoundException(missing.Message);
    }

    /// <summary>Folder and history, joined.</summary>
    public IReadOnlyList<MigrationRow> RowsOf(HistorySnapshot history) =>
        MigrationComparison.Of(migrations, history).Rows;

    private (List<MigrationRow> Rows, MigrationProblem? Missing) Find(
        RecordChange change, IReadOnlyList<MigrationRow> rows)
    {
        var isRemoval = change is RemoveRecords;
        var found = new List<MigrationRow>();
        foreach (var version in change.Versions)
        {
            if (rows.FirstOrDefault(row => row.IsNamed(version) && (!isRemoval || row.Entry is not null))
                is not { } row)
            {
                return ([], new MigrationProblem
                {
                    Code = ErrorCodes.MigrationNotFound,
                    Message = isRemoval
                        ? $"'{version}' has no record in {table.QualifiedName} (module {module}). "
                            + "Get-PgMigrationStatus lists the records. Nothing was removed."
                        : $"'{version}' is neither a version nor a name in the folder or the history. "
                            + "Get-PgMigrationStatus lists them. Nothing was recorded.",
                });
            }

            found.Add(row);
        }

        return (found.DistinctBy(row => row.Version).ToList(), null);
    }

    private static HistoryUse UseOf(RecordChange change) => change switch
    {
        MarkApplied => HistoryUse.ApplyRepeatable,
        _ => HistoryUse.Remove,
    };

    private static MigrationProblem? Check(RecordChange change, MigrationRow row) => (change, row) switch
    {
        (MarkApplied, { Migration: null }) => Problem(row, ErrorCodes.FileMissing,
            "Its file is not in the folder, so its checksum and its DOWN text cannot be recorded. Restore the file."),
        (MarkApplied, { IsPending: false }) => Problem(row, ErrorCodes.AlreadyApplied, "It is recorded as applied "
            + "already."),
        (MarkPending, { State: not MigrationState.Interrupted }) => Problem(row, ErrorCodes.NotInterrupted,
            "Only an interrupted migration can be marked as pending. To undo an applied one, use Undo-PgMigration. To "
                + "delete a record, use Remove-PgMigrationRecord."),
        _ => null,
    };

    private static RecordEdit EditOf(RecordChange change, MigrationRow row) => change switch
    {
        RemoveRecords => new DeleteRow(row.Entry!),
        MarkApplied applied => new WriteAppliedRow(row.Migration!, row.Entry, applied.Reason),
        MarkPending pending => new DeleteInterruptedRow(row.Entry!, pending.Reason),
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    private static MigrationProblem Problem(MigrationRow row, string code, string message) => new()
    {
        Code = code,
        Message = message,
        FileName = row.FileName,
        FilePath = row.Migration?.FilePath,
    };
}
