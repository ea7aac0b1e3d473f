namespace PgMigrate.Sql;

/// <summary>Translates between offsets, lines and columns, and the character positions PostgreSQL reports.</summary>
public static class SqlPosition
{
    /// <summary>The line and the column in code points, both from 1, of an offset in UTF-16 units.</summary>
    public static (int Line, int Column) At(string text, int offset)
    {
        ArgumentNullException.ThrowIfNull(text);
        ReadOnlySpan<char> before = text.AsSpan(0, Math.Clamp(offset, 0, text.Length));
        int column = 1;
        foreach (char unit in before[(before.LastIndexOf('\n') + 1)..])
        {
            column += char.IsLowSurrogate(unit) ? 0 : 1;
        }

        return (before.Count('\n') + 1, column);
    }

    /// <summary>The offset in UTF-16 units of a position that counts code points from 1.</summary>
    public static int OffsetOfCharacter(string statementText, int oneBasedCodePointPosition)
    {
        ArgumentNullException.ThrowIfNull(statementText);
        int offset = 0;
        for (int position = 1; position < oneBasedCodePointPosition && offset < statementText.Length; position++)
        {
            bool isPair = char.IsHighSurrogate(statementText[offset])
                && offset + 1 < statementText.Length
                && char.IsLowSurrogate(statementText[offset + 1]);
            offset += isPair ? 2 : 1;
        }

        return offset;
    }
}
