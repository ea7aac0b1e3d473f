using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PgMigrate.Folders;

namespace PgMigrate.PowerShell.Binding;

/// <summary>
/// Completes versions and names from the files of the folder on the command line. Fast, and silent on errors: a
/// completer must not fail.
/// </summary>
public sealed class MigrationCompleter : IArgumentCompleter
{
    private const int Most = 200;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        try
        {
            var folders = LanguagePrimitives.ConvertTo<string[]>(
                fakeBoundParameters["LiteralPath"] ?? fakeBoundParameters["Path"] ?? fakeBoundParameters["Folder"]
                    ?? "migrations");
            return Complete(folders.Select(Resolve).ToList(), wordToComplete.Trim('\'', '"'));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or PSInvalidCastException or Errors.PgMigrateException)
        {
            return [];
        }
    }

    // A completer runs outside any cmdlet: the runspace of the prompt knows the current location.
    private static string Resolve(string folder)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        var found = shell.AddCommand("Microsoft.PowerShell.Management\\Convert-Path")
            .AddParameter("LiteralPath", folder)
            .AddParameter("ErrorAction", ActionPreference.Ignore)
            .Invoke<string>();
        return found.Count == 1 ? found[0] : folder;
    }

    private static List<CompletionResult> Complete(List<string> folders, string word) =>
        MigrationFolder.ReadNames(folders)
            .Where(name => name.Version.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase)
                || name.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .OrderBy(name => name.Version)
            .Take(Most)
            .Select(name => new CompletionResult(
                Quote(name.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase) ? name.Name : name.Version.Text),
                name.Name,
                CompletionResultType.ParameterValue,
                name.FileName))
            .ToList();

    /// <summary>The text as an argument: quoted where PowerShell would interpret it.</summary>
    internal static string Quote(string text) =>
        !text.StartsWith('-') && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-')
            ? text
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}

/// <summary>Completes connection names from the variables DATABASE_URL_NAME.</summary>
public sealed class ConnectionNameCompleter : IArgumentCompleter
{
    private const string Prefix = "DATABASE_URL_";

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters) =>
        Environment.GetEnvironmentVariables().Keys.OfType<string>()
            .Where(variable => variable.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .Select(variable => variable[Prefix.Length..].ToLowerInvariant())
            .Where(name => name.StartsWith(wordToComplete.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Select(name => new CompletionResult(name, name, CompletionResultType.ParameterValue,
                Prefix + name.ToUpperInvariant()))
            .ToList();
}
