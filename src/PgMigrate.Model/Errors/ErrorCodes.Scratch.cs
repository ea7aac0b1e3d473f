namespace PgMigrate.Errors;

/// <content>Scratch databases, and what is loaded into them.</content>
public static partial class ErrorCodes
{
    /// <summary>The language of a function refuses its body.</summary>
    public const string FunctionBodyInvalid = nameof(FunctionBodyInvalid);

    /// <summary>A statement of the desired schema fails, and no other one makes what it misses.</summary>
    public const string SchemaLoadFailed = nameof(SchemaLoadFailed);

    /// <summary>The folder of the desired schema holds no .sql file.</summary>
    public const string SchemaPathEmpty = nameof(SchemaPathEmpty);

    /// <summary>The desired schema needs a right that the login does not have.</summary>
    public const string SchemaRightMissing = nameof(SchemaRightMissing);

    /// <summary>A statement of the desired schema writes rows and is left out.</summary>
    public const string SchemaRowsIgnored = nameof(SchemaRowsIgnored);

    /// <summary>A statement must not run in a scratch database.</summary>
    public const string SchemaStatementRefused = nameof(SchemaStatementRefused);

    /// <summary>The server did not make a scratch database.</summary>
    public const string ScratchCreateFailed = nameof(ScratchCreateFailed);

    /// <summary>The login may not create databases.</summary>
    public const string ScratchDenied = nameof(ScratchDenied);

    /// <summary>No server for scratch databases is named.</summary>
    public const string ScratchServerMissing = nameof(ScratchServerMissing);

    /// <summary>The scratch server has another major version than the database.</summary>
    public const string ScratchVersionDiffers = nameof(ScratchVersionDiffers);
}
