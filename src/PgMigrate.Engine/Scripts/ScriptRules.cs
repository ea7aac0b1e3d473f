using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scripts;

/// <summary>Decides from its statements how a script is run, and what in it cannot be; pure.</summary>
internal static class ScriptRules
{
    private const string Directive = "'-- pgmigrate: no-transaction'";

    /// <summary>The script without an outer BEGIN and COMMIT, with its transaction mode and its problems.</summary>
    public static SqlScript Apply(SqlScript script)
    {
        var statements = script.Statements.ToList();
        var kinds = statements.ConvertAll(statement => StatementClassifier.Classify(statement.Text));
        if (script.Transaction == ScriptTransaction.Wrapped)
        {
            TakeLargeObjectTransactions(statements, kinds);
        }

        var begin = TakeOuterTransaction(statements, kinds);
        var problems = script.Problems.ToList();
        var transaction = script.Transaction;
        // Nothing is lost without a transaction that PostgreSQL would not have allowed around any of it.
        if (begin is null && kinds.Count > 0 && kinds.TrueForAll(kind => kind == StatementKind.OutsideTransaction))
        {
            transaction = ScriptTransaction.None;
        }

        for (var i = 0; i < statements.Count; i++)
        {
            if (kinds[i] == StatementKind.CopyFromClient && statements[i].Rows is null)
            {
                statements[i] = statements[i] with { Rows = SqlRows.None };
            }

            if (Refuse(kinds[i], statements[i], transaction) is var (code, message))
            {
                var source = statements[i].Source ?? script.Source;
                problems.Add(source.Problem(code, message, statements[i].Offset));
            }
            else if (RefuseCharacter(statements[i], statements[i].Source ?? script.Source) is { } problem)
            {
                problems.Add(problem);
            }
        }

        return script with
        {
            Statements = statements,
            Begin = begin ?? "BEGIN",
            Transaction = transaction,
            Problems = problems,
        };
    }

    /// <summary>Looks at a statement again after values were put into it: what is wrong now and was not before.</summary>
    public static SqlStatement Check(
        SqlStatement statement,
        SqlStatement before,
        SqlSource source,
        ScriptTransaction transaction,
        List<MigrationProblem> problems)
    {
        var kind = StatementClassifier.Classify(statement.Text);
        if (Refuse(kind, statement, transaction) is var (code, message)
            && Refuse(StatementClassifier.Classify(before.Text), before, transaction) is null)
        {
            problems.Add(source.Problem(code, message, statement.Offset));
        }

        return kind == StatementKind.CopyFromClient && statement.Rows is null
            ? statement with { Rows = SqlRows.None }
            : statement;
    }

    /// <summary>What is wrong with one statement of a script that runs in one transaction; null when nothing is.</summary>
    public static MigrationProblem? Refuse(SqlStatement statement, StatementKind kind) =>
        Refuse(kind, statement, ScriptTransaction.Wrapped) is var (code, message)
            ? statement.Source!.Problem(code, message, statement.Offset)
            : null;

    /// <summary>
    /// A character in the first word of a statement that nobody sees, or takes for another: certain to be refused by the
    /// server, in words that show nothing of it. Null when there is none.
    /// </summary>
    public static MigrationProblem? RefuseCharacter(SqlStatement statement, SqlSource source) =>
        CharacterWarning.InCommand(statement.Text) is { } found
            ? source.Problem(
                "CharacterInvisible",
                $"Here is {found.Description}, which PostgreSQL takes for a letter, so that the statement begins with no command. "
                    + $"{found.Remedy}.",
                statement.SourceOffset(found.Offset))
            : null;

    // One outer BEGIN … COMMIT is what the runner does anyway: the file's own BEGIN keeps its isolation level.
    private static string? TakeOuterTransaction(List<SqlStatement> statements, List<StatementKind> kinds)
    {
        var isWrapped = kinds.Count >= 2 && kinds[0] == StatementKind.Begin && kinds[^1] == StatementKind.Commit;
        if (!isWrapped)
        {
            return null;
        }

        var begin = statements[0].Text;
        statements.RemoveAt(statements.Count - 1);
        kinds.RemoveAt(kinds.Count - 1);
        statements.RemoveAt(0);
        kinds.RemoveAt(0);
        return begin;
    }

    // pg_dump keeps the descriptor of a large object open with a transaction around the calls that write it: so does ours.
    private static void TakeLargeObjectTransactions(List<SqlStatement> statements, List<StatementKind> kinds)
    {
        var taken = new HashSet<SqlStatement>(ReferenceEqualityComparer.Instance);
        for (var i = 0; (i = kinds.IndexOf(StatementKind.Begin, i)) >= 0; i++)
        {
            var end = i + 1;
            while (end < kinds.Count && StatementClassifier.IsLargeObjectCall(statements[end].Text))
            {
                end++;
            }

            if (end > i + 1 && end < kinds.Count && kinds[end] == StatementKind.Commit)
            {
                taken.Add(statements[i]);
                taken.Add(statements[end]);
            }
        }

        if (taken.Count > 0)
        {
            kinds.Clear();
            statements.RemoveAll(taken.Contains);
            kinds.AddRange(statements.Select(statement => StatementClassifier.Classify(statement.Text)));
        }
    }

    private static (string Code, string Message)? Refuse(
        StatementKind kind, SqlStatement statement, ScriptTransaction transaction) => kind switch
        {
            StatementKind.Begin or StatementKind.Commit or StatementKind.OtherTransaction =>
                ("TransactionControl", transaction == ScriptTransaction.Wrapped
                    ? "A transaction command inside a migration: PgMigrate runs the file and its record in one "
                        + "transaction. Delete it, or wrap the whole file in one BEGIN; … COMMIT;."
                    : "A transaction command in a file outside a transaction: each statement is committed by itself, "
                        + "with its place in the record. Delete it, or move what belongs together into a file of its own."),
            StatementKind.CopyToClient => ("CopyNotSupported", "COPY to the client has nobody to read it. Delete the "
                + "statement; use psql to take data out."),
            StatementKind.CopyFromClient when CopyRows.AreBinary(statement.Text) => ("CopyNotSupported",
                "COPY in binary form cannot stand in a text file. Write the data as text or CSV."),
            StatementKind.ClientEncoding => ("ClientEncoding", "The file is sent as UTF-8; another client_encoding "
                + "would store wrong characters. Delete the statement."),
            StatementKind.DiscardAll => ("DiscardAll", "DISCARD ALL would give the migration lock away. PgMigrate makes the "
                + "session new after every file: delete the statement, or write what this file needs of it, such as "
                + "RESET ALL or DISCARD TEMP."),
            StatementKind.OutsideTransaction when transaction == ScriptTransaction.Wrapped => ("MixedTransaction",
                "PostgreSQL does not run this statement inside a transaction, but the file has others that belong into "
                    + $"one. Move it into a file of its own; or write {Directive} at the top of this one, and every "
                    + "statement is committed by itself."),
            StatementKind.Ordinary when transaction == ScriptTransaction.None
                && SqlWords.Leading(statement.Text, 1) is ["LOCK" or "SAVEPOINT" or "RELEASE" or "ROLLBACK"] => ("TransactionControl",
                "PostgreSQL does not run this statement outside a transaction, and in this file each statement is committed "
                    + "by itself. Delete it, or move what belongs together into a file of its own."),
            _ => null,
        };
}
