using PgMigrate.Errors;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Base;

/// <summary>Finds the settings file of a call and says what comes from it.</summary>
internal static class SettingsReader
{
    /// <exception cref="InitializationException">The file is not there, or not as it must be.</exception>
    public static IReadOnlyList<BoundSetting> Read(PgMigrateCommand cmdlet)
    {
        if (cmdlet.NoSettings)
        {
            return cmdlet.SettingsPath is null ? [] : throw new InitializationException(
                ErrorCodes.ParametersContradict, "-NoSettings reads no settings file, so -SettingsPath cannot go with "
                    + "it.");
        }

        if (Place(cmdlet) is not { } path)
        {
            return [];
        }

        var settings = SettingsBinder.Bind(cmdlet, SettingsFile.Read(path));
        cmdlet.WriteVerbose(settings.Count == 0
            ? $"Settings: none of {path} is for this call."
            : $"Settings: {string.Join(", ", settings.Select(setting => setting.Property.Name))} from {path}.");
        return settings;
    }

    private static string? Place(PgMigrateCommand cmdlet)
    {
        var paths = cmdlet.SessionState.Path;
        if (cmdlet.SettingsPath is not { } given)
        {
            return SettingsFile.Find(paths.CurrentFileSystemLocation.ProviderPath);
        }

        var path = paths.GetUnresolvedProviderPathFromPSPath(given, out var provider, out _);
        return provider.Name == "FileSystem" && File.Exists(path) ? path : throw new InitializationException(
            ErrorCodes.SettingsNotFound, $"There is no settings file '{given}'. Name one with -SettingsPath, or leave "
                + "it out.");
    }
}
