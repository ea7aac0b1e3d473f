using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>
/// A name as a user writes it: <c>app.users.mail</c>, <c>"App".t</c>, <c>app.f(integer)</c>,
/// <c>app.mood.'sad'</c>, with the kind in front where it is needed: <c>constraint app.users.mail</c>.
/// </summary>
/// <param name="Kind">The kind in lower case; null when none is written.</param>
/// <param name="Parts">The parts between the dots, unquoted.</param>
/// <param name="Arguments">Types of the arguments of a routine; null when none are written.</param>
internal sealed record WrittenName(string? Kind, IReadOnlyList<string> Parts, string? Arguments)
{
    private const int MostParts = 3;

    private static readonly Dictionary<string, string> TypeAliases = new(StringComparer.Ordinal)
    {
        ["int"] = "integer",
        ["int4"] = "integer",
        ["int8"] = "bigint",
        ["int2"] = "smallint",
        ["bool"] = "boolean",
        ["varchar"] = "character varying",
        ["char"] = "character",
        ["decimal"] = "numeric",
        ["float8"] = "double precision",
        ["float4"] = "real",
        ["float"] = "double precision",
        ["timestamptz"] = "timestamp with time zone",
        ["timestamp"] = "timestamp without time zone",
        ["timetz"] = "time with time zone",
        ["time"] = "time without time zone",
        ["varbit"] = "bit varying",
    };

    /// <summary>Reads a name; null when the text is none.</summary>
    public static WrittenName? Parse(string text)
    {
        if (HasOpenQuote(text))
        {
            return null;
        }

        var cursor = StatementCursor.Read(text.AsMemory(), standardStrings: true);
        var kind = TakeKind(cursor);
        var parts = new List<string>();
        do
        {
            if (TakePart(cursor) is not { Length: > 0 } part)
            {
                return null;
            }

            parts.Add(part);
        }
        while (cursor.Accept("."));
        var arguments = cursor.TakeGroup() is { } group ? string.Join(", ", group.TakeParts().Select(TypeOf)) : null;
        return cursor.IsAtEnd && parts.Count <= MostParts ? new WrittenName(kind, parts, arguments) : null;
    }

    /// <summary>True when the kind that is written, if any, includes this one.</summary>
    public bool Fits(string kind) => Kind is null || Kind == kind || Kind switch
    {
        "type" => kind is "enum" or "composite type" or "range type" or "base type" or "domain",
        "routine" => kind is "function" or "procedure" or "aggregate",
        "column" => kind == "view column",
        "value" => kind == "label",
        "constraint" => kind == "domain constraint",
        _ => false,
    };

    private static bool HasOpenQuote(string text)
    {
        var tokenizer = new SqlTokenizer(text, standardStrings: true);
        while (tokenizer.Read(out var token))
        {
            if (!token.IsClosed)
            {
                return true;
            }
        }

        return false;
    }

    private static string? TakeKind(StatementCursor cursor)
    {
        var words = new List<string>();
        while (cursor.Kind == SqlTokenKind.Word && IsNameBehind(cursor))
        {
            words.Add(cursor.TakeWord().ToLowerInvariant());
        }

        return words.Count == 0 ? null : string.Join(' ', words);
    }

    private static bool IsNameBehind(StatementCursor cursor)
    {
        var ahead = cursor.Copy();
        ahead.Skip();
        return ahead.Kind is SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier;
    }

    private static string? TakePart(StatementCursor cursor) => cursor.Kind == SqlTokenKind.StringConstant
        ? cursor.TakeText()!.Trim('\'').Replace("''", "'", StringComparison.Ordinal)
        : cursor.TakeIdentifier();

    // As format_type writes it, for the usual short names.
    private static string TypeOf(StatementCursor part)
    {
        var start = part.Offset;
        while (!part.IsAtEnd)
        {
            part.SkipOne();
        }

        var text = part.TextFrom(start);
        var array = text.EndsWith("[]", StringComparison.Ordinal) ? "[]" : "";
        var name = text[..^array.Length].TrimEnd();
        return (TypeAliases.GetValueOrDefault(name.ToLowerInvariant()) ?? name) + array;
    }
}
