using Npgsql;
using PgMigrate.Messages;
using PgMigrate.Planning;

namespace PgMigrate.Execution.Waiting;

/// <summary>Reads a session that blocks a step from the server's answer.</summary>
internal static class BlockerRows
{
    /// <summary>The blocker of the current row of RunningStatement.sql.</summary>
    public static MigrationBlocker Read(NpgsqlDataReader reader, PlannedStep step) => new()
    {
        ProcessId = reader.GetInt32(2),
        UserName = TextOrNull(reader, 3),
        ApplicationName = TextOrNull(reader, 4),
        State = TextOrNull(reader, 5),
        TransactionMs = reader.GetValue(6) as double?,
        Query = TextOrNull(reader, 7) is { } query ? step.Placeholders.Mask(PasswordMask.Apply(query)) : null,
        LockMode = TextOrNull(reader, 8),
        Relation = TextOrNull(reader, 9),
    };

    /// <summary>A text; null for NULL.</summary>
    public static string? TextOrNull(NpgsqlDataReader reader, int column) => reader.GetValue(column) as string;
}
