using PgMigrate.Sql.Reading;

namespace PgMigrate.Sql;

/// <summary>One query as psql would send it: a statement with the block comments right before it.</summary>
/// <param name="Text">
/// The source text from <paramref name="Offset"/> on, where a blank replaces each backslash that psql leaves out, so
/// that positions reported by the server hold.
/// </param>
/// <param name="Offset">Where the text starts in the script, in UTF-16 units.</param>
/// <param name="Line">The line of the first token, from 1; a block comment before it may start earlier.</param>
public sealed record SqlStatement(string Text, int Offset, int Line)
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

    /// <summary>The text that the offset points into; null when it is the script's own.</summary>
    public SqlSource? Source { get; init; }

    /// <summary>What COPY … FROM STDIN reads; null for every other statement.</summary>
    public SqlRows? Rows { get; init; }

    /// <summary>Whether a backslash in a plain string constant is an ordinary character here.</summary>
    public bool StandardStrings
    {
        get => _standardStrings;
        init => (_standardStrings, _reading) = (value, default);
    }

    /// <summary>What may be shown instead of the text; null when the text itself may.</summary>
    public string? DisplayText { get; init; }

    /// <summary>Where parts of the text were put in place of placeholders; empty when none were.</summary>
    public IReadOnlyList<SqlReplacement> Replacements { get; init; } = [];

    /// <summary>What the statement is and does; read once.</summary>
    internal StatementReading Reading => _reading.Value ??= new StatementReading(Text, StandardStrings);

    /// <summary>The place in the script that an offset into the text comes from.</summary>
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
                return Offset + replacement.Offset + shift; // within the value: the placeholder's own start
            }

            shift += replacement.SourceLength - replacement.Length;
        }

        return Offset + textOffset + shift;
    }
}

/// <summary>Keeps a reading without being part of what makes two statements equal.</summary>
internal record struct ReadingCache
{
    public StatementReading? Value { get; set; }

    public readonly bool Equals(ReadingCache other) => true;

    public override readonly int GetHashCode() => 0;
}

/// <summary>A value in the place of a placeholder.</summary>
/// <param name="Offset">Where the value starts in the text.</param>
/// <param name="Length">Length of the value.</param>
/// <param name="SourceLength">Length of the placeholder it replaced.</param>
public readonly record struct SqlReplacement(int Offset, int Length, int SourceLength);
