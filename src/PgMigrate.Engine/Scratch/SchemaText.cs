using PgMigrate.Errors;
using PgMigrate.Scripts;
using PgMigrate.Sql;
using PgMigrate.Sql.Psql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scratch;

/// <summary>
/// Reads one text that describes a schema: carries out its lines for psql, follows its settings and its transactions,
/// leaves out rows, and refuses what must not run. No server is asked.
/// </summary>
/// <param name="index">Index of the text.</param>
/// <param name="source">The text.</param>
internal sealed class SchemaText(int index, SqlSource source)
{
    private readonly PlaceholderValues _values = new();
    private readonly List<LoadStatement> _statements = [];
    private readonly List<MigrationProblem> _problems = [];
    private readonly List<MigrationProblem> _warnings = [];
    private SettingNode? _settings;
    private SqlStatement? _block;
    private LoadStatement? _firstRows;
    private int _rows;

    /// <summary>What runs, in order.</summary>
    public IReadOnlyList<LoadStatement> Statements => _statements;

    /// <summary>What keeps it from being loaded.</summary>
    public IReadOnlyList<MigrationProblem> Problems => _problems;

    /// <summary>What is left out.</summary>
    public IReadOnlyList<MigrationProblem> Warnings => _warnings;

    /// <summary>Reads a text.</summary>
    public static SchemaText Read(int index, SqlSource source)
    {
        var text = new SchemaText(index, source);
        text.Take(SchemaFiles.Expand(source));
        return text;
    }

    private void Take(IEnumerable<ScriptElement> elements)
    {
        var interpreter = new PsqlInterpreter(_values);
        foreach (var element in elements)
        {
            switch (element)
            {
                case ScriptElement.Fault { Problem: var problem }:
                    _problems.Add(problem);
                    break;
                case ScriptElement.Command { Value: { IsGuard: false } command }:
                    interpreter.Run(command, _statements.Count);
                    break;
                case ScriptElement.Statement statement when interpreter.IsActive:
                    Take(Render(statement.Value, interpreter.Variables));
                    break;
            }
        }

        interpreter.Finish();
        _problems.AddRange(interpreter.Problems);
        AddRowsWarning();
    }

    private SqlStatement Render(SqlStatement statement, PsqlVariables variables) =>
        ScriptRenderer.MayHoldVariables(statement.Text, PlaceholderValues.Any)
            ? ScriptRenderer.Render(statement, statement.Source!, variables, _values, _problems)
            : statement;

    private void Take(SqlStatement statement)
    {
        var desired = DesiredReader.Read(statement.Text, statement.StandardStrings);
        switch (desired.Kind)
        {
            case DesiredKind.Begin:
                _block ??= statement;
                break;
            case DesiredKind.End:
                _block = null;
                _settings = SettingNode.WithoutLocal(_settings);
                break;
            case DesiredKind.LocalSetting when _block is not null:
                _settings = new SettingNode(_settings, WithoutLocal(statement, desired), statement, IsLocal: true);
                break;
            case DesiredKind.Setting:
                _settings = desired.ResetsAll
                    ? null
                    : new SettingNode(_settings, statement.Text, statement, IsLocal: false);
                break;
            case DesiredKind.Rows:
                _rows++;
                _firstRows ??= Of(statement, desired);
                break;
            case DesiredKind.Refused:
                _problems.Add(Of(statement, desired).Problem(ErrorCodes.SchemaStatementRefused, desired.Reason!));
                break;
            case DesiredKind.Change or DesiredKind.DefaultPrivileges or DesiredKind.OnAllObjects:
                _statements.Add(Of(statement, desired));
                break;
        }
    }

    private LoadStatement Of(SqlStatement statement, DesiredStatement desired) =>
        new(new StatementPlace(index, _statements.Count), statement, desired, _settings);

    private static string WithoutLocal(SqlStatement statement, DesiredStatement desired)
    {
        const string Word = "LOCAL";
        var start = desired.Local!.Value;
        return string.Concat(
            statement.Text.AsSpan(0, start), new string(' ', Word.Length), statement.Text.AsSpan(start + Word.Length));
    }

    private void AddRowsWarning()
    {
        if (_firstRows is { } first)
        {
            var others = _rows == 1 ? "" : string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $", and {_rows - 1} more in {source.FileName}");
            _warnings.Add(first.Problem(
                ErrorCodes.SchemaRowsIgnored,
                $"This statement writes rows, and a schema has none: it is left out{others}.") with
            {
                Severity = nameof(ProblemSeverity.Warning),
            });
        }
    }
}
