using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace PgMigrate.PowerShell.Binding;

/// <summary>
/// The text of the call as PowerShell's error view prints it. A literal connection string stands in that line with its
/// password, so the line is replaced by a masked one before anything can fail.
/// </summary>
internal static partial class CallText
{
    private const string Stars = "***";

    public static void Mask(InvocationInfo invocation, string? connectionString)
    {
        var line = invocation.Line;
        if (string.IsNullOrEmpty(line) || !MayHoldSecret(line))
        {
            return;
        }

        var masked = MaskSecrets(line, connectionString);
        if (!string.Equals(masked, line, StringComparison.Ordinal))
        {
            invocation.DisplayScriptPosition = new MaskedExtent(
                invocation.ScriptName, invocation.ScriptLineNumber, masked.TrimEnd('\r', '\n'));
        }
    }

    /// <summary>The text without the connection string and without anything that looks like a password.</summary>
    internal static string MaskSecrets(string text, string? connectionString)
    {
        if (!string.IsNullOrEmpty(connectionString))
        {
            text = text.Replace(connectionString, Stars, StringComparison.Ordinal);
        }

        text = KeywordPassword().Replace(text, "${key}=" + Stars);
        return UriPassword().Replace(text, "${head}:" + Stars + "@");
    }

    // Almost no call holds one, and compiling the patterns costs more than looking.
    private static bool MayHoldSecret(string line) =>
        line.Contains("://", StringComparison.Ordinal)
        || line.Contains("password", StringComparison.OrdinalIgnoreCase)
        || line.Contains("pwd", StringComparison.OrdinalIgnoreCase)
        || line.Contains("passwd", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("""(?<key>\b(password|pwd|passwd))\s*=\s*("[^"]*"|'[^']*'|[^;'"\s)]*)""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KeywordPassword();

    [GeneratedRegex("""(?<head>://[^:/@\s'"]*):[^\s'"]*@""", RegexOptions.CultureInvariant)]
    private static partial Regex UriPassword();

    private sealed class MaskedExtent(string? file, int line, string text) : IScriptExtent
    {
        public string? File => file;

        public IScriptPosition StartScriptPosition => new MaskedPosition(file, line, 1, text);

        public IScriptPosition EndScriptPosition => new MaskedPosition(file, line, text.Length + 1, text);

        public int StartLineNumber => line;

        public int StartColumnNumber => 1;

        public int EndLineNumber => line;

        public int EndColumnNumber => text.Length + 1;

        public string Text => text;

        public int StartOffset => 0;

        public int EndOffset => text.Length;
    }

    private sealed class MaskedPosition(string? file, int line, int column, string text) : IScriptPosition
    {
        public string? File => file;

        public int LineNumber => line;

        public int ColumnNumber => column;

        public int Offset => column - 1;

        public string Line => text;

        public string GetFullScript() => text;
    }
}
