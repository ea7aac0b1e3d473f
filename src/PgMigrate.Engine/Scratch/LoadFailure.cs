using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Messages;

namespace PgMigrate.Scratch;

/// <summary>What kind of command failed.</summary>
internal enum LoadPart
{
    /// <summary>The statement itself.</summary>
    Statement,

    /// <summary>A setting before it.</summary>
    Setting,

    /// <summary>The check whether it changed what belongs to the whole server; it was rolled back.</summary>
    SharedCheck,

    /// <summary>The check whether it replaced an object that the text had made; it was rolled back.</summary>
    ReplaceCheck,

    /// <summary>It did nothing, since an object of that name was there.</summary>
    Skip,
}

/// <summary>A statement that the server refused.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="Error">What the server said.</param>
/// <param name="Part">What failed.</param>
/// <param name="Setting">The setting that failed; null for another part.</param>
internal sealed record LoadFailure(
    LoadStatement Statement, PostgresException? Error, LoadPart Part, SettingNode? Setting = null)
{
    // Something is not there yet. A keyword that is wrong stays wrong.
    private static readonly HashSet<string> Missing = new(StringComparer.Ordinal)
    {
        PostgresErrorCodes.UndefinedTable, PostgresErrorCodes.UndefinedFunction, PostgresErrorCodes.UndefinedObject,
        PostgresErrorCodes.UndefinedColumn, PostgresErrorCodes.InvalidSchemaName,
        // A key, a constraint or a column that another statement adds.
        PostgresErrorCodes.InvalidForeignKey, PostgresErrorCodes.InvalidColumnReference,
        PostgresErrorCodes.InvalidTableDefinition, PostgresErrorCodes.InvalidObjectDefinition,
        PostgresErrorCodes.DatatypeMismatch, PostgresErrorCodes.WrongObjectType,
        PostgresErrorCodes.ObjectNotInPrerequisiteState,
        // A cast or an enum value that another statement adds.
        PostgresErrorCodes.CannotCoerce, PostgresErrorCodes.InvalidTextRepresentation,
        PostgresErrorCodes.UndefinedParameter, PostgresErrorCodes.IndeterminateDatatype,
    };

    /// <summary>
    /// True when the statement may run after others. DROP never: later it would drop what the text makes.
    /// </summary>
    public bool IsMissing =>
        Part == LoadPart.Statement && Statement.Desired.Dropped.Count == 0 && Missing.Contains(Error!.SqlState);

    /// <summary>The problem that it is when nothing else can run.</summary>
    public MigrationProblem ToProblem() => Part switch
    {
        LoadPart.SharedCheck => Statement.Problem(
            ErrorCodes.SchemaStatementRefused,
            "This statement changed what belongs to the whole server "
                + $"({Error!.MessageText.Split(' ').Last().Trim('"')}), and was rolled back: the scratch database is "
                + "on a server with others. Move the statement out of the desired schema, and run it on its own."),
        LoadPart.ReplaceCheck => Statement.Problem(
            ErrorCodes.SchemaStatementRefused,
            "This statement replaces an object that the desired schema made before, so that its order would decide "
                + "which of the two counts. Delete one of them."),
        LoadPart.Skip => Statement.Problem(
            ErrorCodes.SchemaStatementRefused,
            "This statement does nothing, since the desired schema makes the object elsewhere, in other words: the "
                + "order would decide which of the two counts. Delete one of them."),
        LoadPart.Setting when Setting is not null => Setting.Statement.Source!.Problem(
            ErrorCodes.SchemaLoadFailed, ServerText.Of(Error!), Setting.Statement.Offset),
        _ => Statement.ProblemAt(ErrorCodes.SchemaLoadFailed, $"{ServerText.Of(Error!)}{Advice()}", Offset()),
    };

    private int Offset()
    {
        var offset = 0;
        var left = Error!.Position - 1;
        foreach (var rune in Statement.Text.EnumerateRunes())
        {
            if (left-- <= 0)
            {
                break;
            }

            offset += rune.Utf16SequenceLength;
        }

        return offset;
    }

    private string Advice() => Error!.SqlState switch
    {
        PostgresErrorCodes.UndefinedObject when Error.MessageText.StartsWith("role ", StringComparison.Ordinal) =>
            " Roles belong to the whole server: create it on the scratch server.",
        PostgresErrorCodes.UndefinedFile or PostgresErrorCodes.FeatureNotSupported
            or PostgresErrorCodes.InvalidParameterValue
            when Error.MessageText.StartsWith("extension ", StringComparison.Ordinal) =>
            " Install that version of the extension on the scratch server, or name another one with "
                + "-ScratchConnection.",
        _ => "",
    };
}
