using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Schema;

public class CatalogShapeTests
{
    [Fact]
    public void Each_kind_that_the_queries_read_has_a_rule() =>
        Assert.All(CatalogShape.Kinds, kind => Assert.Equal(
            kind,
            RuleBook.Rule(new CatalogObject(new ObjectKey(kind, "x"), "x", "x", null, [], [])).Kind));

    [Theory]
    [InlineData("schema", "")]
    [InlineData("extension", "extension_schema relocatable")]
    [InlineData("partition", "parent bound")]
    [InlineData("publication schema", "")]
    [InlineData("trigger state", "enabled table parent_state")]
    public void The_attributes_of_a_kind_are_the_columns_of_its_query(string kind, string names) =>
        Assert.Equal(names, string.Join(' ', CatalogShape.AttributesOf(kind)!));

    [Fact]
    public void Every_major_version_reads_the_same_attributes()
    {
        foreach (var query in Enumerable.Range(13, 6)
            .SelectMany(major => SnapshotReader.Families.SelectMany(file => CatalogQuery.Read(file, major))))
        {
            var (kinds, attributes) = CatalogShape.Of(query);
            Assert.NotEmpty(kinds);
            Assert.All(kinds, kind => Assert.Equal(CatalogShape.AttributesOf(kind), attributes));
        }
    }

    [Fact]
    public async Task The_server_names_the_columns_as_the_queries_do()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var connection = await database.ConnectAsync();
        foreach (var query in SnapshotReader.Families.SelectMany(file => CatalogQuery.Read(file, PostgresServer.Major)))
        {
            await using var command = new Npgsql.NpgsqlCommand(query, connection);
            await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SchemaOnly);
            var names = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName);

            Assert.Equal(names.SkipWhile(name => name != "comment").Skip(1), CatalogShape.Of(query).Attributes);
        }
    }
}
