using System.Collections;
using System.Management.Automation;

namespace PgMigrate.PowerShell.Binding;

/// <summary>What a line that is being typed says, together with the settings file that its call will read.</summary>
internal static class CompletionCall
{
    /// <summary>The parameters of the line, and those that the settings file has for it. Asks no server.</summary>
    /// <exception cref="Errors.PgMigrateException">The settings file is not as it must be.</exception>
    public static IDictionary Read(string command, string completed, IDictionary bound)
    {
        if (bound["NoSettings"] is { } without && LanguagePrimitives.IsTrue(without))
        {
            return bound;
        }

        var file = bound["SettingsPath"] is string given
            ? Resolve(given)
            : Ask("Get-Location", ("PSProvider", "FileSystem")) is { } folder ? SettingsFile.Find(folder) : null;
        return file is not null && File.Exists(file)
            ? SettingsBinder.Complete(SettingsFile.Read(file), command, completed, bound)
            : bound;
    }

    /// <summary>The full path of what is there, and the text as it is of what is not.</summary>
    public static string Resolve(string path) => Ask("Convert-Path", ("LiteralPath", path)) ?? path;

    // A completer runs outside any cmdlet: the runspace of the prompt knows where the user is.
    private static string? Ask(string command, (string Name, string Value) parameter)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        var found = shell.AddCommand($"Microsoft.PowerShell.Management\\{command}")
            .AddParameter(parameter.Name, parameter.Value)
            .AddParameter("ErrorAction", ActionPreference.Ignore)
            .Invoke();
        return found is [{ BaseObject: PathInfo place }] ? place.ProviderPath
            : found is [{ BaseObject: string text }] ? text
            : null;
    }
}
