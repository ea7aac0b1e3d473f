using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PgMigrate.Folders;

namespace PgMigrate.PowerShell.Binding;

/// <summary>
/// Completes versions and names from the files of the folder on the command line or in the settings file. Fast, and
/// silent on errors: a completer must not fail.
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
            var call = CompletionCall.Read(commandName, parameterName, fakeBoundParameters);
            var folders = LanguagePrimitives.ConvertTo<string[]>(
                call["LiteralPath"] ?? call["Path"] ?? call["Folder"] ?? "migrations");
            var named = call["ConnectionName"] as string;
            return Complete(folders.Select(folder => Resolve(folder, named)).ToList(), wordToComplete.Trim('\'', '"'));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or PSInvalidCastException or Errors.PgMigrateException)
        {
            return [];
        }
    }

    // A named connection has a folder of its own where one exists.
    private static string Resolve(string folder, string? connectionName)
    {
        var path = CompletionCall.Resolve(folder);
        return connectionName is not null && Path.Combine(path, connectionName) is var named && Directory.Exists(named)
            ? named
            : path;
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
