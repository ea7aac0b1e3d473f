namespace PgMigrate.Sql;

/// <summary>Splits a script into statements where psql does.</summary>
internal static class SqlSplitter
{
    /// <summary>Splits a script; the setting holds until the script itself changes it.</summary>
    public static SqlSplit Split(string text, bool standardConformingStrings = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new SqlSplitRun(text, standardConformingStrings).Run();
    }
}
