using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.Scripts;
using PgMigrate.Sql;
using PgMigrate.Sql.Psql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Migrations;

/// <summary>
/// The UP script of a file that is too large to be held. It is gone through once to be checked, and again while it is
/// sent; the second time its checksum is compared, since the file could have been changed in between.
/// </summary>
internal sealed class LargeScript : SqlStream
{
    private readonly LargeFile _large;
    private readonly FormatFile _file;
    private readonly FormatRules _rules;
    private readonly LargeRange? _up;
    private readonly PlaceholderValues _values;
    private readonly List<MigrationProblem> _problems = [];
    private readonly LargeCuts _cuts = new();
    private int _count;
    private bool _namesAdvisoryLocks;
    private bool _mayHoldVariables;
    private bool _hasSection;
    private ScriptElement.Statement? _innerBegin;
    private bool _writesObject;
    private string _begin = "BEGIN";
    private PsqlInterpreter _interpreter;

    private LargeScript(LargeFile large, FormatRules rules, LargeRange? up, PlaceholderValues values)
    {
        _up = up;
        _large = large;
        _file = large.File;
        _rules = rules;
        _values = values;
        _interpreter = new PsqlInterpreter(values);
    }

    public override int Count => _count;

    public override bool NamesAdvisoryLocks => _namesAdvisoryLocks;

    /// <summary>
    /// Goes through a file and answers its UP script, checked as far as it can be without the run's values, and fills the
    /// outline on the way. A range says where UP lies when lines of ours do not.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is not text.</exception>
    public static SqlScript Check(LargeFile large, FormatRules rules, LargeRange? up, FileOutline outline) =>
        new LargeScript(large, rules, up, new PlaceholderValues()).Check(outline);

    /// <summary>The same script with the values of a run.</summary>
    public SqlScript Render(SqlScript script, PlaceholderValues values) =>
        _mayHoldVariables ? new LargeScript(_large, _rules, _up, values).Check(outline: null) : script;

    public override IEnumerable<SqlStatement> Read()
    {
        using var text = _large.Open(withChecksum: true);
        foreach (var statement in Walk(text, new FileOutline(_rules)))
        {
            yield return _mayHoldVariables ? Render(statement.Value, []) : statement.Value;
        }

        if (text.Finish() != _large.Checksum)
        {
            throw new PgMigrateException("FileChanged", $"{_file.Name.FileName} was changed while the run was under way.");
        }
    }

    // Without an outline to fill it is the run's values that are new.
    private SqlScript Check(FileOutline? outline)
    {
        using var text = _large.Open(withChecksum: false);
        var formatProblems = new List<MigrationProblem>();
        foreach (var statement in Walk(text, outline ?? new FileOutline(_rules)))
        {
            _count++;
            _namesAdvisoryLocks |= statement.Text.Contains("advisory", StringComparison.OrdinalIgnoreCase);
            formatProblems.AddRange(_rules.RefuseStatement?.Invoke(statement.Place) ?? []);
            if (ScriptRenderer.MayHoldVariables(statement.Text, PlaceholderValues.Any))
            {
                _mayHoldVariables = true;
                Render(statement.Value, _problems);
            }
        }

        return new SqlScript
        {
            Statements = [],
            Stream = this,
            Begin = _begin,
            Problems = outline is null || !_mayHoldVariables ? [.. _problems, .. _hasSection ? [] : formatProblems] : [],
            Source = new SqlSource(_file.Name.FileName, _file.UpPath, ""),
        };
    }

