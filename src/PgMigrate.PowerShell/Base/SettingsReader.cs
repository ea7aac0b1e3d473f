using PgMigrate.Errors;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Base;

/// <summary>Finds the settings file of a call and reports the applied settings.</summary>
internal static class SettingsReader
{
    /// <exception cref="InitializationException">The file does not exist, or is not valid.</exception>
    public static IReadOnlyList<BoundSetting> Read(PgMigrateCommand cmdlet)
    {
        if (cmdlet.NoSettings)
        {
            return cmdlet.SettingsPath is null ? [] : throw new InitializationException(
                ErrorCodes.ParametersContradict, "-NoSettings reads no settings file, so it cannot be combined with "
                    + "-SettingsPath.");
        }

        if (Place(cmdlet) is not { } path)
        {
            return [];
        }

        var settings = SettingsBinder.Bind(cmdlet, SettingsFile.Read(path));
        cmdlet.WriteVerbose(settings.Count == 0
            ? $"Settings: none in {path} apply to this call."
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
            ErrorCodes.SettingsNotFound, $"There is no settings file '{given}'. Name one with -SettingsPath, or "
                + "remove that parameter.");
    }
}
