namespace PgMigrate.Errors;

/// <content>Parameters of a command.</content>
public static partial class ErrorCodes
{
    /// <summary>A command asks for confirmation, and the session cannot answer.</summary>
    public const string ConfirmationRequired = nameof(ConfirmationRequired);

    /// <summary>A name is empty, too long or has a character that is not allowed.</summary>
    public const string NameInvalid = nameof(NameInvalid);

    /// <summary>Parameters contradict each other.</summary>
    public const string ParametersContradict = nameof(ParametersContradict);

    /// <summary>The range of -From and -To is empty or cannot be parsed.</summary>
    public const string RangeInvalid = nameof(RangeInvalid);

    /// <summary>The server is too old for a parameter.</summary>
    public const string SettingNotSupported = nameof(SettingNotSupported);

    /// <summary>A value of -Variable is missing or not valid.</summary>
    public const string VariableInvalid = nameof(VariableInvalid);

    /// <summary>The settings file contains something that is not a setting.</summary>
    public const string SettingsInvalid = nameof(SettingsInvalid);

    /// <summary>There is no settings file of this name.</summary>
    public const string SettingsNotFound = nameof(SettingsNotFound);

    /// <summary>The settings file cannot be read.</summary>
    public const string SettingsUnreadable = nameof(SettingsUnreadable);
}
