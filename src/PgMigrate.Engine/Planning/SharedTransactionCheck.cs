using PgMigrate.Errors;
using PgMigrate.Scripts;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Planning;

/// <summary>Checks whether the steps of a plan can share one transaction; pure.</summary>
internal static class SharedTransactionCheck
{
    /// <summary>The problems of the steps that should share one; none when each has its own.</summary>
    public static IEnumerable<MigrationProblem> Check(IReadOnlyList<PlannedStep> steps)
    {
        var sharing = steps.Where(step => step.SharesTransaction).ToList();
        foreach (var step in sharing)
        {
            if (step.Script.Transaction == ScriptTransaction.None)
            {
                yield return Problem(step, ErrorCodes.SingleTransactionImpossible,
                    "The file runs outside a transaction, so it cannot be part of one. Apply it alone, without "
                        + "-SingleTransaction, before or after the others.");
            }
            else if (OptionsOf(step) != OptionsOf(sharing[0]))
            {
                yield return Problem(step, ErrorCodes.TransactionOptionsDiffer,
                    $"The file asks for {Describe(OptionsOf(step))} and {sharing[0].FileName} for "
                        + $"{Describe(OptionsOf(sharing[0]))}, but they share one transaction. Give all files the same "
                        + "BEGIN, or remove -SingleTransaction.");
            }

            if (step.Script.Facts.SetsTransaction is { } place)
            {
                yield return place with
                {
                    Code = ErrorCodes.TransactionOptionsDiffer,
                    Message = "These transaction options would also apply to the files after it. Write them into the "
                        + "BEGIN of every file, or remove -SingleTransaction.",
                };
            }
        }
    }

    private static string OptionsOf(PlannedStep step) => new StatementReading(step.Script.Begin).BeginOptions;

    private static string Describe(string options) =>
        options.Length == 0 ? "a transaction without options" : $"a transaction with {options}";

    private static MigrationProblem Problem(PlannedStep step, string code, string message) => new()
    {
        Code = code,
        Message = message,
        FileName = step.FileName,
        FilePath = step.FilePath,
    };
}
