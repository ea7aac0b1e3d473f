using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>Which file and line an error of the server points to, in the folders of other tools.</summary>
public class ErrorPlaceTests
{
    [Theory]
    [InlineData("create\n", 4, 7)]
    [InlineData("create table t (\n  id int\n", 5, 9)]
    [InlineData("select 1 +", 4, 11)]
    public async Task A_statement_that_goose_ends_fails_where_it_stops(string statement, int line, int column)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_x.sql", $"-- +goose Up\n-- +goose StatementBegin\ncreate table u (id int);\n{statement.TrimEnd()}\n-- +goose StatementEnd\n"));
        await using var plain = await Sandbox.CreateAsync(("001_x.sql", $"\n\ncreate table u (id int);\n{statement.TrimEnd()}\n"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;
        var expected = (await plain.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Equal((expected.Line, expected.Column, expected.LineText, expected.ServerMessage), (error.Line, error.Column, error.LineText, error.ServerMessage));
    }

    [Fact]
    public async Task A_statement_that_goose_ends_correctly_runs_unchanged()
    {
        await using var box = await Sandbox.CreateAsync(("001_x.sql",
            "-- +goose Up\n-- +goose StatementBegin\ncreate table t (id int) -- no semicolon\n-- +goose StatementEnd\n"
                + "-- +goose Down\n-- +goose StatementBegin\ndrop table t\n-- +goose StatementEnd\n"));

        await box.ApplyAllAsync();
        box.Folder.Delete("001_x.sql");
        Assert.Single((await box.RunAsync(Sandbox.Undo)).Succeeded());
    }

    [Theory]
    [InlineData("2024-01-31-120000_a/up.sql", "2024-01-31-120000_a/down.sql")]
    [InlineData("001_a.up.sql", "001_a.down.sql")]
    public async Task The_error_of_a_down_file_names_only_that_file(string up, string down)
    {
        await using var box = await Sandbox.CreateAsync();
        box.Folder.WriteBelow(up, "CREATE TABLE a (i int);");
        box.Folder.WriteBelow(down, "DROP TABLE a;\nDROP TABLE nope;");
        await box.ApplyAllAsync();

        var error = (await box.RunAsync(Sandbox.Undo)).Failed<MigrationUndoException>();

        Assert.StartsWith($"{down}:2:1: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("included by", error.Message, StringComparison.Ordinal);
        Assert.Equal(down, error.Result.Error!.FileName);
    }

    [Fact]
    public async Task The_error_in_an_included_file_also_names_the_down_file()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.up.sql", "CREATE TABLE a (i int);"), ("001_a.down.sql", "\\ir lib/x.sql"));
        box.Folder.WriteBelow("lib/x.sql", "DROP TABLE nope;");
        await box.ApplyAllAsync();

        var error = (await box.RunAsync(Sandbox.Undo)).Failed<MigrationUndoException>();

        Assert.StartsWith("lib/x.sql:1:1 (included by 001_a.down.sql): ", error.Message, StringComparison.Ordinal);
    }
}
