using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>
/// The UP script of a file that is too large to be held. It is gone through once to be checked, and again while it is
/// sent; the second time its checksum is compared, since the file could have been changed in between.
/// </summary>
internal sealed class LargeScript : SqlStream
{
    private readonly MigrationFileName _file;
    private readonly string _path;
    private readonly string _checksum;
    private readonly PlaceholderValues _values;
    private readonly List<MigrationProblem> _problems = [];
    private int _count;
    private bool _namesAdvisoryLocks;
    private bool _mayHoldVariables;

    private LargeScript(MigrationFileName file, string path, string checksum, PlaceholderValues values)
    {
        _file = file;
        _path = path;
        _checksum = checksum;
        _values = values;
    }

    public override int Count => _count;

    public override bool NamesAdvisoryLocks => _namesAdvisoryLocks;

    /// <summary>Goes through a file and answers its UP script, checked as far as it can be without the run's values.</summary>
    /// <exception cref="InvalidDataException">The file is not text.</exception>
    public static SqlScript Check(MigrationFileName file, string path, string checksum) =>
        new LargeScript(file, path, checksum, new PlaceholderValues()).Check(areValuesKnown: false);

    /// <summary>The same script with the values of a run.</summary>
    public SqlScript Render(SqlScript script, PlaceholderValues values) =>
        _mayHoldVariables ? new LargeScript(_file, _path, _checksum, values).Check(areValuesKnown: true) : script;

    public override IEnumerable<SqlStatement> Read()
    {
        using var text = new MigrationTextStream(_path);
        foreach (var statement in Read(text, []))
        {
            yield return statement;
        }

        while (!text.IsAtEnd)
        {
            text.Read(1024 * 1024);
        }

        if (text.Checksum() != _checksum)
        {
            throw new PgMigrateException("FileChanged", $"{_file.FileName} was changed while the run was under way.");
        }
    }

    private SqlScript Check(bool areValuesKnown)
    {
        using var text = new MigrationTextStream(_path);
        var begin = "BEGIN";
        foreach (var statement in Read(text, _problems, found => begin = found))
        {
            _count++;
            _namesAdvisoryLocks |= statement.Text.Contains("advisory", StringComparison.OrdinalIgnoreCase);
            _mayHoldVariables |= ScriptRenderer.MayHoldVariables(statement.Text, PlaceholderValues.Any);
        }

        return new SqlScript
        {
            Statements = [],
            Stream = this,
            Begin = begin,
            Problems = areValuesKnown || !_mayHoldVariables ? _problems : [],
            Source = new SqlSource(_file.FileName, _path, ""),
        };
    }

    // The statements of the UP section, without an outer BEGIN and COMMIT.
    private IEnumerable<SqlStatement> Read(
        MigrationTextStream text, List<MigrationProblem> problems, Action<string>? begins = null)
    {
        var interpreter = new PsqlInterpreter(_values);
        var isDown = false;
        var isWrapped = false;
        var hasSql = false;
        SqlStatement? heldCommit = null;
        foreach (var element in new LargeScriptReader(text, _file.FileName, _path).Read())
        {
            switch (element)
            {
                case LargeElement.Comment comment
                    when MigrationSections.ReadMarker(comment.Source.Text, comment.Value) is { } marker:
                    isDown = marker == SectionKind.Down;
                    break;
                case LargeElement.Fault fault:
                    problems.Add(fault.Problem);
                    break;
                case LargeElement.Command { Value: var command } when !isDown:
                    Run(interpreter, command, problems);
                    break;
                case LargeElement.Statement { Value: var statement } when !isDown && interpreter.IsActive:
                    if (heldCommit is not null)
                    {
                        problems.Add(ScriptRules.Refuse(heldCommit, StatementKind.Commit)!);
                        heldCommit = null;
                    }

                    var kind = StatementClassifier.Classify(statement.Text);
                    if (kind == StatementKind.Begin && !hasSql)
                    {
                        isWrapped = true;
                        begins?.Invoke(statement.Text);
                    }
                    else if (kind == StatementKind.Commit && isWrapped)
                    {
                        heldCommit = statement;
                    }
                    else
                    {
                        yield return Render(statement, kind, interpreter, problems);
                    }

                    hasSql = true;
                    break;
            }
        }

        interpreter.Finish();
        problems.AddRange(interpreter.Problems);
        if (isWrapped && heldCommit is null)
        {
            problems.Add(new MigrationProblem
            {
                Code = "TransactionControl",
                FileName = _file.FileName,
                FilePath = _path,
                Message = "The file begins a transaction and does not end it. Delete its BEGIN, or add a COMMIT at its end.",
            });
        }
    }

    private static void Run(PsqlInterpreter interpreter, PsqlLine command, List<MigrationProblem> problems)
    {
        if (command.IsInclude && interpreter.IsActive)
        {
            problems.Add(command.Fault("IncludeInvalid", "A file as large as this one cannot take in others. Split it."));
        }
        else if (!command.IsGuard)
        {
            interpreter.Run(command, 0);
        }
    }

    private SqlStatement Render(
        SqlStatement statement, StatementKind kind, PsqlInterpreter interpreter, List<MigrationProblem> problems)
    {
        if (ScriptRules.Refuse(statement, kind) is { } problem)
        {
            problems.Add(problem);
        }

        if (kind == StatementKind.CopyFromClient && statement.Rows is null)
        {
            statement = statement with { Rows = SqlRows.None };
        }

        return ScriptRenderer.MayHoldVariables(statement.Text, PlaceholderValues.Any)
            ? ScriptRenderer.Render(statement, statement.Source!, interpreter.Variables, _values, problems)
            : statement;
    }
}
