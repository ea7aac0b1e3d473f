namespace PgMigrate.Errors;

/// <content>Schemas that are compared, and migrations that are written from them.</content>
public static partial class ErrorCatalogue
{
    private const string SchemaPage = "about_PgMigrate";

    private static ErrorEntry[] Schemas() =>
    [
        new(ErrorCodes.RoundTripDiffers, null, "InvalidResult",
            "DOWN leaves another schema than the one before UP, or UP makes another one after it.",
            "Complete the DOWN section.", SchemaPage),
        new(ErrorCodes.RoundTripNotTried, null, "NotSpecified",
            "Migrations were not tried: one in front of them cannot be applied.",
            "Correct its UP section and test again.", SchemaPage),
        new(ErrorCodes.RoundTripWithoutDown, null, "NotSpecified",
            "A migration has no DOWN that could be tried.",
            "Write a DOWN section.", SchemaPage),
        new(ErrorCodes.SchemaChangeCycle, typeof(MigrationCreationException), "InvalidOperation",
            "Some changes wait for each other, so that no order fits.",
            "Make one of them in a migration of its own, and compare again.", SchemaPage),
        new(ErrorCodes.SchemaCopyFailed, typeof(MigrationCreationException), "InvalidResult",
            "The schema of the database cannot be made in a scratch database so that it reads back the same.",
            "Leave -FromDatabase out, to begin with the replayed migrations.", SchemaPage),
        new(ErrorCodes.SchemaFilterInvalid, typeof(InitializationException), "InvalidArgument",
            "A filter of a comparison is no pattern, or matches no schema.",
            "Correct the pattern. AcceptedDrift takes a kind and a name, such as table public.audit_*.", SchemaPage),
        new(ErrorCodes.SchemaKindNotSupported, typeof(MigrationCreationException), "NotImplemented",
            "The change needs an object of a kind that is seen, but not written.",
            "Write this change yourself, in a migration of its own, and compare again.", SchemaPage),
        new(ErrorCodes.SchemaLosesData, typeof(MigrationCreationException), "InvalidOperation",
            "The change loses rows or values.",
            "Add -AllowDataLoss when that is meant.", SchemaPage),
        new(ErrorCodes.SchemaOrderAmbiguous, typeof(InitializationException), "InvalidData",
            "The desired SQL means another schema in another order.",
            "Write the statements that the named object depends on in front of it.", SchemaPage),
        new(ErrorCodes.SchemaProofFailed, typeof(MigrationCreationException), "InvalidResult",
            "A drafted migration does not reach the schema that it shall, on a copy.",
            "Write this change yourself, in a migration of its own, and compare again.", SchemaPage),
        new(ErrorCodes.SchemaSnapshotInvalid, typeof(InitializationException), "InvalidData",
            "A file is no snapshot of a schema, or damaged.",
            "Write the file again, with Export-PgSchema -As Snapshot. SQL is read with -SchemaPath.", SchemaPage),
        new(ErrorCodes.SchemaSnapshotVersion, typeof(InitializationException), "InvalidData",
            "A snapshot was written by another version of PgMigrate.",
            "Write the file again with this version, or update PgMigrate.", SchemaPage),
        new(ErrorCodes.SchemaVersionDiffers, typeof(InitializationException), "InvalidArgument",
            "Two schemas come from two major versions of PostgreSQL.",
            "Read both on servers of one major version.", SchemaPage),
        new(ErrorCodes.ScratchNotDropped, null, "ResourceUnavailable",
            "A scratch database could not be dropped.",
            "Drop it yourself.", SchemaPage),
    ];
}
