namespace PgMigrate.Errors;

/// <content>Parameters of a command.</content>
public static partial class ErrorCatalogue
{
    private const string ParametersPage = "about_PgMigrate";

    private static ErrorEntry[] Parameters() =>
    [
        new(ErrorCodes.ConfirmationRequired, typeof(InitializationException), "InvalidOperation",
            "A command asks for confirmation, and the session cannot answer.",
            "Review the steps with -WhatIf, then use -Confirm:$false.", ParametersPage),
        new(ErrorCodes.NameInvalid, typeof(InitializationException), "InvalidArgument",
            "A name is empty, too long or has a character that is not allowed.",
            "Choose another name.", ParametersPage),
        new(ErrorCodes.ParametersContradict, typeof(InitializationException), "InvalidArgument",
            "Parameters contradict each other.",
            "Use only one of them.", ParametersPage),
        new(ErrorCodes.RangeInvalid, typeof(InitializationException), "InvalidOperation",
            "The range of -From and -To is empty or cannot be parsed.",
            "Use versions of which -From sorts first.", ParametersPage),
        new(ErrorCodes.SettingNotSupported, typeof(InitializationException), "InvalidOperation",
            "The server is too old for a parameter.",
            "Remove the parameter, or use a newer server.", ParametersPage),
        new(ErrorCodes.VariableInvalid, typeof(InitializationException), "InvalidOperation",
            "A value of -Variable is missing or not valid.",
            "Set the variable to a value; '' is an empty text.", ParametersPage),
        new(ErrorCodes.SettingsInvalid, typeof(InitializationException), "InvalidOperation",
            "The settings file contains something that is not a setting.",
            "Correct the line that the message names.", "about_PgMigrate_Settings"),
        new(ErrorCodes.SettingsNotFound, typeof(InitializationException), "InvalidOperation",
            "There is no settings file of this name.",
            "Name an existing file with -SettingsPath, or remove that parameter.", "about_PgMigrate_Settings"),
        new(ErrorCodes.SettingsUnreadable, typeof(InitializationException), "InvalidOperation",
            "The settings file cannot be read.",
            "Check the permissions of the file, or use -NoSettings.", "about_PgMigrate_Settings"),
    ];
}
