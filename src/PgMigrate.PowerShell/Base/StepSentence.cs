using System.Globalization;
using System.Text;
using PgMigrate.Planning;

namespace PgMigrate.PowerShell.Base;

/// <summary>What a DBA wants to read before saying yes to a step.</summary>
internal static class StepSentence
{
    public static string For(PlannedStep step, IReadOnlyList<string> otherWriters)
    {
        var verb = step.Direction == MigrationDirection.Apply ? "Apply" : "Undo";
        var count = step.Script.Statements.Count;
        var sentence = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"{verb} {step.Name} — {count} {(count == 1 ? "statement" : "statements")}, one transaction");
        if (step.IsRecordedScript)
        {
            // The text comes from a table and not from the folder: it is run only after it was shown.
            sentence.AppendLine(", from the DOWN text recorded in the database:").Append(step.Script.Source.Text);
            if (otherWriters.Count > 0)
            {
                sentence.AppendLine().Append("Besides its owner, the table could be written by: ")
                    .AppendJoin(", ", otherWriters);
            }
        }

        return sentence.ToString();
    }
}
