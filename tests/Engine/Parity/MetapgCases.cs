using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Parity;

/// <summary>What metapg was seen to do, or says it does, and what becomes of it here.</summary>
public class MetapgCases
{
    [Fact]
    [Parity("M02")]
    public async Task A_name_without_a_number_is_an_error_and_never_ignored_silently()
    {
        await using var box = await Sandbox.CreateAsync(
            ("no_version.sql", "SELECT 1;"), ("001_a.sql", "CREATE TABLE a(i int);"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("FileNameInvalid", error.Code);
        Assert.Contains("001_", error.Message, StringComparison.Ordinal);
        Assert.False(await box.Database.HasTableAsync("a"));
    }

    [Fact]
    [Parity("M03")]
    public void The_same_text_has_the_same_checksum_whatever_the_name() => Assert.Equal(
        Parsed.From("SELECT 1;", "003_a.sql").Migration.Checksum,
        Parsed.From("SELECT 1;", "004_b.sql").Migration.Checksum);

    [Fact]
    [Parity("M06")]
    public async Task An_applied_migration_is_shown_as_applied()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_t.sql", "CREATE TABLE t(i int);\n-- ROLLBACK\nDROP TABLE t;\n"));

        await box.ApplyAllAsync();

        var status = Assert.Single(await box.StatusAsync());
        Assert.Equal(("1", nameof(MigrationState.Applied), true), (status.Version, status.State, status.HasUndo));
        Assert.Empty((await box.PlanAsync(Sandbox.Apply)).Steps);
    }

    [Fact]
    [Parity("M08")]
    public async Task A_dependency_is_satisfied_by_an_earlier_file()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_base.sql", "CREATE TABLE b(id int primary key);"),
            ("002_dep.sql", "-- Depends: 001_base\nCREATE TABLE d(b int references b(id));"));

        Assert.Equal(["1", "2"], (await box.ApplyAllAsync()).Select(result => result.Version));

