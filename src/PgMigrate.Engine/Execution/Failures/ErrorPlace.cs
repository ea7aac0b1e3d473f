using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using PgMigrate.Messages;
using PgMigrate.Scripts;
using PgMigrate.Sql;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Execution.Failures;

/// <summary>Where in the user's files an error of the server points to; pure.</summary>
/// <param name="Source">The file.</param>
/// <param name="Line">Line in it, from 1.</param>
/// <param name="Column">Column in that line, from 1; null within the data of COPY.</param>
/// <param name="Text">The line, or its part around the column; passwords masked.</param>
internal sealed partial record ErrorPlace(SqlSource Source, int Line, int? Column, string Text)
{
    // Errors that an invisible character can cause: unknown names, and text that is not SQL.
    private static readonly string[] OfNames = ["42703", "42P01", "42704", "42883", "3F000", "22P02"];

    /// <summary>The note about an invisible or look-alike character there; null when there is none.</summary>
    public string? Character { get; private init; }

    /// <summary><c>file:line:column</c>.</summary>
    public override string ToString() => string.Join(':', new[]
    {
        Source.FileName,
        Line.ToString(CultureInfo.InvariantCulture),
        Column?.ToString(CultureInfo.InvariantCulture),
    }.OfType<string>());

    /// <summary>The place of an error in a statement of a script.</summary>
    public static ErrorPlace Find(SqlScript script, SqlStatement statement, PostgresException error)
    {
        var source = statement.Source ?? script.Source;
        if (error.Position > 0)
        {
            var offset = SqlPosition.OffsetOfCharacter(statement.Text, error.Position);
            return At(source, statement, offset) with
            {
                Character = CharacterAt(source, statement, offset, error.SqlState),
            };
        }

        return FindRow(source, statement, error.Where) ?? FindInBody(source, statement, error.Where)
            ?? At(source, statement, FirstToken(statement));
    }

    private static string? CharacterAt(SqlSource source, SqlStatement statement, int offset, string sqlState)
    {
        var isSyntax = sqlState == PostgresErrorCodes.SyntaxError;
        if ((!isSyntax && !OfNames.Contains(sqlState))
            || CharacterWarning.Near(statement.Text, offset, isSyntax, statement.StandardStrings) is not { } found)
        {
            return null;
        }

        var (line, column) = source.PositionOf(statement.SourceOffset(found.Offset));
        return found.Sentence(line, column);
    }

    /// <summary>The place where a statement starts.</summary>
    public static ErrorPlace At(SqlScript script, SqlStatement statement) =>
        At(statement.Source ?? script.Source, statement, FirstToken(statement));

    private static ErrorPlace At(SqlSource source, SqlStatement statement, int offset)
    {
        var place = statement.SourceOffset(offset);
        var (line, column) = source.PositionOf(place);
        var text = PasswordMask.Apply(source.LineAt(place));
        return new ErrorPlace(source, line, column, ErrorText.Around(text, place - source.LineStart(place)));
    }

    // A comment that travels with its statement is not where the statement starts.
    private static int FirstToken(SqlStatement statement)
    {
        var tokens = new SqlTokenizer(statement.Text, statement.StandardStrings);
        while (tokens.Read(out var token))
        {
            if (!token.IsTrivia)
            {
                return token.Start;
            }
        }

        return 0;
    }

    // The server counts the lines of the data in its context, "COPY t, line 3, column b", in its own language.
    private static ErrorPlace? FindRow(SqlSource source, SqlStatement statement, string? context)
    {
        if (statement.Rows is not { Line: > 0 } rows || Number(CopyLine(), context) is not { } number)
        {
            return null;
        }

        var text = PasswordMask.Apply(rows.LineText(number) ?? "");
        return new ErrorPlace(source, rows.Line + number - 1, null, ErrorText.Around(text, 0));
    }

    // "PL/pgSQL function inline_code_block line 3 at RAISE": the lines of a DO are those of its body.
    private static ErrorPlace? FindInBody(SqlSource source, SqlStatement statement, string? context)
    {
        if (Number(BodyLine(), context) is not { } number || !statement.Reading.IsDo)
        {
            return null;
        }

        var tokens = new SqlTokenizer(statement.Text, statement.StandardStrings);
        while (tokens.Read(out var token))
        {
            if (token.Kind is SqlTokenKind.DollarQuote or SqlTokenKind.StringConstant)
            {
                var offset = token.Start;
                for (var line = 1; line < number && offset >= 0; line++)
                {
                    offset = statement.Text.IndexOf('\n', offset, token.End - offset) + 1;
                    if (offset == 0)
                    {
                        return null;
                    }
                }

                var indent = number == 1 ? 0 : statement.Text.AsSpan(offset).IndexOfAnyExcept(" \t");
                return At(source, statement, offset + Math.Max(0, indent));
            }
        }

        return null;
    }

    private static int? Number(Regex pattern, string? context) =>
        context is not null && pattern.Match(context) is { Success: true } match
            && int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var number) && number > 0
                ? number
                : null;

    [GeneratedRegex(@"^COPY .+?, \p{L}+ (\d+)", RegexOptions.Multiline)]
    private static partial Regex CopyLine();

    [GeneratedRegex(@"inline_code_block\W+\p{L}+ (\d+)")]
    private static partial Regex BodyLine();
}
