using PgMigrate.Planning;
using PgMigrate.Scripts;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.Planning;

public class FolderFilesTests
{
    [Fact]
    public void A_folder_is_listed_in_plan_order_with_the_content_of_each_file()
    {
        var files = FolderFiles.List(Folder(
            "001_a.sql|-- Depends: 002_b\n-- Description: first\n-- UP\nSELECT 1;\nSELECT 2;\n-- DOWN\nSELECT 3;",
            "002_b.sql", "003_c.sql|VACUUM;", "010_d.sql"));

        Assert.Equal(["1 2", "2 1", "3 3", "4 10"], files.Select(file => $"{file.Order} {file.Version}"));
        Assert.Equal(
            ("first", 2, true, true, "Versioned", "native"),
            (files[1].Description, files[1].StatementCount, files[1].HasUndo, files[1].Transaction, files[1].Kind, files[1].Format));
        Assert.Equal(["002_b"], files[1].DependsOn);
        Assert.False(files[2].Transaction);
        Assert.Equal(files.OrderBy(file => file.VersionKey, StringComparer.InvariantCulture).Select(file => file.Version), ["1", "2", "3", "10"]);
    }

    [Fact]
    public void Problems_are_in_the_order_of_the_files_and_those_without_a_file_come_first()
    {
        const string Broken = "|SELECT 1;\nSELECT '{{vars.x}}';\nSELECT 'open";
        var folder = Folder("V10__j.sql" + Broken, "V9__i.sql" + Broken, "V2__b.sql" + Broken) with { FileCount = 0 };

        Assert.Equal(
            [null, "V2__b.sql", "V9__i.sql", "V10__j.sql"],
            FolderCheck.Check(folder, new PlaceholderValues()).Select(problem => problem.FileName).Distinct());
        Assert.Equal(
            ["V2__b.sql", "V9__i.sql", "V10__j.sql"],
            MigrationPlanner.Plan(folder with { FileCount = 3 }, None, new PlanRequest { Direction = MigrationDirection.Apply })
                .Problems.Select(problem => problem.FileName).Distinct());
        Assert.Equal(
            [null, "V2__b.sql", "V9__i.sql", "V10__j.sql"],
            FolderFiles.ProblemsOf(folder).Select(problem => problem.FileName).Distinct());
    }
}
