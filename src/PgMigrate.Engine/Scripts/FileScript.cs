using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>
/// The UP script of a file that is too large to be held. It is read once to be checked, and again while it is sent;
/// the second reading verifies the checksum, since the file could have changed in between. It runs in a transaction: a
/// no-transaction script is held.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="rules">The rules of its format.</param>
internal sealed class FileScript(TextFile file, FormatRules rules)
{
    private readonly WindowCuts _cuts = new();
    private PlaceholderValues? _values;

    private FileScript(FileScript other, PlaceholderValues values)
        : this(other.File, other.Rules)
    {
        _cuts = other._cuts;
        _values = values;
    }

    private TextFile File => file;

    private FormatRules Rules => rules;

    /// <summary>
    /// Reads the file and returns its UP script, checked as far as possible before the values of a run are known; fills
    /// the outline on the way.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is not text.</exception>
    public SqlScript Check(FileOutline outline) => Check(new ScriptPass(ScriptTransaction.Wrapped, null), outline);

    /// <summary>The same script with the values of a run.</summary>
    public SqlScript Render(SqlScript script, PlaceholderValues values) => script.DependsOnValues
        ? new FileScript(this, values).Check(new ScriptPass(ScriptTransaction.Wrapped, values), new FileOutline(rules))
        : script;

    /// <summary>
    /// Reads the statements in order; COPY rows have to be read before the next statement is requested.
    /// </summary>
    /// <exception cref="PgMigrateException">The file has changed since the run was planned.</exception>
    /// <exception cref="IOException">The file cannot be read any more.</exception>
    public IEnumerable<SqlStatement> Read()
    {
        using var text = file.Open(withChecksum: true);
        foreach (var statement in new ScriptPass(ScriptTransaction.Wrapped, _values, isChecked: true)
            .Run(UpElements(text, new FileOutline(rules))))
        {
            yield return statement.Value;
        }

        if (text.Finish() != file.Checksum)
        {
            throw new PgMigrateException(ErrorCodes.FileChanged, $"{file.FileName} was changed during the "
                + "run.");
        }
    }

    private SqlScript Check(ScriptPass pass, FileOutline outline)
    {
        using var text = file.Open(withChecksum: false);
        foreach (var _ in pass.Run(UpElements(text, outline)))
        {
            // The pass collects the facts.
        }

        return pass.Apply(new SqlScript { Source = new SqlSource(file.FileName, file.FilePath, "") }) with
        {
            File = this,
            DependsOnValues = pass.DependsOnValues,
        };
    }

    private IEnumerable<ScriptElement> UpElements(TextSource text, FileOutline outline)
    {
        var reader = new ScriptReader(text, file.FileName, file.FilePath)
        {
            Cuts = _cuts,
            TextToSplit = rules.TextToSplit,
        };
        foreach (var element in reader.Read())
        {
            outline.Take(element);
            if (outline.Current == ScriptPartKind.Up && outline.InSection(element) is { } part)
            {
                yield return WithoutIncludes(part);
            }
        }
    }

    // A fault: its text would be part of the checksum, which is computed from the bytes of this file alone.
    private static ScriptElement WithoutIncludes(ScriptElement element) =>
        element is ScriptElement.Command { Value: { IsInclude: true } command }
            ? new ScriptElement.Command(command with
            {
                Problem = command.Fault(ErrorCodes.IncludeInvalid, "A file as large as this one cannot include others. "
                    + "Split it."),
            })
            : element;
}
