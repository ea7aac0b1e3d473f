using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Sql.Reading;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>Files that create, fill or drop a table of the name of the tracking table.</summary>
public class OwnTableTests
{
    private const string Dump = "CREATE TABLE public.schema_migrations (version character varying(128) NOT NULL);\n"
        + "ALTER TABLE ONLY public.schema_migrations ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);\n"
        + "INSERT INTO public.schema_migrations (version) VALUES ('20200101');";

    [Theory]
    [InlineData("CREATE TABLE a (i int)", "Create a")]
    [InlineData("CREATE UNLOGGED TABLE IF NOT EXISTS S.\"A b\" (i int)", "CreateIfAbsent s.A b")]
    [InlineData("create or replace view x.a as select 1", "Create x.a")]
    [InlineData("CREATE MATERIALIZED VIEW a AS SELECT 1", "Create a")]
    [InlineData("CREATE FOREIGN TABLE a () SERVER s", "Create a")]
    [InlineData("/* hint */ CREATE TABLE \"a\"\"b\" ()", "Create a\"b")]
    [InlineData("DROP TABLE IF EXISTS a, s.b CASCADE", "Drop a s.b")]
    [InlineData("CREATE TEMP TABLE a ()", null)]
    [InlineData("CREATE INDEX a ON b (i)", null)]
    [InlineData("ALTER TABLE a ADD b int", null)]
    [InlineData("CREATE TABLE", null)]
    public void A_statement_names_the_relations_that_it_creates_or_drops(string statement, string? expected)
    {
        var named = new StatementReading(statement).CreatedOrDropped;

        Assert.Equal(expected, named is null ? null : $"{named.Verb} "
            + string.Join(' ', named.Names.Select(name => name.Schema is null ? name.Name : $"{name.Schema}.{name.Name}")));
    }

    [Theory]
    [InlineData(Dump)]
    [InlineData("CREATE TABLE schema_migrations (version text);")]
    [InlineData("CREATE VIEW public.schema_migrations AS SELECT 1;")]
    [InlineData("CREATE TABLE \"schema_migrations_log\" (i int);")]
    public async Task A_file_that_creates_the_tracking_table_is_blocked_and_runs_with_another_tracking_table(string text)
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", text));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();
        Assert.Equal("HistoryTableInFile", error.Code);
        Assert.Contains("1_a.sql:1:1: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("-HistoryTable", error.Message, StringComparison.Ordinal);

        box.Options = box.Options with { HistoryTable = "pgmigrate_history" };
        Assert.Single(await box.ApplyAllAsync());
    }

    [Fact]
    public async Task The_commands_in_the_message_rename_a_tracking_table_that_is_in_use()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        box.Folder.Write("2_b.sql", Dump);

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();
        var commands = error.Message[error.Message.IndexOf("ALTER TABLE \"", StringComparison.Ordinal)..];
        await box.Database.ExecuteAsync(commands);

        box.Options = box.Options with { HistoryTable = "pgmigrate_history" };
        Assert.Equal("2", Assert.Single(await box.ApplyAllAsync()).Version);
    }

    [Fact]
    public async Task The_command_in_the_message_drops_an_empty_tracking_table()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", Dump));
        await using (var migrator = await box.OpenAsync())
        {
            await migrator.InitializeAsync(new RunOptions(), CancellationToken.None);
        }

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();
        await box.Database.ExecuteAsync(error.Message[error.Message.IndexOf("DROP TABLE", StringComparison.Ordinal)..]);

        box.Options = box.Options with { HistoryTable = "pgmigrate_history" };
        Assert.Single(await box.ApplyAllAsync());
    }

    [Fact]
    public async Task A_table_whose_schema_is_unknown_is_reported_only_after_its_failure()
    {
        await using var box = await Sandbox.CreateAsync(
            ("1_a.sql", "SET search_path = public;\nCREATE TABLE schema_migrations (version text);"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();
        Assert.Equal("42P07", error.Result.Error!.SqlState);
        Assert.Contains("\"public\".\"schema_migrations\" is the tracking table of this run", error.Message, StringComparison.Ordinal);
        Assert.Contains("-HistoryTable pgmigrate_history", error.Message, StringComparison.Ordinal);

        await box.Database.ExecuteAsync("CREATE SCHEMA other");
        box.Folder.Write("1_a.sql", "SET search_path = other;\nCREATE TABLE schema_migrations (version text);\nCREATE TABLE other.schema_migrations_log ();");
        Assert.Single(await box.ApplyAllAsync());
    }

    [Fact]
    public async Task The_error_of_a_row_for_the_tracking_table_names_that_table()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "INSERT INTO schema_migrations (version) VALUES ('1');"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        Assert.Contains("is the tracking table of this run", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DROP TABLE schema_migrations;", "HistoryTableInFile", ProblemSeverity.Error)]
    [InlineData("DROP TABLE IF EXISTS public.x, public.schema_migrations_log;", "HistoryTableInFile", ProblemSeverity.Error)]
    [InlineData("CREATE TABLE IF NOT EXISTS schema_migrations (version text);", "HistoryTableInFile", ProblemSeverity.Warning)]
    [InlineData("CREATE TABLE app.schema_migrations (version text);", null, ProblemSeverity.Error)]
    [InlineData("CREATE TEMP TABLE schema_migrations (version text);", null, ProblemSeverity.Error)]
    public async Task Dropping_the_tracking_table_is_an_error_and_create_if_not_exists_a_warning(string text, string? code, ProblemSeverity severity)
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", text));

        var problems = (await box.PlanAsync(Sandbox.Apply)).Problems;

        Assert.Equal(code, problems.SingleOrDefault()?.Code);
        Assert.All(problems, problem => Assert.Equal(severity.ToString(), problem.Severity));
    }

    [Fact]
    public async Task An_unqualified_name_is_in_the_schema_that_was_named()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "CREATE TABLE schema_migrations (version text);"));
        await box.Database.ExecuteAsync("CREATE SCHEMA app");
        box.Options = box.Options with { Schema = "app" };

        Assert.Equal(["HistoryTableInFile"], (await box.PlanAsync(Sandbox.Apply)).Problems.Select(problem => problem.Code));

        box.Folder.Write("1_a.sql", "CREATE TABLE public.schema_migrations (version text);");
        Assert.Single(await box.ApplyAllAsync());
    }
}
