using PgMigrate.Sql.Reading;

namespace PgMigrate.Sql;

/// <summary>One query as psql would send it: a statement with the block comments directly before it.</summary>
/// <param name="Text">
/// The source text from <paramref name="Offset"/> on, with a blank for each backslash that psql removes, so that
/// positions from the server stay valid.
/// </param>
/// <param name="Offset">Its offset in the script, in UTF-16 units.</param>
/// <param name="Line">The line of the first token, from 1; a block comment before it may start earlier.</param>
internal sealed record SqlStatement(string Text, int Offset, int Line)
{
    private readonly string _text = Text;
    private readonly bool _standardStrings = true;
    private ReadingCache _reading;

    /// <summary>The text that is sent.</summary>
    public string Text
    {
        get => _text;
        init => (_text, _reading) = (value, default);
    }

    /// <summary>The text that the offset refers to; null when it is the script's own.</summary>
    public SqlSource? Source { get; init; }

    /// <summary>The rows of COPY … FROM STDIN; null for every other statement.</summary>
    public SqlRows? Rows { get; init; }

    /// <summary>Whether a backslash in a plain string constant is an ordinary character here.</summary>
    public bool StandardStrings
    {
        get => _standardStrings;
        init => (_standardStrings, _reading) = (value, default);
    }

    /// <summary>The text to show instead of the real one; null when the real text may be shown.</summary>
    public string? DisplayText { get; init; }

    /// <summary>The replaced placeholders; empty when there are none.</summary>
    public IReadOnlyList<SqlReplacement> Replacements { get; init; } = [];

    /// <summary>What the statement is and does; read once.</summary>
    internal StatementReading Reading => _reading.Value ??= new StatementReading(Text, StandardStrings);

    /// <summary>The position in the script of an offset in the text.</summary>
    public int SourceOffset(int textOffset)
    {
        var shift = 0;
        foreach (var replacement in Replacements)
        {
            if (textOffset < replacement.Offset)
            {
                break;
            }

            if (textOffset < replacement.Offset + replacement.Length)
            {
                return Offset + replacement.Offset + shift; // within the value: the start of the placeholder
            }

            shift += replacement.SourceLength - replacement.Length;
        }

        return Offset + textOffset + shift;
    }
}

/// <summary>Caches a reading without taking part in the equality of statements.</summary>
internal record struct ReadingCache
{
    public StatementReading? Value { get; set; }

    public readonly bool Equals(ReadingCache other) => true;

    public override readonly int GetHashCode() => 0;
}

/// <summary>A value in place of a placeholder.</summary>
/// <param name="Offset">Offset of the value in the text.</param>
/// <param name="Length">Length of the value.</param>
/// <param name="SourceLength">Length of the replaced placeholder.</param>
internal readonly record struct SqlReplacement(int Offset, int Length, int SourceLength);
