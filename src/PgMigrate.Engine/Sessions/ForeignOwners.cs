using Npgsql;
using PgMigrate.Planning;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Sessions;

/// <summary>
/// Names the objects that a file leaves to another owner than the role of the run: the next run could not change them.
/// </summary>
internal sealed class ForeignOwners(DatabaseSession session)
{
    /// <summary>True for a script that could change its role or an owner; pure.</summary>
    public static bool MayDiffer(SqlScript script) => script.Facts.MayChangeOwners;

    /// <summary>
    /// Runs before COMMIT, while the transaction still shows what it created; only for a run with -Role.
    /// </summary>
    public async Task<IReadOnlyList<string>> FindAsync(PlannedStep step, CancellationToken cancellationToken)
    {
        if (session.Role is null || !MayDiffer(step.Script))
        {
            return [];
        }

        var command = new NpgsqlCommand(EmbeddedSql.Read("ForeignOwners.sql"), session.Connection);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var found = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }
}
