using System.Text.RegularExpressions;

namespace PgMigrate.Messages;

/// <summary>Takes passwords out of SQL that is shown or logged; pure.</summary>
internal static partial class PasswordMask
{
    private const string Word = "password";

    /// <summary>The text with every <c>PASSWORD '…'</c> literal and every <c>password=…</c> masked.</summary>
    public static string Apply(string text) =>
        text.Contains(Word, StringComparison.OrdinalIgnoreCase)
            ? Setting().Replace(Literal().Replace(text, "${word}'***'"), "${word}***")
            : text;

    /// <summary>True when there is something to mask.</summary>
    public static bool Finds(string text) => Apply(text) != text;

    // The server cuts what it shows of a query, and so may end a literal early.
    [GeneratedRegex(
        """(?<word>\bPASSWORD\s*=?\s*)((?:E|U&)?'(?:[^'\\]|''|\\.)*(?:'|\z)|\$(?<tag>\w*)\$.*?(?:\$\k<tag>\$|\z))""",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Literal();

    [GeneratedRegex("""(?<word>\bpassword=)[^\s'"&;]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Setting();
}
