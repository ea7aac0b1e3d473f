namespace PgMigrate.Sql;

/// <summary>Cuts a script into statements where psql does.</summary>
public static class SqlSplitter
{
    /// <summary>Cuts a script; the setting holds until the script itself changes it.</summary>
    public static SqlSplit Split(string text, bool standardConformingStrings = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new SqlSplitRun(text, standardConformingStrings).Run();
    }
}
