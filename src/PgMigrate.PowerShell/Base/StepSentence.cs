using System.Globalization;
using System.Text;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Scripts;

namespace PgMigrate.PowerShell.Base;

/// <summary>The description of a step in a prompt or preview.</summary>
internal static class StepSentence
{
    public static string For(PlannedStep step, IReadOnlyList<string> otherWriters)
    {
        if (step.IsRecordOnly)
        {
            return $"Record {step.Name} as applied, without running it";
        }

        var verb = step.Direction == MigrationDirection.Apply ? "Apply" : "Undo";
        var count = step.Script.Count;
        var sentence = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"{verb} {step.Name} — {Counted.Of(count, "statement")}, {Transaction(step, count)}");
        if (step is { Direction: MigrationDirection.Undo, Entry.Kind: HistoryKind.Baseline })
        {
            sentence.Append(", although it was recorded by a baseline and was never applied by PgMigrate");
        }

        if (step.IsRecordedScript)
        {
            // The text comes from a table, not from the folder: it runs only after it was shown.
            sentence.AppendLine(", from the DOWN text recorded in the database:").Append(step.Script.Source.Text);
            if (otherWriters.Count > 0)
            {
                sentence.AppendLine().Append("Besides its owner, these roles could have changed the table: ")
                    .AppendJoin(", ", otherWriters);
            }
        }

        return sentence.ToString();
    }

    private static string Transaction(PlannedStep step, int count)
    {
        if (step.Script.Transaction == ScriptTransaction.Wrapped)
        {
            return step.SharesTransaction ? "one transaction for all" : "one transaction";
        }

        var place = step.Entry is { IsInterrupted: true, StatementsDone: var done, Progress: var progress }
            ? string.Create(
                CultureInfo.InvariantCulture,
                $", resuming with number {done + 1}"
                    + $"{(progress is { IsInDoubt: true } ? " unless it is done already" : "")}")
            : "";
        return $"{(count == 1 ? "no transaction" : "each committed by itself")}{place}";
    }
}