    // The statements of the UP section, without an outer BEGIN and COMMIT. What is wrong with them is kept.
    private IEnumerable<ScriptElement.Statement> Walk(LargeText text, FileOutline outline)
    {
        _interpreter = new PsqlInterpreter(_values);
        _problems.Clear();
        (_innerBegin, _writesObject) = (null, false);
        var isWrapped = false;
        var hasSql = false;
        ScriptElement.Statement? heldCommit = null;
        var reader = new LargeScriptReader(text, _file.Name.FileName, _file.UpPath)
        {
            Cuts = _cuts,
            TextToSplit = _rules.TextToSplit,
        };
        foreach (var element in reader.Read())
        {
            outline.Take(element);
            switch (element)
            {
                case ScriptElement.Fault fault:
                    _problems.Add(fault.Problem);
                    break;
                case ScriptElement.Command { Value: var command } when IsUp(element):
                    Run(command);
                    break;
                case ScriptElement.Statement statement when IsUp(element) && _interpreter.IsActive:
                    if (heldCommit is not null)
                    {
                        _problems.Add(ScriptRules.Refuse(heldCommit.Value, StatementKind.Commit)!);
                        heldCommit = null;
                    }

                    var kind = StatementClassifier.Classify(statement.Text);
                    if (IsOfLargeObject(statement, kind, isInner: hasSql))
                    {
                        break;
                    }

                    if (kind == StatementKind.Begin && !hasSql)
                    {
                        isWrapped = true;
                        _begin = statement.Value.Text;
                    }
                    else if (kind == StatementKind.Commit && isWrapped)
                    {
                        heldCommit = statement;
                    }
                    else
                    {
                        yield return Accept(statement, kind);
                    }

                    hasSql = true;
                    break;
            }
        }

        _hasSection = outline.Markers.Count > 0;
        RefuseInnerBegin();
        _interpreter.Finish();
        _problems.AddRange(_interpreter.Problems);
        if (isWrapped && heldCommit is null)
        {
            _problems.Add(new MigrationProblem
            {
                Code = "TransactionControl",
                FileName = _file.Name.FileName,
                FilePath = _file.UpPath,
                Message = "The file begins a transaction and does not end it. Delete its BEGIN, or add a COMMIT at its end.",
            });
        }

        bool IsUp(ScriptElement element) =>
            _up is { } up ? element.Start >= up.Start && element.Start < up.End : outline.Current == SectionKind.Up;
    }

    private void Run(PsqlLine command)
    {
        if (command.IsInclude && _interpreter.IsActive)
        {
            _problems.Add(command.Fault("IncludeInvalid", "A file as large as this one cannot take in others. Split it."));
        }
        else if (!command.IsGuard)
        {
            _interpreter.Run(command, 0);
        }
    }

    // True for the BEGIN and COMMIT that pg_dump writes around the calls for a large object: they do nothing here.
    private bool IsOfLargeObject(ScriptElement.Statement statement, StatementKind kind, bool isInner)
    {
        if (_innerBegin is not null)
        {
            if (kind == StatementKind.Commit && _writesObject)
            {
                _innerBegin = null;
                return true;
            }

            if (kind == StatementKind.Ordinary && StatementClassifier.IsLargeObjectCall(statement.Value.Text))
            {
                _writesObject = true;
                return false;
            }

            RefuseInnerBegin();
        }

        if (kind != StatementKind.Begin || !isInner)
        {
            return false;
        }

        (_innerBegin, _writesObject) = (statement, false);
        return true;
    }

    private void RefuseInnerBegin()
    {
        if (_innerBegin is { } begin)
        {
            _problems.Add(ScriptRules.Refuse(begin.Value, StatementKind.Begin)!);
            _innerBegin = null;
        }
    }

    private ScriptElement.Statement Accept(ScriptElement.Statement statement, StatementKind kind)
    {
        if (kind == StatementKind.Ordinary)
        {
            if (SqlCharacters.At(statement.Text, 0) >= '\u0080'
                && ScriptRules.RefuseCharacter(statement.Value, statement.Value.Source!) is { } invisible)
            {
                _problems.Add(invisible);
            }

            return statement;
        }

        if (ScriptRules.Refuse(statement.Value, kind) is { } problem)
        {
            _problems.Add(problem);
        }

        return kind == StatementKind.CopyFromClient && statement.Value.Rows is null
            ? new ScriptElement.Statement(statement.Value with { Rows = SqlRows.None }) { Start = statement.Start }
            : statement;
    }

    private SqlStatement Render(SqlStatement statement, List<MigrationProblem> problems) =>
        ScriptRenderer.MayHoldVariables(statement.Text, PlaceholderValues.Any)
        && ScriptRenderer.Render(statement, statement.Source!, _interpreter.Variables, _values, problems) is var sent
        && !ReferenceEquals(sent, statement)
            ? ScriptRules.Check(sent, statement, statement.Source!, ScriptTransaction.Wrapped, problems)
            : statement;
}
