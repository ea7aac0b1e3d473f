using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class RecordFailureTests
{
    private const string Directive = "-- pgmigrate: no-transaction\n";
    private const string NotWritten = "its record could not be written to \"public\".\"schema_migrations\": ";

    [Theory]
    [InlineData("SET search_path = public; DROP TABLE schema_migrations CASCADE;", "42P01")]
    [InlineData("ALTER TABLE schema_migrations RENAME TO other;", "42P01")]
    [InlineData("DO $$ BEGIN DROP TABLE schema_migrations_log; END $$;", "42P01")]
    [InlineData("ALTER TABLE schema_migrations ADD CHECK (version <> '2');", "23514")]
    [InlineData("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'No.'; END $$; "
        + "CREATE TRIGGER no BEFORE INSERT ON schema_migrations FOR EACH ROW EXECUTE FUNCTION no();", "P0001")]
    [InlineData("SET search_path = public; DROP TABLE schema_migrations; SELECT relacl FROM pg_class;", "42P01")] // as text
    public async Task A_record_that_cannot_be_written_is_not_reported_as_a_mistake_in_the_file(string sql, string sqlState)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"), ("002_b.sql", sql));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.StartsWith($"002_b.sql: {NotWritten}", error.Message, StringComparison.Ordinal);
        Assert.Contains("dropped, renamed or changed the tracking table", error.Message, StringComparison.Ordinal);
        Assert.Contains("nothing in them is lost", error.Message, StringComparison.Ordinal);
        Assert.Equal((sqlState, (int?)null, (int?)null), (error.SqlState, error.Line, error.StatementNumber));
        Assert.Equal(["1"], await box.RecordedAsync());
        Assert.Equal("failed", (await box.LogAsync(1))[0].Event);
    }

    [Fact]
    public async Task Outside_a_transaction_the_statement_before_it_is_named()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT 1;"), ("002_b.sql", Directive + "SELECT 1;\n  ALTER TABLE schema_migrations RENAME TO other;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.StartsWith($"002_b.sql:3:3: {NotWritten}", error.Message, StringComparison.Ordinal);
        Assert.Contains("nothing in them is lost", error.Message, StringComparison.Ordinal);
        Assert.Equal(["1", "2"], await box.RecordedAsync());
    }

    [Theory]
    [InlineData("", "failed")]
    [InlineData(Directive, "interrupted")]
    public async Task A_record_that_is_not_there_is_a_failure_in_the_log(string directive, string logged)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; "
                + "CREATE TRIGGER no BEFORE INSERT OR UPDATE ON schema_migrations FOR EACH ROW "
                + "WHEN (new.version = '2' AND new.state = 'applied') EXECUTE FUNCTION no();"),
            ("002_b.sql", directive + "SELECT 1;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal("RecordNotWritten", error.Code);
        var line = (await box.LogAsync(1))[0];
        Assert.Equal((logged, "002_b.sql", error.Message), (line.Event, line.FileName, line.Message));
    }

    [Fact]
    public async Task The_error_of_an_undo_that_drops_the_tracking_table_says_so()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT 1;\n-- DOWN\nALTER TABLE schema_migrations RENAME TO other;"));
        await box.ApplyAllAsync();

        var error = (await box.RunAsync(Sandbox.Undo)).Failed<MigrationUndoException>().Result.Error!;

        Assert.StartsWith(
            "001_a.sql: its record could not be deleted from \"public\".\"schema_migrations\": ",
            error.Message,
            StringComparison.Ordinal);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Theory]
    [InlineData("SET default_transaction_read_only = on;", false)]
    [InlineData("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'No.'; END $$; "
        + "CREATE TRIGGER no BEFORE UPDATE ON schema_migrations FOR EACH ROW "
        + "WHEN (old.progress_checksum LIKE '%?%') EXECUTE FUNCTION no();", true)]
    public async Task An_error_of_the_record_does_not_hide_why_a_statement_failed(string sql, bool isHindered)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", Directive + sql + "\nREINDEX TABLE CONCURRENTLY gone;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.StartsWith("001_a.sql:3:", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"gone\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(isHindered, error.Message.Contains("(No (SQLSTATE P0001))", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SET TRANSACTION READ ONLY;")]
    [InlineData(Directive + "SET default_transaction_read_only = on;\nSELECT 1;")]
    public async Task The_error_of_a_file_that_makes_its_transaction_read_only_says_so(string sql)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", sql));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal("25006", error.SqlState);
        Assert.Contains("The file made the transaction read-only", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("connect to the primary", error.Message, StringComparison.Ordinal);
    }
}
