using PgMigrate.Errors;
using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scripts;

/// <summary>
/// Follows the statements of a script in order and decides which of them are sent, in which transaction, and what
/// blocks the script. It keeps only the statement that begins a transaction. Pure.
/// </summary>
internal sealed class ScriptChecks(ScriptTransaction asked)
{
    private const string Directive = "'-- pgmigrate: no-transaction'";

    private readonly List<MigrationProblem> _problems = [];
    private OpenBegin? _outer;
    private OpenBegin? _block;
    private SqlStatement? _commit;
    private bool _hasStatements;
    private bool _hasOthers;
    private bool _isWithout;

    /// <summary>What blocks the script.</summary>
    public IReadOnlyList<MigrationProblem> Problems => _problems;

    /// <summary>The statement that opens the transaction: the file's own, or <c>BEGIN</c>.</summary>
    public string Begin { get; private set; } = "BEGIN";

    /// <summary>The transaction mode of the script.</summary>
    public ScriptTransaction Transaction => _isWithout ? ScriptTransaction.None : asked;

    /// <summary>A BEGIN whose meaning depends on the statements after it.</summary>
    /// <param name="Statement">The statement.</param>
    /// <param name="Problems">The number of problems before it.</param>
    private sealed record OpenBegin(SqlStatement Statement, int Problems)
    {
        /// <summary>True when at least one large-object call has followed, and nothing else.</summary>
        public bool WritesObject { get; set; }
    }

    /// <summary>Adds the next statement; returns what is sent of it, or null.</summary>
    public ScriptElement.Statement? Take(ScriptElement.Statement statement)
    {
        var kind = statement.Reading.Kind;
        var isFirst = !_hasStatements;
        _hasStatements = true;
        _hasOthers |= kind != StatementKind.OutsideTransaction;
        if (_commit is { } early)
        {
            // It was not the last statement.
            Refuse(early, StatementKind.Commit);
            _commit = null;
        }

        if (_block is { } block)
        {
            if (kind == StatementKind.Commit && block.WritesObject)
            {
                _outer = _outer == block ? null : _outer;
                _block = null;
                return null;
            }

            if (kind == StatementKind.Ordinary && statement.Reading.IsLargeObjectCall)
            {
                block.WritesObject = true;
                return statement;
            }

            RefuseBlock();
        }

        if (kind == StatementKind.Begin && (isFirst || asked == ScriptTransaction.Wrapped))
        {
            var begin = new OpenBegin(statement.Value, _problems.Count);
            _outer = isFirst ? begin : _outer;
            // pg_dump keeps the descriptor of a large object open with a transaction around the calls that write it.
            _block = asked == ScriptTransaction.Wrapped ? begin : null;
            return null;
        }

        if (kind == StatementKind.Commit && _outer is not null)
        {
            _commit = statement.Value;
            return null;
        }

        return Accept(statement, kind);
    }

    /// <summary>Finishes with the end of the script.</summary>
    public void Finish()
    {
        RefuseBlock();
        if (_outer is { } outer)
        {
            // The runner does the same as one BEGIN … COMMIT around everything; the file's BEGIN keeps its options.
            Begin = _commit is null ? Begin : outer.Statement.Text;
            if (_commit is null)
            {
                Insert(outer);
            }
        }

        // PostgreSQL allows a transaction around none of these statements, so nothing is lost without one.
        if (_hasStatements && !_hasOthers && asked == ScriptTransaction.Wrapped)
        {
            _isWithout = true;
            _problems.Clear();
        }
    }

    private void RefuseBlock()
    {
        if (_block is { } block && block != _outer)
        {
            Insert(block);
        }

        _block = null;
    }

    private void Insert(OpenBegin begin) => _problems.Insert(
        begin.Problems, Problem(begin.Statement, Refusal(begin.Statement, StatementKind.Begin)!.Value));

    private ScriptElement.Statement Accept(ScriptElement.Statement statement, StatementKind kind)
    {
        if (kind == StatementKind.Ordinary && asked == ScriptTransaction.Wrapped)
        {
            AddInvisible(statement);
            return statement;
        }

        if (!Refuse(statement.Value, kind))
        {
            AddInvisible(statement);
        }

        return kind == StatementKind.CopyFromClient && statement.Value.Rows is null
            ? new ScriptElement.Statement(statement.Value with { Rows = SqlRows.None }) { Start = statement.Start }
            : statement;
    }

    // An invisible or look-alike character in the first word of a statement: the server's error message does not show
    // it.
    private void AddInvisible(ScriptElement.Statement statement)
    {
        if (CharacterWarning.InCommand(statement.Text) is { } found)
        {
            _problems.Add(statement.Value.Source!.Problem(
                ErrorCodes.CharacterInvisible,
                $"Here is {found.Description}, which PostgreSQL reads as a letter, so the statement does not start "
                + $"with a command. {found.Remedy}.",
                statement.Value.SourceOffset(found.Offset)));
        }
    }

    private bool Refuse(SqlStatement statement, StatementKind kind)
    {
        if (Refusal(statement, kind) is not { } refusal)
        {
            return false;
        }

        _problems.Add(Problem(statement, refusal));
        return true;
    }

    private static MigrationProblem Problem(SqlStatement statement, (string Code, string Message) refusal) =>
        statement.Source!.Problem(refusal.Code, refusal.Message, statement.Offset);

    private (string Code, string Message)? Refusal(SqlStatement statement, StatementKind kind) => kind switch
    {
        StatementKind.Begin or StatementKind.Commit or StatementKind.OtherTransaction =>
            (ErrorCodes.TransactionControl, asked == ScriptTransaction.Wrapped
                ? "A transaction command inside a migration: PgMigrate runs the file and its record in one "
                    + "transaction. Delete it, or wrap the whole file in one BEGIN; … COMMIT;."
                : "A transaction command in a no-transaction file: each statement is committed by itself, with its "
                    + "progress in the record. Delete it, or move what belongs together into a file of its own."),
        StatementKind.CopyToClient => (ErrorCodes.CopyNotSupported,
            "COPY to the client is not possible: there is no client that could receive the rows. Delete the "
            + "statement, and use psql to export data."),
        StatementKind.CopyFromClient when statement.Reading.IsBinaryCopy => (ErrorCodes.CopyNotSupported,
            "COPY in binary format is not possible in a text file. Write the data as text or CSV."),
        StatementKind.ClientEncoding => (ErrorCodes.ClientEncoding,
            "The file is sent as UTF-8; another client_encoding would store wrong characters. Delete the statement."),
        StatementKind.DiscardAll => (ErrorCodes.DiscardAll,
            "DISCARD ALL would release the migration lock. PgMigrate resets the session after every file: delete the "
                + "statement, or write the part that this file needs, such as RESET ALL or DISCARD TEMP."),
        StatementKind.OutsideTransaction when asked == ScriptTransaction.Wrapped => (ErrorCodes.MixedTransaction,
            "PostgreSQL does not run this statement inside a transaction, but the file has others that need "
                + $"one. Move it into a file of its own; or write {Directive} at the top of this one, and every "
                + "statement is committed by itself."),
        StatementKind.Ordinary when asked == ScriptTransaction.None
            && statement.Reading.NeedsTransaction =>
            (ErrorCodes.TransactionControl,
                "PostgreSQL does not run this statement outside a transaction, and in this file each statement is "
                    + "committed by itself. Delete it, or move what belongs together into a file of its own."),
        _ => null,
    };
}
