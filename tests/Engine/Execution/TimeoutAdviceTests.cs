using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Execution.Failures;
using PgMigrate.Runs;
using PgMigrate.Sessions;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>Timeouts of role, database or server: which one it was, where it is set, and how a run overrides it.</summary>
public class TimeoutAdviceTests
{
    [Theory]
    [InlineData("transaction_timeout", "user", "set for the role app", "ALTER ROLE \"app\" RESET transaction_timeout;")]
    [InlineData("transaction_timeout", "database", "set for the database shop", "ALTER DATABASE \"shop\" RESET transaction_timeout;")]
    [InlineData("statement_timeout", "database user", "role app in the database shop",
        "ALTER ROLE \"app\" IN DATABASE \"shop\" RESET statement_timeout;")]
    [InlineData("statement_timeout", "global", "set for all roles", "ALTER ROLE ALL RESET statement_timeout;")]
    [InlineData("transaction_timeout", "configuration file", "for the whole server", "-TransactionTimeout, in seconds; 0 means none")]
    [InlineData("statement_timeout", "client", "set by the connection", "-StatementTimeout, in seconds; 0 means none")]
    [InlineData("idle_in_transaction_session_timeout", "user", "set for the role app",
        "SET LOCAL idle_in_transaction_session_timeout = 0; as the first statement")]
    public void The_advice_names_the_origin_of_the_timeout_and_the_remedy(string name, string source, string origin, string way)
    {
        var advice = TimeoutAdvice.For(new TimeoutOrigin(name)
        {
            Value = "400ms",
            Source = source,
            Login = "app",
            Database = "shop",
        });

        Assert.StartsWith($"{name} ended the ", advice, StringComparison.Ordinal);
        Assert.Contains("it is 400ms", advice, StringComparison.Ordinal);
        Assert.Contains(origin, advice, StringComparison.Ordinal);
        Assert.Contains(way, advice, StringComparison.Ordinal);
    }

    [Fact]
    public void The_timeout_of_the_file_or_the_parameter_is_named_before_others()
    {
        var origin = new TimeoutOrigin("statement_timeout") { Value = "1s", Source = "user", Login = "app", Database = "shop" };

        Assert.Contains(
            "the file sets it", TimeoutAdvice.For(origin with { IsInFile = true, Parameter = TimeSpan.FromSeconds(2) }), StringComparison.Ordinal);
        Assert.Contains(
            "-StatementTimeout ended the statement after 2.5 s", TimeoutAdvice.For(origin with { Parameter = TimeSpan.FromSeconds(2.5) }), StringComparison.Ordinal);
        Assert.Contains(
            "by an operator", TimeoutAdvice.For(origin with { Parameter = TimeSpan.Zero }), StringComparison.Ordinal);
        Assert.Contains("by an operator", TimeoutAdvice.For(origin with { Value = "0" }), StringComparison.Ordinal);
        Assert.Contains(
            "role, the database or the server", TimeoutAdvice.For(new TimeoutOrigin("transaction_timeout")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ROLE {role}", "set for the role ")]
    [InlineData("DATABASE {database}", "set for the database ")]
    [InlineData("ROLE {role} IN DATABASE {database}", " in the database ")]
    public async Task A_statement_timeout_of_role_or_database_can_be_overridden_for_the_run(string whose, string origin)
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SELECT pg_sleep(1);"));
        var target = await LoginAsync(box, whose, "statement_timeout = '300ms'");

        var error = (await RunAsync(box, target, new RunOptions())).Failed<MigrationApplyException>();
        Assert.Contains("statement_timeout ended the statement: it is 300ms", error.Message, StringComparison.Ordinal);
        Assert.Contains(origin, error.Message, StringComparison.Ordinal);
        Assert.Equal("57014", error.Result.Error!.SqlState);

        (await RunAsync(box, target, new RunOptions { StatementTimeout = TimeSpan.Zero })).Succeeded();
    }

    [Fact]
    public async Task A_timeout_of_the_file_and_one_of_the_parameter_have_different_advice()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SET statement_timeout = '100ms'; SELECT pg_sleep(1);"));
        var ofFile = (await RunAsync(box, null, new RunOptions())).Failed<MigrationApplyException>();
        box.Folder.Write("1_a.sql", "SELECT pg_sleep(1);");
        var ofCall = (await RunAsync(box, null, new RunOptions { StatementTimeout = TimeSpan.FromMilliseconds(100) }))
            .Failed<MigrationApplyException>();

        Assert.Contains("the file sets it", ofFile.Message, StringComparison.Ordinal);
        Assert.Contains("-StatementTimeout ended the statement after 0.1 s", ofCall.Message, StringComparison.Ordinal);
    }

    [PostgresFact(17)]
    public async Task A_transaction_timeout_of_the_role_can_be_overridden_for_the_run()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "CREATE TABLE t (i int); SELECT pg_sleep(1);"));
        var target = await LoginAsync(box, "ROLE {role}", "transaction_timeout = '400ms'");

        var error = (await RunAsync(box, target, new RunOptions())).Failed<MigrationApplyException>();
        Assert.Equal("25P04", error.Result.Error!.SqlState);
        Assert.Contains("transaction_timeout ended the transaction: it is 400ms, set for the role", error.Message, StringComparison.Ordinal);
        Assert.Contains("-TransactionTimeout", error.Message, StringComparison.Ordinal);

        (await RunAsync(box, target, new RunOptions { TransactionTimeout = TimeSpan.Zero })).Succeeded();
    }

    [PostgresFact(17)]
    public async Task The_transaction_timeout_parameter_ends_a_longer_transaction()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SELECT pg_sleep(0.1);"), ("2_b.sql", "SELECT pg_sleep(3);"));

        var run = await RunAsync(box, null, new RunOptions { TransactionTimeout = TimeSpan.FromSeconds(1) });

        Assert.Contains("-TransactionTimeout ended the transaction after 1 s", run.Failed<MigrationApplyException>().Message, StringComparison.Ordinal);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public void A_server_without_transaction_timeout_is_an_error_before_anything_runs()
    {
        var options = new RunOptions { TransactionTimeout = TimeSpan.FromSeconds(1) };

        var error = Assert.Throws<InitializationException>(() => LockTimeoutRule.Require(options, new Version(16, 4)));
        Assert.Equal("SettingNotSupported", error.Code);
        Assert.Contains("-TransactionTimeout needs PostgreSQL 17 or newer; this server is 16", error.Message, StringComparison.Ordinal);
        LockTimeoutRule.Require(options, new Version(17, 0));
        LockTimeoutRule.Require(new RunOptions(), new Version(13, 0));
    }

    // A login of its own that may create tables, with a setting; {role} and {database} are replaced by the names.
    private static async Task<DatabaseTarget> LoginAsync(Sandbox box, string whose, string setting)
    {
        var role = await box.CreateRoleAsync("LOGIN");
        await box.Database.ExecuteAsync($"GRANT ALL ON SCHEMA public TO {role}");
        var alter = whose.Replace("{role}", role, StringComparison.Ordinal)
            .Replace("{database}", box.Database.Name, StringComparison.Ordinal);
        await box.Database.ExecuteAsync($"ALTER {alter} SET {setting}");
        return box.Database.TargetFor(settings => settings.Username = role);
    }

    private static async Task<RunRecord> RunAsync(Sandbox box, DatabaseTarget? target, RunOptions options)
    {
        await using var migrator = await box.OpenAsync(target);
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        return await RunRecord.OfAsync(migrator.RunAsync(plan, options, CancellationToken.None));
    }
}
