using System.Collections;
using System.Management.Automation.Language;
using PgMigrate.Errors;
using PgMigrate.Messages;

namespace PgMigrate.PowerShell.Binding;

/// <summary>A setting: the value of a parameter for all cmdlets, or for one.</summary>
/// <param name="Cmdlet">The cmdlet it is for; null for all.</param>
/// <param name="Key">Name or alias of the parameter, as written.</param>
/// <param name="Value">Text, a number, a Boolean, or a list or hashtable of these.</param>
/// <param name="Line">Its line in the file.</param>
internal sealed record Setting(string? Cmdlet, string Key, object? Value, int Line);

/// <summary>
/// A file with values for parameters that a call leaves out: a PowerShell data file, so no code runs.
/// </summary>
internal sealed class SettingsFile
{
    public const string FileName = "pgmigrate.settings.psd1";

    private SettingsFile(string path, IReadOnlyList<Setting> settings)
    {
        Path = path;
        Settings = settings;
    }

    public string Path { get; }

    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>
    /// The file in this folder or in a parent, up to the root of the repository. Outside a repository only this folder
    /// is searched: others can write to its parents.
    /// </summary>
    public static string? Find(string folder)
    {
        var root = RootOf(folder);
        for (var place = folder; place is not null; place = System.IO.Path.GetDirectoryName(place))
        {
            var file = System.IO.Path.Combine(place, FileName);
            if (File.Exists(file))
            {
                return file;
            }

            if (root is null || place == root)
            {
                return null;
            }
        }

        return null;
    }

    /// <exception cref="InitializationException">It cannot be read, has more than data, or a password.</exception>
    public static SettingsFile Read(string path)
    {
        ScriptBlockAst script;
        ParseError[] errors;
        try
        {
            script = Parser.ParseInput(File.ReadAllText(path), path, out _, out errors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InitializationException(ErrorCodes.SettingsUnreadable, $"The settings file {path} could not be "
                + $"read: {e.Message}", e);
        }

        if (errors.Length > 0)
        {
            throw Invalid(path, errors[0].Extent.StartLineNumber, errors[0].Message);
        }

        if (script.EndBlock?.Statements is not [PipelineAst only] || Pure(only) is not HashtableAst table)
        {
            throw Invalid(path, 1, "The file must contain one hashtable, @{ … }, and nothing else.");
        }

        var settings = new List<Setting>();
        foreach (var (key, value) in table.KeyValuePairs)
        {
            if (KeyOf(path, key) is var name && name.Contains('-', StringComparison.Ordinal))
            {
                settings.AddRange(
                    Pure(value) is HashtableAst own
                        ? own.KeyValuePairs.Select(pair => Entry(path, name, pair.Item1, pair.Item2))
                        : throw Invalid(path, key.Extent.StartLineNumber, $"{name} must be a hashtable of its "
                            + "parameters."));
            }
            else
            {
                settings.Add(Entry(path, null, key, value));
            }
        }

        return new SettingsFile(path, settings);
    }

    public InitializationException Invalid(int line, string message) => Invalid(Path, line, message);

    private static InitializationException Invalid(string path, int line, string message) =>
        new(ErrorCodes.SettingsInvalid, $"{path}:{line}: {message}");

    private static string? RootOf(string folder)
    {
        for (var place = folder; place is not null; place = System.IO.Path.GetDirectoryName(place))
        {
            // In a work tree .git is a file.
            if (System.IO.Path.Exists(System.IO.Path.Combine(place, ".git")))
            {
                return place;
            }
        }

        return null;
    }

    private static string KeyOf(string path, ExpressionAst key) => key is StringConstantExpressionAst text
        ? text.Value
        : throw Invalid(path, key.Extent.StartLineNumber, $"{key.Extent.Text} is not the name of a parameter.");

    private static Setting Entry(string path, string? cmdlet, ExpressionAst key, StatementAst value)
    {
        var name = KeyOf(path, key);
        var line = key.Extent.StartLineNumber;
        try
        {
            var data = (Pure(value) ?? throw new InvalidOperationException()).SafeGetValue();
            return HasSecret(name, data)
                ? throw Invalid(
                    path, line, $"{name} contains a password. Everyone who reads the repository can read the file: "
                        + "pass a password with -Credential, PGPASSWORD or .pgpass, and a connection string with one "
                        + "in DATABASE_URL.")
                : new Setting(cmdlet, name, data, line);
        }
        catch (InvalidOperationException e)
        {
            throw new InitializationException(
                ErrorCodes.SettingsInvalid, $"{path}:{line}: {name} is not data. A value is text, a number, $true or "
                    + "$false, or a list or hashtable of these.", e);
        }
    }

    private static ExpressionAst? Pure(StatementAst statement) => (statement as PipelineAst)?.GetPureExpression();

    private static bool HasSecret(string name, object? value) => value switch
    {
        Hashtable table => table.Cast<DictionaryEntry>().Any(entry => HasSecret($"{entry.Key}", entry.Value)),
        string text => IsSecretName(name) || PasswordMask.Finds(text) || CallText.MaskSecrets(text, []) != text,
        object?[] list => Array.Exists(list, item => HasSecret(name, item)),
        null => false,
        _ => IsSecretName(name),
    };

    private static bool IsSecretName(string name) =>
        name.Contains("password", StringComparison.OrdinalIgnoreCase)
            || name.Contains("passwd", StringComparison.OrdinalIgnoreCase)
        || name.Equals("pwd", StringComparison.OrdinalIgnoreCase);
}
