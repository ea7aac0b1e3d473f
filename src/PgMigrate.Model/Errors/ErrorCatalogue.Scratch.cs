namespace PgMigrate.Errors;

/// <content>Scratch databases, and what is loaded into them.</content>
public static partial class ErrorCatalogue
{
    private const string ScratchPage = "about_PgMigrate";

    private static ErrorEntry[] Scratch() =>
    [
        new(ErrorCodes.FunctionBodyInvalid, null, "InvalidData",
            "The language of a function refuses its body.",
            "Correct the body of the function that the message names.", ScratchPage),
        new(ErrorCodes.SchemaLoadFailed, typeof(PlanBlockedException), "InvalidData",
            "A statement of the desired schema fails.",
            "Correct it, or add what the message says is missing.", ScratchPage),
        new(ErrorCodes.SchemaPathEmpty, typeof(InitializationException), "ObjectNotFound",
            "The folder of the desired schema holds no .sql file.",
            "Name the right folder with -SchemaPath.", ScratchPage),
        new(ErrorCodes.SchemaRightMissing, typeof(PlanBlockedException), "PermissionDenied",
            "The desired schema needs a right that the login of the scratch server does not have.",
            "Log in there as a role that has it, with -ScratchConnection.", ScratchPage),
        new(ErrorCodes.SchemaRowsIgnored, null, "NotSpecified",
            "Statements of the desired schema write rows, and are left out.",
            "Move them into a migration, or ignore the warning.", ScratchPage),
        new(ErrorCodes.SchemaStatementRefused, typeof(PlanBlockedException), "InvalidData",
            "A statement of the desired schema must not run in a scratch database.",
            "Move it out of the desired schema.", ScratchPage),
        new(ErrorCodes.ScratchCreateFailed, typeof(InitializationException), "ResourceUnavailable",
            "The server did not make a scratch database.",
            "Correct what the message says, or name another server with -ScratchConnection.", ScratchPage),
        new(ErrorCodes.ScratchDenied, typeof(InitializationException), "PermissionDenied",
            "The login may not create databases.",
            "Run the ALTER ROLE of the message, or name another server with -ScratchConnection.", ScratchPage),
        new(ErrorCodes.ScratchServerMissing, typeof(InitializationException), "InvalidArgument",
            "No server is named on which scratch databases may be made.",
            "Name one with -ScratchConnection, or allow that of the connection with -ScratchOnTarget.", ScratchPage),
        new(ErrorCodes.ScratchVersionDiffers, typeof(InitializationException), "InvalidArgument",
            "The scratch server has another major version than the database.",
            "Name a scratch server of the same major version.", ScratchPage),
    ];
}
