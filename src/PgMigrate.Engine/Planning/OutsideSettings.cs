using PgMigrate.Errors;
using PgMigrate.Scripts;

namespace PgMigrate.Planning;

/// <summary>Warns of transaction-local settings in a no-transaction script; pure.</summary>
internal static class OutsideSettings
{
    /// <summary>A warning for each, with its line.</summary>
    public static IEnumerable<MigrationProblem> Check(PlannedStep step) =>
        step.IsRecordOnly || step.Script.Transaction != ScriptTransaction.None
            ? []
            : step.Script.Read().Where(statement => statement.Reading.EndsWithTransaction)
                .Select(statement => (statement.Source ?? step.Script.Source).Problem(
                    ErrorCodes.SettingWithoutEffect,
                    "This setting lasts until the end of its transaction, and in this file each statement is "
                    + "committed by itself: it has no effect on the next one. Write SET without LOCAL (it is reset "
                        + "after the file), or delete it.",
                    statement.SourceOffset(0)) with
                { Severity = nameof(ProblemSeverity.Warning) });
}
