namespace PgMigrate.Sql.Reading;

/// <summary>The options of a COPY that decide how its rows are read.</summary>
/// <param name="IsBinary">True for the binary format, in the old or the new syntax.</param>
/// <param name="IsCsv">True for CSV.</param>
/// <param name="Quote">The quote character; null when none is specified.</param>
/// <param name="Escape">The escape character; null when none is specified.</param>
/// <param name="HasHeader">True when the first line is not a row.</param>
internal sealed record CopyOptions(bool IsBinary, bool IsCsv, char? Quote, char? Escape, bool HasHeader)
{
    /// <summary>Reads them from all words of the statement.</summary>
    public static CopyOptions Read(List<string> words)
    {
        var from = Math.Max(0, words.LastIndexOf("FROM"));
        var options = words.Skip(from).Select(word => word.ToUpperInvariant()).ToList();
        return new CopyOptions(
            words is ["COPY", "BINARY", not ("FROM" or "(" or "."), ..] || NamesBinary(words, from),
            options.Exists(word => word.Trim('\'', '"') == "CSV"),
            Character(options, "QUOTE"),
            Character(options, "ESCAPE"),
            HasHeaderIn(options));
    }

    private static bool NamesBinary(List<string> words, int from) => words.Where((word, index) => index > from
        && (word == "BINARY" || (words[index - 1] == "FORMAT" && word.Trim('\'', '"') is "binary"))).Any();

    // HEADER, HEADER true, HEADER MATCH: anything but an explicit no.
    private static bool HasHeaderIn(List<string> options)
    {
        var header = options.IndexOf("HEADER");
        return header >= 0 && options.ElementAtOrDefault(header + 1) is not ("FALSE" or "OFF" or "0");
    }

    private static char? Character(List<string> options, string name)
    {
        var value = options.IndexOf(name) + 1;
        value += value > 0 && options.ElementAtOrDefault(value) == "AS" ? 1 : 0;
        return value > 0 && options.ElementAtOrDefault(value)?.TrimStart('E') is ['\'', var character, .., '\'']
            ? character
            : null;
    }
}
