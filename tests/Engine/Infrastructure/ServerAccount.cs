namespace PgMigrate.Tests.Infrastructure;

/// <summary>The account that servers run under when the tests run as root.</summary>
internal static class ServerAccount
{
    private static readonly Lazy<string[]> Entry = new(Find);

    /// <summary>postgres where an installed server has made it, otherwise nobody.</summary>
    public static string Name => Entry.Value[0];

    /// <summary>The number of its group: the group of nobody has different names.</summary>
    public static string Group => Entry.Value[3];

    private static string[] Find()
    {
        var accounts = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(entry => entry.Length > 3).ToList();
        return accounts.Find(entry => entry[0] == "postgres")
            ?? accounts.Find(entry => entry[0] == "nobody")
            ?? throw new InvalidOperationException(
                "The tests run as root, PostgreSQL does not, and there is neither an account postgres nor nobody.");
    }
}
