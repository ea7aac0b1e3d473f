using PgMigrate.Schema.Catalog;
using Xunit;

namespace PgMigrate.Tests.Schema;

public class CatalogQueryTests
{
    [Theory]
    [InlineData("Schemas.sql", 2)]
    [InlineData("Types.sql", 5)]
    [InlineData("Functions.sql", 1)]
    [InlineData("Tables.sql", 2)]
    [InlineData("Columns.sql", 2)]
    [InlineData("Views.sql", 2)]
    [InlineData("Sequences.sql", 2)]
    [InlineData("Constraints.sql", 2)]
    [InlineData("Indexes.sql", 2)]
    [InlineData("TableObjects.sql", 5)]
    [InlineData("Others.sql", 19)]
    public void Each_name_in_a_query_is_replaced_for_each_major_version(string file, int count)
    {
        foreach (var major in Enumerable.Range(13, 6))
        {
            var queries = CatalogQuery.Read(file, major).ToList();

            Assert.Equal(count, queries.Count);
            Assert.DoesNotContain(queries, query => query.Contains('{', StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(14, 1)]
    [InlineData(15, 2)]
    public void Schemas_of_publications_are_read_from_15_on(int major, int count) =>
        Assert.Equal(count, CatalogQuery.Read("PublicationMembers.sql", major).Count());
}
