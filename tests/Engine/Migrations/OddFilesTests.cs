using System.Diagnostics;
using PgMigrate.Errors;
using PgMigrate.Folders;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

/// <summary>What is no file, and paths as another system writes them.</summary>
public class OddFilesTests
{
    [Theory]
    [InlineData("002_b.sql")]
    [InlineData("lib/inc.sql")]
    public async Task A_named_pipe_is_an_error_without_a_wait(string name)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // has no such thing in a folder
        }

        using var folder = new TestFolder(("001_a.sql", "\\ir lib/inc.sql\nSELECT 1;"));
        folder.WriteBelow("lib/inc.sql", "SELECT 2;");
        File.Delete(folder.PathOf(name));
        await Process.Start("mkfifo", [folder.PathOf(name)]).WaitForExitAsync();

        var content = await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(20));

        var problem = Assert.Single(content.Problems.Concat(content.Migrations
            .SelectMany(file => ScriptRenderer.Render(file.Up, new PlaceholderValues()).Problems)));
        Assert.Contains("named pipe", problem.Message, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(name), problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_file_is_still_an_empty_file()
    {
        using var folder = new TestFolder(("001_a.sql", ""));

        var content = await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);

        Assert.Equal("FileEmpty", Assert.Single(content.Problems).Code);
    }

    [Theory]
    [InlineData("\\i inc\\x.sql")]
    [InlineData("\\ir inc\\x.sql")]
    [InlineData("\\include 'inc\\\\x.sql'")]
    [InlineData("\\i .\\inc\\x.sql")]
    public async Task A_path_with_backslashes_is_one_error_that_says_how_to_write_it(string line)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", $"{line}\nSELECT 1;\n"));
        box.Folder.WriteBelow("inc/x.sql", "SELECT 2;");

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        var problem = Assert.Single(error.Problems);
        Assert.Equal(("IncludeInvalid", 1, 1), (problem.Code, problem.Line, problem.Column));
        Assert.Contains("inc/x.sql, which works on every system", problem.Message, StringComparison.Ordinal);
        box.Folder.Write("001_a.sql", "\\i inc/x.sql\nSELECT 1;\n");
        await box.ApplyAllAsync();
    }

    [Theory]
    [InlineData("\\i a.sql \\echo hi", 2)]
    [InlineData("\\i a.sql\\\\ SELECT 1;", 2)]
    public void Other_backslashes_end_a_command_as_they_do_in_psql(string text, int pieces) => Assert.Equal(
        pieces, PgMigrate.Sql.SqlSplitter.Split(text).Pieces.Count(piece => piece.Kind != PgMigrate.Sql.SqlPieceKind.Blank));
}
