using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Schema;

public class SnapshotDiffTests
{
    [Theory]
    [InlineData("GRANT SELECT ON t TO PUBLIC")]
    [InlineData("GRANT UPDATE (id) ON t TO PUBLIC")]
    [InlineData("GRANT USAGE ON SEQUENCE t_id_seq TO PUBLIC")]
    [InlineData("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC")]
    public async Task Privileges_count_only_when_they_are_asked_for(string statement)
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY)");
        var before = await ReadAsync(database);
        await database.ExecuteAsync(statement);
        var after = await ReadAsync(database);

        Assert.Empty(Differences(before, after, new CompareOptions()));
        Assert.Single(Differences(before, after, new CompareOptions { IncludePrivileges = true }));
    }

    [Fact]
    public async Task The_order_of_options_is_no_difference()
    {
        await using var one = await TestDatabase.CreateAsync();
        await one.ExecuteAsync("CREATE TABLE t (id int) WITH (fillfactor = 70, autovacuum_enabled = false)");
        await using var other = await TestDatabase.CreateAsync();
        await other.ExecuteAsync("CREATE TABLE t (id int) WITH (autovacuum_enabled = false, fillfactor = 70)");

        Assert.Empty(Differences(await ReadAsync(one), await ReadAsync(other), new CompareOptions()));
    }

    private static List<ObjectPair> Differences(Snapshot before, Snapshot after, CompareOptions options) =>
        [.. SnapshotDiff.Differences(before, after, new RuleBook(before, after), options)];

    private static async Task<Snapshot> ReadAsync(TestDatabase database)
    {
        await using var connection = await database.ConnectAsync();
        return await SnapshotReader.ReadAsync(connection, [], CancellationToken.None);
    }
}
