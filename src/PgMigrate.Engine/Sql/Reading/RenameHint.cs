using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>Reads <c>-- pgmigrate: renamed-from old_name</c>; pure.</summary>
internal static class RenameHint
{
    private const string Tool = "pgmigrate:";
    private const string Verb = "renamed-from";

    /// <summary>
    /// The former name that a comment tells; null for another comment. False says that it means to tell one, and that
    /// what follows is not a name.
    /// </summary>
    public static (bool IsValid, RelationName Name)? Read(ReadOnlySpan<char> comment)
    {
        var text = comment.TrimStart("-/* \t").TrimEnd("*/ \t\r\n");
        if (!text.StartsWith(Tool, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        text = text[Tool.Length..].TrimStart();
        if (!text.StartsWith(Verb, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var cursor = StatementCursor.Read(text[Verb.Length..].ToString().AsMemory(), standardStrings: true);
        return cursor.TakeName() is { } name && cursor.IsAtEnd ? (true, name) : (false, default);
    }

    /// <summary>
    /// The column, attribute or value of CREATE TABLE or CREATE TYPE that a comment within it is about: the one that
    /// starts before it on its line, else the next one; a constraint by its name, which is empty when it has none. Null
    /// when it is about none.
    /// </summary>
    public static string? PartAt(string statement, int comment, bool standardStrings)
    {
        var cursor = StatementCursor.Read(statement.AsMemory(), standardStrings);
        while (!cursor.IsAtEnd && cursor.Kind != SqlTokenKind.OpenParenthesis)
        {
            cursor.Skip();
        }

        var lineStart = comment == 0 ? 0 : statement.LastIndexOf('\n', comment - 1) + 1;
        string? before = null;
        foreach (var part in cursor.TakeGroup()?.TakeParts() ?? [])
        {
            var offset = part.Offset;
            if (part.IsAtEnd || part.Is("LIKE"))
            {
                continue;
            }

            if (offset > comment)
            {
                return before ?? NameOf(part);
            }

            before = offset >= lineStart ? NameOf(part) : null;
        }

        return before;
    }

    private static string? NameOf(StatementCursor part) =>
        TableReader.IsConstraint(part) ? part.Accept("CONSTRAINT") ? part.TakeIdentifier() : ""
        : part.Kind == SqlTokenKind.StringConstant
            ? part.TakeText()![1..^1].Replace("''", "'", StringComparison.Ordinal)
            : part.TakeIdentifier();
}
