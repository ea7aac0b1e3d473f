using System.Globalization;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>
/// The columns of a key, an index or a statistics object in their order, as the server lists them; it makes its names
/// of them. Pure.
/// </summary>
internal static class ListedColumns
{
    /// <summary>Names of the columns; of an expression, the name that the server gives to it.</summary>
    /// <param name="definition">The definition as the server writes it.</param>
    /// <param name="isStatistics">True for a statistics object, which lists them behind ON.</param>
    public static IReadOnlyList<string> Of(string definition, bool isStatistics)
    {
        var cursor = StatementCursor.Read(definition.AsMemory(), standardStrings: true);
        var names = new List<string>();
        if (isStatistics)
        {
            SkipBeyond(cursor, "ON");
            do
            {
                Add(names, cursor);
                while (!cursor.IsAtEnd && !cursor.IsAny(",", "FROM"))
                {
                    cursor.SkipOne();
                }
            }
            while (cursor.Accept(","));
            return names;
        }

        AddGroup(names, cursor);
        if (cursor.Accept("INCLUDE"))
        {
            AddGroup(names, cursor);
        }

        return names;
    }

    private static void SkipBeyond(StatementCursor cursor, string word)
    {
        cursor.SkipTo(word);
        cursor.Accept(word);
    }

    private static void AddGroup(List<string> names, StatementCursor cursor)
    {
        while (!cursor.IsAtEnd && cursor.Kind != SqlTokenKind.OpenParenthesis)
        {
            cursor.Skip();
        }

        foreach (var part in cursor.TakeGroup()?.TakeParts() ?? [])
        {
            Add(names, part);
        }
    }

    private static void Add(List<string> names, StatementCursor part)
    {
        var name = part.TakeName()?.Name ?? "expr";
        var unique = name;
        for (var number = 1; names.Contains(unique); number++)
        {
            unique = name + number.ToString(CultureInfo.InvariantCulture);
        }

        names.Add(unique);
    }
}
