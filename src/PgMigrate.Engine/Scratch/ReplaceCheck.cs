using Npgsql;
using PgMigrate.Sessions;

namespace PgMigrate.Scratch;

/// <summary>
/// Makes the transaction of a statement with OR REPLACE fail when there was something to replace: the counters of the
/// session show whether it changed a row of its catalog or added one.
/// </summary>
internal static class ReplaceCheck
{
    /// <summary>What runs before the statement.</summary>
    public const string ExecuteBefore = "EXECUTE pgmigrate_replace_before";

    /// <summary>What runs behind it.</summary>
    public const string ExecuteAfter = "EXECUTE pgmigrate_replace_after";

    private const string Updates =
        """
        (pg_catalog.pg_stat_get_xact_tuples_updated('pg_catalog.pg_proc'::pg_catalog.regclass)
            OPERATOR(pg_catalog.+)
         pg_catalog.pg_stat_get_xact_tuples_updated('pg_catalog.pg_rewrite'::pg_catalog.regclass)
            OPERATOR(pg_catalog.+)
         pg_catalog.pg_stat_get_xact_tuples_updated('pg_catalog.pg_trigger'::pg_catalog.regclass)
            OPERATOR(pg_catalog.+)
         pg_catalog.pg_stat_get_xact_tuples_updated('pg_catalog.pg_language'::pg_catalog.regclass)
            OPERATOR(pg_catalog.+)
         pg_catalog.pg_stat_get_xact_tuples_updated('pg_catalog.pg_transform'::pg_catalog.regclass))
        """;

    /// <summary>Prepares the check in a session.</summary>
    public static async Task PrepareAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(session.Connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "PREPARE pgmigrate_replace_before AS SELECT pg_catalog.set_config('pgmigrate.updates', "
                + $"{Updates}::pg_catalog.text, true)"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "PREPARE pgmigrate_replace_after AS SELECT "
                + "pg_catalog.set_config('pgmigrate.updates', 'replaced', true)::pg_catalog.int4 "
                + $"WHERE {Updates} OPERATOR(pg_catalog.>) "
                + "pg_catalog.current_setting('pgmigrate.updates')::pg_catalog.int8"));
        await DatabaseSession.RunAsync(batch, cancellationToken).ConfigureAwait(false);
    }
}
