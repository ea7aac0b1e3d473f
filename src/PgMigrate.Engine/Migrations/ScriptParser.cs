using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>Turns the pieces of a section into a script, and says what in it cannot be run.</summary>
internal static class ScriptParser
{
    private const string DirectiveHint =
        "Files outside a transaction are not run yet. Run the statement by hand, and keep the file out of the folder.";

    /// <summary>The script of a range of the file; an absent section is an empty script.</summary>
    public static SqlScript Parse(SqlSource source, SqlSplit split, SqlRange? section, MigrationHeader header)
    {
        var range = section ?? default;
        var statements = split.Statements(range).ToList();
        var problems = new List<MigrationProblem>();
        foreach (var piece in split.PiecesIn(range))
        {
            if (piece.Kind == SqlPieceKind.PsqlCommand)
            {
                problems.Add(RefusePsqlCommand(source, piece));
            }
        }

        foreach (var escape in split.Escapes)
        {
            if (escape >= range.Start && escape < range.End && source.Text[escape + 1] == ';')
            {
                problems.Add(source.Problem(
                    "PsqlCommandNotSupported",
                    "psql's \\; joins statements into one query, which is not run yet. Write ';' alone.",
                    escape));
            }
        }

        if (header.NoTransactionOffset is { } directive)
        {
            problems.Add(source.Problem("NoTransactionNotSupported", DirectiveHint, directive));
        }

        var kinds = statements.ConvertAll(statement => StatementClassifier.Classify(statement.Text));
        var begin = TakeOuterTransaction(statements, kinds);
        AddRefusals(source, statements, kinds, problems);
        return new SqlScript
        {
            Statements = statements,
            Begin = begin ?? "BEGIN",
            Transaction = header.NoTransactionOffset is null ? ScriptTransaction.Wrapped : ScriptTransaction.None,
            Problems = problems,
            Source = source,
        };
    }

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

    private static void AddRefusals(
        SqlSource source, List<SqlStatement> statements, List<StatementKind> kinds, List<MigrationProblem> problems)
    {
        var outside = kinds.Count(kind => kind == StatementKind.OutsideTransaction);
        for (var i = 0; i < statements.Count; i++)
        {
            var refusal = kinds[i] switch
            {
                StatementKind.Begin or StatementKind.Commit or StatementKind.OtherTransaction =>
                    ("TransactionControl", "A transaction command inside a migration: PgMigrate runs the file and its "
                        + "record in one transaction. Delete it, or wrap the whole file in one BEGIN; … COMMIT;."),
                StatementKind.Copy => ("CopyNotSupported", "COPY from or to the client is not run yet. Use INSERT, or "
                    + "load the data with psql."),
                StatementKind.ClientEncoding => ("ClientEncoding", "The file is sent as UTF-8; another client_encoding "
                    + "would store wrong characters. Delete the statement."),
                StatementKind.OutsideTransaction when outside == statements.Count =>
                    ("NoTransactionNotSupported", "PostgreSQL does not run this statement inside a transaction. "
                        + DirectiveHint),
                StatementKind.OutsideTransaction => ("MixedTransaction", "PostgreSQL does not run this statement "
                    + "inside a transaction, but the file has others that belong into one. "
                    + DirectiveHint),
                _ => default,
            };
            if (refusal != default)
            {
                problems.Add(source.Problem(refusal.Item1, refusal.Item2, statements[i].Offset));
            }
        }
    }

    private static MigrationProblem RefusePsqlCommand(SqlSource source, SqlPiece piece)
    {
        var line = source.Text.AsSpan(piece.Offset, piece.Length).Trim();
        var end = line.IndexOfAny(" \t\n");
        var command = (end < 0 ? line : line[..end]).ToString();
        return source.Problem(
            "PsqlCommandNotSupported",
            $"The psql command {command} is not run yet. Delete the line, or put what it does into the file.",
            piece.Offset);
    }
}
