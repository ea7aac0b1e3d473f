namespace PgMigrate.Errors;

/// <content>Schemas that are compared, and migrations that are written from them.</content>
public static partial class ErrorCodes
{
    /// <summary>DOWN leaves another schema than before, or UP makes another one after it.</summary>
    public const string RoundTripDiffers = nameof(RoundTripDiffers);

    /// <summary>Migrations after one that cannot be applied.</summary>
    public const string RoundTripNotTried = nameof(RoundTripNotTried);

    /// <summary>A migration has no DOWN that could be tried.</summary>
    public const string RoundTripWithoutDown = nameof(RoundTripWithoutDown);

    /// <summary>Changes wait for each other.</summary>
    public const string SchemaChangeCycle = nameof(SchemaChangeCycle);

    /// <summary>The schema of a database cannot be made in a scratch database.</summary>
    public const string SchemaCopyFailed = nameof(SchemaCopyFailed);

    /// <summary>A filter of a comparison is no pattern, or matches nothing.</summary>
    public const string SchemaFilterInvalid = nameof(SchemaFilterInvalid);

    /// <summary>The change needs an object of a kind that is seen, but not written.</summary>
    public const string SchemaKindNotSupported = nameof(SchemaKindNotSupported);

    /// <summary>Objects that can have privileges are dropped and made again.</summary>
    public const string SchemaObjectReplaced = nameof(SchemaObjectReplaced);

    /// <summary>The change loses rows or values.</summary>
    public const string SchemaLosesData = nameof(SchemaLosesData);

    /// <summary>A change locks a table for as long as it takes, although -Online was given.</summary>
    public const string SchemaOnlineNotPossible = nameof(SchemaOnlineNotPossible);

    /// <summary>The desired SQL means another schema in another order.</summary>
    public const string SchemaOrderAmbiguous = nameof(SchemaOrderAmbiguous);

    /// <summary>A drafted migration does not do what it shall.</summary>
    public const string SchemaProofFailed = nameof(SchemaProofFailed);

    /// <summary>A rename can mean more than one object.</summary>
    public const string SchemaRenameAmbiguous = nameof(SchemaRenameAmbiguous);

    /// <summary>The new name is taken, or an object has two renames.</summary>
    public const string SchemaRenameConflict = nameof(SchemaRenameConflict);

    /// <summary>A rename has no valid name, or cannot be made.</summary>
    public const string SchemaRenameInvalid = nameof(SchemaRenameInvalid);

    /// <summary>An object that is dropped and one that is created look like a rename.</summary>
    public const string SchemaRenameLikely = nameof(SchemaRenameLikely);

    /// <summary>An object of a rename is not there.</summary>
    public const string SchemaRenameNotFound = nameof(SchemaRenameNotFound);

    /// <summary>A comment tells a former name that the current schema does not have.</summary>
    public const string SchemaRenameUnused = nameof(SchemaRenameUnused);

    /// <summary>A file is no snapshot of a schema, or damaged.</summary>
    public const string SchemaSnapshotInvalid = nameof(SchemaSnapshotInvalid);

    /// <summary>A snapshot was written by another version of PgMigrate.</summary>
    public const string SchemaSnapshotVersion = nameof(SchemaSnapshotVersion);

    /// <summary>Two schemas come from two major versions.</summary>
    public const string SchemaVersionDiffers = nameof(SchemaVersionDiffers);

    /// <summary>A scratch database could not be dropped.</summary>
    public const string ScratchNotDropped = nameof(ScratchNotDropped);
}
