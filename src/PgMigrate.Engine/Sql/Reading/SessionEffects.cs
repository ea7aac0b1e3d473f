namespace PgMigrate.Sql.Reading;

/// <summary>What a statement may leave in its session.</summary>
[Flags]
internal enum SessionEffects
{
    None = 0,

    /// <summary>The value of a setting, including the role and the session user.</summary>
    Setting = 1,

    /// <summary>LISTEN.</summary>
    Listen = 2,

    /// <summary>A temporary table, view or sequence.</summary>
    TemporaryObject = 4,

    /// <summary>A prepared statement.</summary>
    PreparedStatement = 8,

    /// <summary>A cursor WITH HOLD.</summary>
    Cursor = 16,

    /// <summary>An advisory lock of the session.</summary>
    AdvisoryLock = 32,

    /// <summary>A loaded library.</summary>
    Library = 64,
}

/// <summary>Decides what a statement may leave in its session; pure.</summary>
internal static class SessionReader
{
    /// <summary>A superset: for a called function only its name is known.</summary>
    public static SessionEffects Read(StatementReading statement)
    {
        if (statement.StartsWith("SET", "LOCAL") || statement.StartsWith("SET", "TRANSACTION")
            || statement.StartsWith("SET", "CONSTRAINTS"))
        {
            return SessionEffects.None;
        }

        var effects = statement.Holds("advisory") ? SessionEffects.AdvisoryLock : SessionEffects.None;
        effects |= statement.Holds("set_config") || statement.StartsWithAny("SET")
            ? SessionEffects.Setting
            : SessionEffects.None;
        effects |= statement.StartsWithAny("PREPARE") ? SessionEffects.PreparedStatement
            : statement.StartsWithAny("LISTEN") ? SessionEffects.Listen
            : statement.StartsWithAny("DECLARE") ? SessionEffects.Cursor
            : statement.StartsWithAny("LOAD") ? SessionEffects.Library
            : CreatesTemporary(statement) ? SessionEffects.TemporaryObject
            : SessionEffects.None;
        return statement.StartsWithAny("DO", "CALL", "SELECT") ? effects | ReadBody(statement) : effects;
    }

    private static bool CreatesTemporary(StatementReading statement) =>
        statement.StartsWith("CREATE", "TEMP") || statement.StartsWith("CREATE", "TEMPORARY")
        || statement.StartsWith("CREATE", "LOCAL") || statement.StartsWith("CREATE", "GLOBAL");

    private static SessionEffects ReadBody(StatementReading statement) =>
        (statement.Holds("set ") ? SessionEffects.Setting : SessionEffects.None)
        | (statement.Holds("temp") ? SessionEffects.TemporaryObject : SessionEffects.None)
        | (statement.Holds("prepare") ? SessionEffects.PreparedStatement : SessionEffects.None)
        | (statement.Holds("listen") ? SessionEffects.Listen : SessionEffects.None);
}
