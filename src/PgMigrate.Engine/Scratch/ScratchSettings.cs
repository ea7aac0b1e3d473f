using PgMigrate.Sql;

namespace PgMigrate.Scratch;

/// <summary>The settings of sessions in a scratch database; pure.</summary>
internal static class ScratchSettings
{
    private const string Tablespace = "default_tablespace";

    /// <summary>What makes the server write values the same way everywhere.</summary>
    public static IReadOnlyList<(string Name, string Value)> Reading { get; } =
    [
        ("search_path", ""), ("TimeZone", "UTC"), ("DateStyle", "ISO"), ("IntervalStyle", "postgres"),
        ("bytea_output", "hex"), ("extra_float_digits", "1"), ("quote_all_identifiers", "off"),
    ];

    /// <summary>What makes SQL mean the same as in the database that counts, and load fast.</summary>
    public static IReadOnlyList<(string Name, string Value)> ForLoad(ScratchServer server) =>
    [
        .. (server.Like?.Settings ?? []).Where(one => one.Name != Tablespace || server.IsServerOfLike),
        ("check_function_bodies", "off"), ("synchronous_commit", "off"), ("client_min_messages", "notice"),
        ("statement_timeout", "0"), ("lock_timeout", "0"), ("idle_in_transaction_session_timeout", "0"),
        ("default_transaction_read_only", "off"),
        // The check of shared catalogs counts by it; only a superuser can turn it on.
        .. (IEnumerable<(string, string)>)(server.IsSuperuser ? [("track_counts", "on")] : []),
    ];

    /// <summary>One statement that sets them all for the session.</summary>
    public static string ToSql(IEnumerable<(string Name, string Value)> settings) => "SELECT " + string.Join(
        ", ",
        settings.Select(one => $"pg_catalog.set_config({SqlIdentifier.Literal(one.Name)}, "
            + $"{SqlIdentifier.Literal(one.Value)}, false)"));
}
