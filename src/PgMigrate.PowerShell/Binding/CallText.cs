using System.Data.Common;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace PgMigrate.PowerShell.Binding;

/// <summary>
/// The text of the call that PowerShell's error view prints. A literal connection string appears in that line with its
/// password, so the line is replaced by a masked one before anything can fail.
/// </summary>
internal static partial class CallText
{
    private const string Stars = "***";
    private static readonly string[] PasswordKeywords = ["Password", "PWD", "PSW", "SSL Password", "SslPassword"];

    public static void Mask(InvocationInfo invocation, string? connectionString, params string?[] passwords)
    {
        var line = invocation.Line ?? "";
        var statement = StatementOf(invocation) ?? line;
        List<string> secrets =
        [
            .. SecretsIn(connectionString),
            .. passwords.OfType<string>().Where(password => password.Length > 0),
        ];
        if (!MayHoldSecret(line, secrets) && !MayHoldSecret(statement, secrets))
        {
            return;
        }

        var maskedLine = MaskSecrets(line, secrets);
        var maskedStatement = MaskSecrets(statement, secrets);
        if (maskedLine != line || maskedStatement != statement)
        {
            invocation.DisplayScriptPosition = new MaskedExtent(
                invocation.ScriptName, invocation.ScriptLineNumber, maskedLine.TrimEnd('\r', '\n'), maskedStatement);
        }
    }

    /// <summary>The text without these secrets and without anything else that looks like a password.</summary>
    internal static string MaskSecrets(string text, IReadOnlyList<string> secrets)
    {
        foreach (var secret in secrets)
        {
            text = text.Replace(secret, Stars, StringComparison.Ordinal);
        }

        text = KeywordPassword().Replace(text, "${key}=" + Stars);
        return UriPassword().Replace(text, "${head}:" + Stars + "@");
    }

    /// <summary>
    /// The connection string and its passwords, longest first: the call may concatenate them from parts.
    /// </summary>
    internal static IEnumerable<string> SecretsIn(string? connectionString)
    {
        if (string.IsNullOrEmpty(connectionString))
        {
            return [];
        }

        var secrets = new List<string> { connectionString };
        if (UriPassword().Match(connectionString) is { Success: true } uri)
        {
            secrets.Add(uri.Groups["password"].Value);
            secrets.Add(Uri.UnescapeDataString(uri.Groups["password"].Value));
        }
        else
        {
            secrets.AddRange(PasswordsIn(connectionString));
        }

        return secrets.Where(secret => secret.Length > 0);
    }

    private static IEnumerable<string> PasswordsIn(string keywords)
    {
        var settings = new DbConnectionStringBuilder();
        try
        {
            settings.ConnectionString = keywords;
        }
        catch (ArgumentException)
        {
            return [];
        }

        return PasswordKeywords
            .Select(keyword => settings.TryGetValue(keyword, out var value) ? value as string : null)
            .OfType<string>();
    }

    // Newer than the reference assembly: the whole call, where Line is its first line only.
    private static string? StatementOf(InvocationInfo invocation) =>
        typeof(InvocationInfo).GetProperty("Statement")?.GetValue(invocation) as string;

    // Almost no call contains one, and compiling the patterns costs more than searching.
    private static bool MayHoldSecret(string text, List<string> secrets) =>
        text.Contains("://", StringComparison.Ordinal)
        || text.Contains("password", StringComparison.OrdinalIgnoreCase)
        || text.Contains("pwd", StringComparison.OrdinalIgnoreCase)
        || text.Contains("psw", StringComparison.OrdinalIgnoreCase)
        || secrets.Exists(secret => text.Contains(secret, StringComparison.Ordinal));

    [GeneratedRegex("""(?<key>\b(password|pwd|psw))\s*=\s*("[^"]*"|'[^']*'|[^;'"\s)]*)""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KeywordPassword();

    [GeneratedRegex("""(?<head>://[^:/@\s'"]*):(?<password>[^\s'"]*)@""", RegexOptions.CultureInvariant)]
    private static partial Regex UriPassword();

    private sealed class MaskedExtent(string? file, int number, string line, string statement) : IScriptExtent
    {
        public string? File => file;

        public IScriptPosition StartScriptPosition => new MaskedPosition(file, number, 1, line);

        public IScriptPosition EndScriptPosition => new MaskedPosition(file, number, line.Length + 1, line);

        public int StartLineNumber => number;

        public int StartColumnNumber => 1;

        public int EndLineNumber => number;

        public int EndColumnNumber => line.Length + 1;

        public string Text => statement;

        public int StartOffset => 0;

        public int EndOffset => line.Length;
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
