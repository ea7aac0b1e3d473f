using PgMigrate.Errors;
using PgMigrate.Folders;
using PgMigrate.Migrations;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class IncludeTests
{
    [Fact]
    public async Task Included_files_run_in_their_place_and_are_relative_to_the_right_folder()
    {
        using var folder = new TestFolder(("001_a.sql", "SELECT 1;\n\\i lib/one.sql\nSELECT 5;\n"));
        folder.WriteBelow("lib/one.sql", "SELECT 2;\n\\ir two.sql\n\\i lib/three.sql\n");
        folder.WriteBelow("lib/two.sql", "SELECT 3;");
        folder.WriteBelow("lib/three.sql", "SELECT 4\n");

        var migration = (await ReadAsync(folder)).Migrations[0];
        var up = migration.Up;

        Assert.Empty(up.Problems);
        Assert.Equal(
            ["SELECT 1;", "SELECT 2;", "SELECT 3;", "SELECT 4", "SELECT 5;"], up.Held!.Select(one => one.Text));
        Assert.Equal(
            ["001_a.sql", "lib/one.sql", "lib/two.sql", "lib/three.sql", "001_a.sql"],
            up.Held!.Select(one => one.Source!.FileName));
    }

    [Fact]
    public async Task An_included_file_is_part_of_the_checksum()
    {
        using var folder = new TestFolder(("001_a.sql", "\\ir lib/one.sql\n"), ("002_b.sql", "SELECT 1;"));
        folder.WriteBelow("lib/one.sql", "SELECT 1;");
        var before = (await ReadAsync(folder)).Migrations;
        folder.WriteBelow("lib/one.sql", "SELECT 2;");
        var after = (await ReadAsync(folder)).Migrations;

        Assert.NotEqual(before[0].Checksum, after[0].Checksum);
        Assert.NotEqual(before[0].UpChecksum, after[0].UpChecksum);
        Assert.Equal(before[1].Checksum, after[1].Checksum);
    }

    [Fact]
    public async Task The_recorded_undo_text_contains_its_included_files()
    {
        using var folder = new TestFolder(("001_a.sql", "SELECT 1;\n-- DOWN\n\\ir lib/down.sql\nSELECT 3;\n"));
        folder.WriteBelow("lib/down.sql", "SELECT 2;");

        var migration = (await ReadAsync(folder)).Migrations[0];

        Assert.Equal("SELECT 2;\nSELECT 3;", migration.DownText);
        Assert.Equal(["SELECT 1;"], migration.Up.Held!.Select(one => one.Text));
    }

    [Theory]
    [InlineData("\\i ../outside.sql", "outside the migrations folder")]
    [InlineData("\\i /etc/passwd", "outside the migrations folder")]
    [InlineData("\\ir lib/../../x.sql", "outside the migrations folder")]
    [InlineData("\\i nowhere.sql", "nowhere.sql")]
    [InlineData("\\i :file", "variable")]
    [InlineData("\\i lib/circle.sql", "circle.sql includes circle.sql")]
    [InlineData("\\i lib/latin1.sql", "lib/latin1.sql:2: Byte 0xE4 at byte offset 3 is not UTF-8. Save the file as UTF-8.")]
    [InlineData("\\ir lib/empty.sql", "lib/empty.sql: The file is empty. Write its SQL, or delete it.")]
    [InlineData("\\i lib", "'lib' is a folder.")]
    [InlineData("\\i lib/gone.sql", "'lib/gone.sql' was not found: \\ir is relative to its own file, \\i to")]
    [InlineData("\\i gone/gone.sql", "'gone/gone.sql' was not found:")]
    [InlineData("\\i a b", "one file")]
    public async Task A_file_that_cannot_be_included_is_an_error_with_its_line(string line, string message)
    {
        using var folder = new TestFolder(("001_a.sql", "SELECT 1;\n" + line + "\n"));
        folder.WriteBelow("lib/circle.sql", "\\ir circle.sql\n");
        folder.WriteBelow("lib/latin1.sql", [0x2D, 0x2D, 0x0A, 0xE4]);
        folder.WriteBelow("lib/empty.sql", "");

        var up = (await ReadAsync(folder)).Migrations[0].Up;
        var problem = Assert.Single(ScriptRenderer.Render(up, new PlaceholderValues()).Problems);

        Assert.Equal("IncludeInvalid", problem.Code);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".. ", problem.Message + " ", StringComparison.Ordinal);
        Assert.DoesNotContain(folder.FullPath, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, null)]
    [InlineData(21, "nested more than 20 deep")]
    public async Task Included_files_can_be_nested_up_to_the_limit(int depth, string? message)
    {
        using var folder = new TestFolder(("001_a.sql", "\\i lib/1.sql\n"));
        for (var i = 1; i <= depth; i++)
        {
            folder.WriteBelow($"lib/{i}.sql", i < depth ? $"\\ir {i + 1}.sql\n" : "SELECT 1;");
        }

        var up = ScriptRenderer.Render((await ReadAsync(folder)).Migrations[0].Up, new PlaceholderValues());

        Assert.Equal(message is null ? 1 : 0, up.Held!.Count);
        Assert.Equal(message is null ? 0 : 1, up.Problems.Count);
        Assert.All(up.Problems, problem =>
        {
            Assert.Equal(("IncludeInvalid", "lib/20.sql", 1), (problem.Code, problem.FileName, problem.Line));
            Assert.Contains(message!, problem.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Files_that_include_each_other_twice_reach_the_limit()
    {
        using var folder = new TestFolder(("001_a.sql", "\\i lib/1.sql\n"));
        for (var i = 1; i <= 19; i++)
        {
            folder.WriteBelow($"lib/{i}.sql", $"\\ir {i + 1}.sql\n\\ir {i + 1}.sql\n");
        }

        folder.WriteBelow("lib/20.sql", "SELECT 1;\n");

        var up = ScriptRenderer.Render((await ReadAsync(folder)).Migrations[0].Up, new PlaceholderValues());

        Assert.InRange(up.Held!.Count, 1, 10_000);
        Assert.Contains("more than 10,000 times", up.Problems[0].Message, StringComparison.Ordinal);
        Assert.InRange(up.Problems.Count, 1, 40);
    }

    [Theory]
    [InlineData("-- UP", 1)]
    [InlineData("-- DOWN", 1)]
    [InlineData("SELECT 1;\n-- pgmigrate: no-transaction", 2)]
    [InlineData("-- Depends: 099_none", 1)]
    [InlineData("-- Description: what it is for", null)]
    public async Task A_line_that_counts_only_in_a_migration_is_an_error_in_an_included_file(string text, int? line)
    {
        using var folder = new TestFolder(("001_a.sql", "\\ir lib/one.sql\n"));
        folder.WriteBelow("lib/one.sql", text + "\nSELECT 1;\n");

        var problems = (await ReadAsync(folder)).Migrations[0].Up.Problems;

        Assert.Equal(
            line is null ? [] : [$"IncludeInvalid lib/one.sql:{line}"],
            problems.Select(problem => $"{problem.Code} {problem.FileName}:{problem.Line}"));
    }

    [Theory]
    [InlineData("001_a.sql", "SELECT 1;\n-- DOWN\n\\ir lib/one.sql\n", "-- DOWN", true)] // what undoes may say so
    [InlineData("001_a.sql", "SELECT 1;\n-- DOWN\n\\ir lib/one.sql\n", "-- UP", false)]
    [InlineData("20240101000000_a/migration.sql", "\\i lib/one.sql\n\\i lib/one.sql\n", "-- Rollback: DROP TABLE x\n-- Depends: y", true)]
    [InlineData("20240101000000_a/migration.sql", "\\i lib/one.sql\n\\i lib/one.sql\n", "-- pgmigrate: no-transaction", false)]
    public async Task Which_lines_count_depends_on_section_and_format(string file, string text, string line, bool isPlain)
    {
        using var folder = new TestFolder();
        folder.WriteBelow(file, text);
        folder.WriteBelow("lib/one.sql", line + "\nSELECT 1;\n");

        var migration = (await ReadAsync(folder)).Migrations[0];

        Assert.Equal(
            isPlain ? [] : ["IncludeInvalid lib/one.sql"],
            migration.Up.Problems.Concat(migration.Down?.Problems ?? []).Select(problem => $"{problem.Code} {problem.FileName}"));
    }

    [Theory]
    [InlineData("SELECT 1;\n-- DOWN - x\nSELECT 2;", 2)]
    [InlineData("SELECT 1;\n/* ROLLBACK */\nSELECT 2;", 2)]
    [InlineData("-- === UNDO ===\nSELECT 2;", 1)]
    [InlineData("-- Rollback: DROP TABLE x;\n\nSELECT 1;", null)]
    [InlineData("-- UP: make x\nSELECT 1;", null)]
    [InlineData("SELECT 1;\n-- undo the rename of May\nSELECT 2;", null)]
    public async Task A_heading_in_an_included_file_follows_the_rules_of_the_migration(string text, int? line)
    {
        using var folder = new TestFolder(("001_a.sql", "\\ir lib/one.sql\n"));
        folder.WriteBelow("lib/one.sql", text);

        Assert.Equal(
            line is null ? [] : [$"SectionMarkerUnclear lib/one.sql:{line}"],
            (await ReadAsync(folder)).Migrations[0].Up.Problems
                .Select(problem => $"{problem.Code} {problem.FileName}:{problem.Line}"));
    }

    [Fact]
    public async Task The_error_for_a_changed_file_names_its_included_files()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "\\i lib/two.sql\n\\i lib/one.sql\n"));
        box.Folder.WriteBelow("lib/one.sql", "SELECT 1;");
        box.Folder.WriteBelow("lib/two.sql", "SELECT 2;");
        await box.ApplyAllAsync();
        box.Folder.WriteBelow("lib/two.sql", "SELECT 3;");

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<ChecksumMismatchException>();

        Assert.Contains("The file, or one that it includes (lib/one.sql, lib/two.sql), was changed", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_an_included_file_names_that_file()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;\n\\ir lib/one.sql\n"));
        box.Folder.WriteBelow("lib/one.sql", "SELECT 'größe';\n  SELECT nope;\n");

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal(("lib/one.sql", 2, 10), (error.FileName, error.Line, error.Column));
        Assert.StartsWith("lib/one.sql:2:10 (included by 001_a.sql): ", error.Message, StringComparison.Ordinal);
        Assert.Equal(["001_a.sql"], (await box.LogAsync()).Select(entry => entry.FileName));
    }

    private static Task<MigrationFolderContent> ReadAsync(TestFolder folder) =>
        MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);
}
