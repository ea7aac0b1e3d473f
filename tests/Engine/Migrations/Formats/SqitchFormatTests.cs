using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations.Formats;

/// <summary>The rows of docs/formats/sqitch.md.</summary>
public class SqitchFormatTests
{
    private const string Planner = "2024-01-31T12:00:00Z Ann Onymous <ann@example.org>";

    [Fact]
    public async Task The_plan_has_order_dependencies_and_description()
    {
        var content = await FormatFolder.ReadAsync(
            ("sqitch.plan", $"%syntax-version=1.0.0\n%project=flipr\n%uri=https://example.org/\n\n"
                + $"users {Planner} # Who is who.\n@v1.0 {Planner} # A tag\n\n# a comment\n"
                + $"flips [users @v1.0 flipr:users users@v1.0 other:thing] {Planner}\nappschema/base\n"),
            ("deploy/users.sql", "-- Deploy flipr:users to pg\n\nBEGIN;\nSELECT 1;\nCOMMIT;\n"),
            ("revert/users.sql", "BEGIN;\nSELECT 2;\nCOMMIT;\n"),
            ("verify/users.sql", "SELECT 1/0;"),
            ("deploy/flips.sql", "SELECT 3;"),
            ("deploy/appschema/base.sql", "SELECT 4;"));

        Assert.Empty(content.Problems);
        Assert.Equal(["users", "flips", "appschema/base"], content.Migrations.Select(migration => migration.Name));
        var users = content.Migrations[0];
        Assert.Equal(("users", "deploy/users.sql", "Who is who."), (users.Version.Text, users.FileName, users.Description));
        Assert.Equal(["SELECT 1;"], users.Up.Held!.Select(statement => statement.Text));
        Assert.Equal(["SELECT 2;"], users.Down!.Held!.Select(statement => statement.Text));
        Assert.Equal(["users", "users", "users", "users", "other:thing"], content.Migrations[1].DependsOn);
    }

    [Theory]
    [InlineData("PlanInvalid sqitch.plan:2", "a\nb [!a]\n")] // a conflict
    [InlineData("PlanInvalid sqitch.plan:2", "a\nb [later]\n")]
    [InlineData("PlanInvalid sqitch.plan:2", "a\nb [@nowhere]\n")]
    [InlineData("PlanInvalid sqitch.plan:2", "a\nb [other:@tag]\n")]
    [InlineData("PlanInvalid sqitch.plan:3", "a\nb\na [a@v1]\n")] // reworked
    [InlineData("PlanInvalid sqitch.plan:3", "a\nb\n-a\n")]
    [InlineData("PlanInvalid sqitch.plan:3", "a\nb\n12\n")]
    [InlineData("PlanInvalid sqitch.plan:3", "a\nb\nthis is no change\n")]
    [InlineData("PlanInvalid sqitch.plan:1", "%syntax-version=2.0\na\nb\n")]
    [InlineData("UpMissing sqitch.plan:3", "a\nb\nc\n")]
    [InlineData("FileIgnored deploy/b.sql", "a\n")]
    [InlineData("FileIgnored revert/b.sql", "a\n")]
    [InlineData("FileIgnored top.sql", "a\nb\n")]
    public async Task Unsupported_lines_are_errors_with_their_line(string problem, string plan) => Assert.Contains(
        problem,
        await FormatFolder.CheckAsync(
            ("sqitch.plan", plan),
            ("deploy/a.sql", "SELECT 1;"),
            ("deploy/b.sql", "SELECT 2;"),
            ("revert/b.sql", "SELECT 3;"),
            ("top.sql", "SELECT 4;")));

    [Theory]
    [InlineData("ProviderForeign sqitch.conf:2", "[core]\n\tengine = mysql\n")]
    [InlineData("SettingUnknown sqitch.conf:2", "[core]\n\ttop_dir = sql\n")]
    [InlineData("VerifyIgnored sqitch.conf:2", "[deploy]\n\tverify = true\n")]
    [InlineData(null, "[core]\n\tengine = pg\n\t# plan_file = sqitch.plan\n\t# top_dir = .\n[engine \"pg\"]\n\ttarget = db:pg:x\n")]
    public async Task The_configuration_is_supported_or_an_error(string? problem, string conf) => Assert.Equal(
        problem is null ? [] : [problem],
        await FormatFolder.CheckAsync(("sqitch.plan", "a\n"), ("deploy/a.sql", "SELECT 1;"), ("sqitch.conf", conf)));
}
