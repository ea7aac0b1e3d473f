using System.Globalization;
using System.Text;
using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Sessions;

/// <summary>A text that a database has to store or to read.</summary>
/// <param name="Text">The text.</param>
/// <param name="What">What it is; starts a sentence.</param>
/// <param name="At">A problem at an offset of the text.</param>
internal sealed record StorableText(string Text, string What, Func<string, int, MigrationProblem> At)
{
    /// <summary>Places of values that may be secret.</summary>
    public IReadOnlyList<SqlReplacement> Values { get; init; } = [];

    /// <summary>The first of these characters in the text; null when it contains none of them.</summary>
    public MigrationProblem? FindProblem(IReadOnlySet<Rune> missing, string encoding)
    {
        var offset = 0;
        foreach (var character in Text.EnumerateRunes())
        {
            if (!character.IsAscii && missing.Contains(character))
            {
                var isValue = Values.Any(value => offset >= value.Offset && offset < value.Offset + value.Length);
                return At(StorableTexts.Describe(What, isValue ? null : character, encoding), offset);
            }

            offset += character.Utf16SequenceLength;
        }

        return null;
    }
}

/// <summary>Lists the texts that a plan sends to a database and records in it; pure.</summary>
internal static class StorableTexts
{
    /// <summary>Code of the error for a text that cannot be stored.</summary>
    public const string Code = ErrorCodes.CharacterNotStorable;

    /// <summary>What is wrong with a text; without the character when it must not be shown.</summary>
    public static string Describe(string what, Rune? character, string encoding)
    {
        var shown = character is { } rune
            ? string.Create(CultureInfo.InvariantCulture, $"the character '{rune}' (U+{rune.Value:X4})")
            : "a value of a variable with a character";
        return $"{what} has {shown}{(character is null ? " that" : ", which")} the encoding {encoding} of this "
            + "database does not have. Use another character, or a database with ENCODING 'UTF8'.";
    }

    /// <summary>The texts that a step sends and records.</summary>
    public static IEnumerable<StorableText> Of(PlannedStep step)
    {
        var recorded = step is { Direction: MigrationDirection.Apply, Migration: { } migration }
            ? OfRecord(migration)
            : [];
        return step.IsRecordOnly ? recorded : recorded.Concat(OfScript(step.Script));
    }

    /// <summary>The texts in the record of a migration.</summary>
    public static IEnumerable<StorableText> OfRecord(Migration migration)
    {
        yield return new StorableText(migration.FileName, "The file name", (message, _) => InFile(migration, message));
        foreach (var need in migration.DependsOn)
        {
            yield return new StorableText(
                need, "What the file depends on", (message, _) => InFile(migration, message));
        }

        if (migration.DownText is { } down)
        {
            yield return new StorableText(
                down, "The DOWN text, which is recorded,", (message, offset) =>
                    InDown(migration, down, message, offset));
        }
    }

    private static IEnumerable<StorableText> OfScript(SqlScript script)
    {
        foreach (var statement in script.Read())
        {
            var source = statement.Source ?? script.Source;
            yield return new StorableText(
                statement.Text,
                "The SQL",
                (message, offset) => source.Problem(Code, message, statement.SourceOffset(offset)))
            {
                Values = statement.Replacements,
            };
            foreach (var text in OfRows(statement.Rows, source))
            {
                yield return text;
            }
        }
    }

    // The rows of a large file can be read only once, before the next statement is read.
    private static IEnumerable<StorableText> OfRows(SqlRows? rows, SqlSource source)
    {
        var decoder = Encoding.UTF8.GetDecoder();
        var line = rows?.Line ?? 0;
        foreach (var part in rows?.Parts ?? [])
        {
            var characters = new char[decoder.GetCharCount(part.Span, flush: false)];
            decoder.GetChars(part.Span, characters, flush: false);
            var text = new string(characters);
            var first = line;
            yield return new StorableText(text, "A row of COPY", (message, offset) => new MigrationProblem
            {
                Code = Code,
                Message = message,
                FileName = source.FileName,
                FilePath = source.FilePath,
                Line = first + text.AsSpan(0, offset).Count('\n'),
            });
            line += text.AsSpan().Count('\n');
        }
    }

    private static MigrationProblem InFile(Migration migration, string message) => new()
    {
        Code = Code,
        Message = message,
        FileName = migration.FileName,
        FilePath = migration.FilePath,
    };

    // The text was cut from a file, unless included files were inserted into it.
    private static MigrationProblem InDown(Migration migration, string down, string message, int offset)
    {
        var source = (migration.Down ?? migration.Up).Source;
        var start = source.Text.LastIndexOf(down, StringComparison.Ordinal);
        return start < 0 ? InFile(migration, message) : source.Problem(Code, message, start + offset);
    }
}
