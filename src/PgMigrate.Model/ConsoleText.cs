using System.Text.RegularExpressions;

namespace PgMigrate;

/// <summary>
/// Text for a console that a CI runner may read. GitHub's runner executes a line that starts with <c>::</c>, and
/// <c>##[</c> anywhere in it; the agent of Azure DevOps executes <c>##vso[</c> anywhere. SQL, server messages and file
/// names must not be able to issue such commands. Pure.
/// </summary>
public static partial class ConsoleText
{
    // Both runners compare by culture, which skips characters without a weight, and PowerShell removes colours where
    // output is redirected: neither separates the characters of a command.
    private const string Gap =
        """(?:\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;;[^\x1b\x07\r\n]{0,2000}(?:\x1b\\|\x07)"""
            + """|[\p{C}\p{Mn}\p{Me}-[\t-\r\u0085]])*""";

    private const string Blank = """(?:\x1b\[[0-9;?]*[A-Za-z]|[\p{C}\p{Z}\p{Mn}\p{Me}-[\n-\r\u0085\u2028\u2029]])*""";

    // Names that a console could move to the start of a line when it wraps a long text. A cast has no such name.
    private const string Names =
        "(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|internal-set-repo-path|notice|remove-matcher"
        + "|save-state|set-env|set-output|stop-commands|warning)";

    /// <summary>
    /// The same text, where no line is a command for a runner: such a line is prefixed with <c>| </c>, and a blank
    /// comes between the characters of a command inside a line.
    /// </summary>
    public static string Guard(string? text)
    {
        if (string.IsNullOrEmpty(text) || (!text.Contains(':') && !text.Contains('#')))
        {
            return text ?? "";
        }

        var lines = LineCommand().Replace(text, "| $0");
        lines = NamedCommand().Replace(lines, ": :");
        return BracketCommand().Replace(lines, "# #");
    }

    [GeneratedRegex(
        """(?<=\A|[\n-\r\u0085\u2028\u2029])""" + Blank
            + "(?::" + Gap + ":|#" + Gap + "#" + Gap + """(?:[A-Za-z]""" + Gap + """)*\[)""",
        RegexOptions.CultureInvariant)]
    private static partial Regex LineCommand();

    [GeneratedRegex(
        ":" + Gap + ":(?=" + Gap + Names + "(?:::|[^A-Za-z_-][^\\r\\n]*?::))",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex NamedCommand();

    [GeneratedRegex("#" + Gap + "#(?=" + Gap + """(?:[A-Za-z]""" + Gap + """)*\[)""", RegexOptions.CultureInvariant)]
    private static partial Regex BracketCommand();
}