        Assert.DoesNotContain(await box.StatusAsync(), row => row.Pending);
    }

    [Theory]
    [Parity("M11")]
    [InlineData("-- Depends: (none)\nSELECT 1;")]
    [InlineData("-- Depends: none\nSELECT 1;")]
    [InlineData("-- Depends:\nSELECT 1;")]
    public void None_means_no_dependency(string text)
    {
        var parsed = Parsed.From(text);

        Assert.Empty(parsed.Migration.DependsOn);
        Assert.Empty(parsed.Problems);
    }

    [Fact]
    [Parity("M12")]
    public async Task A_literal_is_sent_as_written()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_t.sql", "CREATE TABLE n(v text);\nINSERT INTO n VALUES ('a\n-- keep\n\nb');\n"));

        await box.ApplyAllAsync();

        Assert.Equal(["a\n-- keep\n\nb"], await box.Database.ListAsync("SELECT v FROM n"));
    }

    [Fact]
    [Parity("M14")]
    public async Task A_missing_dependency_is_an_error_that_names_both()
    {
        await using var box = await Sandbox.CreateAsync(("002_b.sql", "-- Depends: 009_ghost\nSELECT 1;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("DependencyMissing", error.Code);
        Assert.Contains("002_b.sql", error.Message, StringComparison.Ordinal);
        Assert.Contains("009_ghost", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Parity("M14", "A14")]
    public async Task A_circle_is_an_error_that_names_its_members()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "-- Depends: 002_b\nSELECT 1;"), ("002_b.sql", "-- Depends: 001_a, 009_ghost\nSELECT 1;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal(["DependencyCycle", "DependencyMissing"], error.Problems.Select(problem => problem.Code).Order());
        Assert.Contains("001_a.sql depends on 002_b.sql depends on 001_a.sql", error.Message, StringComparison.Ordinal);
        Assert.False(await box.Database.HasTableAsync("public.schema_migrations"));
    }

    [Fact]
    [Parity("M15")]
    public async Task A_failed_migration_stays_pending_with_its_error_in_the_log_and_can_be_retried()
    {
        await using var box = await Sandbox.CreateAsync(("001_f.sql", "CREATE TABLE t(i int);\nSELECT 1/0;"));
        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        Assert.Equal(nameof(MigrationState.Pending), Assert.Single(await box.StatusAsync()).State);
        var line = Assert.Single(await box.LogAsync());
        Assert.Equal(("failed", "22012"), (line.Event, line.SqlState));
        Assert.Contains("division by zero", line.Message, StringComparison.Ordinal);

        box.Folder.Write("001_f.sql", "CREATE TABLE t(i int);");
        Assert.Single(await box.ApplyAllAsync());
    }

    [Theory]
    [Parity("M17")]
    [InlineData("003_add_posts", "001_a.sql 003_add_posts.sql")]
    [InlineData("003", "001_a.sql 003_add_posts.sql")]
    [InlineData("3", "001_a.sql 003_add_posts.sql")]
    [InlineData("0010", "001_a.sql 003_add_posts.sql 010_x.sql")]
    [InlineData("0010_x", null)]
    [InlineData("00", null)]
    [InlineData("ghost", null)]
    public void A_target_is_matched_by_its_number_or_its_whole_name(string target, string? steps)
    {
        var plan = MigrationPlanner.Plan(
            InMemory.Folder("001_a.sql", "003_add_posts.sql", "010_x.sql"),
            InMemory.None,
            Sandbox.Apply with { Target = target });

        Assert.Equal(steps is null, plan.IsBlocked);
        Assert.Equal(steps is null ? "Error:MigrationNotFound" : "", plan.ProblemCodes());
        Assert.Equal(steps ?? plan.Names(), plan.Names());
    }

    [Theory]
    [Parity("M18")]
    [InlineData("ghost", "MigrationNotFound")]
    [InlineData("001_plain", "NoUndo")]
    [InlineData("002_never", "NotApplied")]
    public async Task Undo_by_name_rejects_what_it_cannot_undo(string name, string code)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_plain.sql", "CREATE TABLE t(i int);"), ("002_never.sql", "SELECT 1;\n-- ROLLBACK\nDROP TABLE t;\n"));
        (await box.RunAsync(Sandbox.Apply with { Target = "1" })).Succeeded();

        var run = await box.RunAsync(Sandbox.Undo with { Versions = [name] });

        Assert.Equal(code, run.Failed<PlanBlockedException>().Code);
        Assert.True(await box.Database.HasTableAsync("t"));
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    [Parity("M20")]
    public void A_connection_name_reads_its_variable_and_no_other()
    {
        var input = new ConnectionInput { ConnectionName = "analytics" };
        Dictionary<string, string> variables = new()
        {
            ["DATABASE_URL"] = "postgresql://u@h/main",
            ["DATABASE_URL_ANALYTICS"] = "postgresql://u@h/analytics",
        };

        Assert.Equal("u@h:5432/analytics", DatabaseTarget.Resolve(input, variables.GetValueOrDefault).ToString());
        Assert.Equal(
            "u@h:5432/main", DatabaseTarget.Resolve(new ConnectionInput(), variables.GetValueOrDefault).ToString());

        variables.Remove("DATABASE_URL_ANALYTICS");
        Assert.Equal(
            "ConnectionNameUnset",
            Assert.Throws<ConnectionException>(() => DatabaseTarget.Resolve(input, variables.GetValueOrDefault)).Code);
    }

    [Theory]
    [Parity("M21")]
    [InlineData("CREATE TABLE a(i int);\n\n-- ROLLBACK\nDROP TABLE a;", false)]
    [InlineData("CREATE TABLE a(i int);\n\n-- ROLLBACK\nDROP TABLE IF EXISTS a;", true)]
    [InlineData("CREATE TABLE a(i int); -- hi\n\n-- ROLLBACK\nDROP TABLE a;", true)]
    public void The_checksum_covers_the_whole_text_and_a_second_one_covers_up(string text, bool isChanged)
    {
        var applied = Parsed.From("CREATE TABLE a(i int);\n\n-- ROLLBACK\nDROP TABLE a;").Migration;
        var now = Parsed.From(text).Migration;

        Assert.Equal(isChanged, applied.Checksum != now.Checksum);
        Assert.Equal(text.Contains("-- hi", StringComparison.Ordinal), applied.UpChecksum != now.UpChecksum);
    }
}
