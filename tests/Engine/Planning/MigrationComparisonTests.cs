using PgMigrate.Planning;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.Planning;

public class MigrationComparisonTests
{
    [Fact]
    public void Folder_and_history_are_joined_in_version_order()
    {
        var interrupted = Of("V8__i.sql").Entries[0] with { State = "interrupted" };
        var history = Of("V2__gone.sql", "V3__same.sql", "V4__changed.sql", "V5__old.sql|SELECT 5;");
        var folder = Folder(
            "V10__new.sql", "V1__late.sql", "V3__same.sql", "V4__changed.sql|SELECT 'x';", "V5__new.sql|SELECT 5;",
            "V8__i.sql");

        var rows = MigrationComparison.Of(folder.Migrations, OfRows([.. history.Entries, interrupted])).Rows;

        Assert.Equal(
            ["1 OutOfOrder", "2 Missing", "3 Applied", "4 Modified", "5 Renamed", "8 Interrupted", "10 Pending"],
            rows.Select(row => $"{row.Version} {row.State}"));
        Assert.Equal(Enumerable.Range(1, 7), rows.Select(row => row.Order));
        Assert.Equal("V2__gone.sql", rows[1].FileName);
        Assert.Equal("V5__new.sql", rows[4].FileName);
        Assert.Equal(["1", "8", "10"], rows.Where(row => row.IsPending).Select(row => row.Version.Text));
    }

    [Theory]
    [InlineData("5")]
    [InlineData("V5__new")]
    [InlineData("V5__old")]
    [InlineData("V5__old.sql")]
    public void A_renamed_migration_is_found_by_both_names(string reference)
    {
        var row = MigrationComparison.Of(
            Folder("V5__new.sql|SELECT 5;").Migrations, Of("V5__old.sql|SELECT 5;")).Rows[0];

        Assert.True(row.IsNamed(reference));
        Assert.False(row.IsNamed("V5"));
    }

    [Fact]
    public void The_same_text_with_other_line_ends_is_unchanged() => Assert.Equal(
        MigrationState.Applied,
        MigrationComparison.Of(
            Folder("1_a.sql|SELECT 1;\n\n").Migrations, Of("1_a.sql|\nSELECT 1;")).Rows[0].State);
}
