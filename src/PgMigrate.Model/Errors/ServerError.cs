using System.Data.Common;

namespace PgMigrate.Errors;

/// <summary>Copies the server's message from the driver's exception, whose type the model does not know.</summary>
internal static class ServerError
{
    // Any driver's exception has SqlState; Npgsql's has the other fields of the server's message under their names in
    // Data.
    public static MigrationError Describe(PgMigrateException exception)
    {
        var server = Causes(exception).OfType<DbException>().FirstOrDefault(cause => cause.SqlState is not null);
        return new MigrationError
        {
            Code = exception.Code,
            Message = exception.Message,
            SqlState = server?.SqlState,
            ServerMessage = Field("MessageText"),
            Detail = Field("Detail"),
            Hint = Field("Hint"),
            Context = Field("Where"),
            SchemaName = Field("SchemaName"),
            TableName = Field("TableName"),
            ColumnName = Field("ColumnName"),
            ConstraintName = Field("ConstraintName"),
        };

        string? Field(string name) => server?.Data[name] as string is { Length: > 0 } text ? text : null;
    }

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        for (var cause = exception.InnerException; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
