namespace PgMigrate.Errors;

/// <content>Parameters of a command.</content>
public static partial class ErrorCatalogue
{
    private const string ParametersPage = "about_PgMigrate";

    private static ErrorEntry[] Parameters() =>
    [
        new(ErrorCodes.ConfirmationRequired, typeof(InitializationException), "InvalidOperation",
            "A command asks, and the session cannot answer.",
            "Look at the steps with -WhatIf, then say -Confirm:$false.", ParametersPage),
        new(ErrorCodes.NameInvalid, typeof(InitializationException), "InvalidArgument",
            "A name is empty, too long or holds a character that it cannot hold.",
            "Choose another name.", ParametersPage),
        new(ErrorCodes.ParametersContradict, typeof(InitializationException), "InvalidArgument",
            "Parameters contradict each other.",
            "Give one of them.", ParametersPage),
        new(ErrorCodes.RangeInvalid, typeof(InitializationException), "InvalidOperation",
            "The range of -From and -To is empty or cannot be read.",
            "Give versions of which -From sorts first.", ParametersPage),
        new(ErrorCodes.SettingNotSupported, typeof(InitializationException), "InvalidOperation",
            "The server is too old for a parameter.",
            "Leave the parameter out, or use a newer server.", ParametersPage),
        new(ErrorCodes.VariableInvalid, typeof(InitializationException), "InvalidOperation",
            "A value of -Variable is missing or cannot be used.",
            "Give the variable a value, '' for an empty text.", ParametersPage),
        new(ErrorCodes.SettingsInvalid, typeof(InitializationException), "InvalidOperation",
            "The settings file holds something that is no setting.",
            "Correct the line that the message names.", "about_PgMigrate_Settings"),
        new(ErrorCodes.SettingsNotFound, typeof(InitializationException), "InvalidOperation",
            "There is no settings file of this name.",
            "Name an existing file with -SettingsPath, or leave it out.", "about_PgMigrate_Settings"),
        new(ErrorCodes.SettingsUnreadable, typeof(InitializationException), "InvalidOperation",
            "The settings file cannot be read.",
            "Check the rights on the file, or use -NoSettings.", "about_PgMigrate_Settings"),
    ];
}
