using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Records;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>What triggers of the database say and do, where our own statements meet them.</summary>
public class ServerWordsTests
{
    private const string Frozen =
        """
        CREATE FUNCTION no_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'DDL % is frozen', tg_tag USING HINT = 'Open a ticket', DETAIL = 'Change window, password=hunter2';
        END $$;
        CREATE EVENT TRIGGER no_ddl ON ddl_command_start EXECUTE FUNCTION no_ddl();
        """;

    private const string ForceRowSecurity =
        """
        CREATE FUNCTION auto_rls() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        DECLARE r record;
        BEGIN
            FOR r IN SELECT * FROM pg_event_trigger_ddl_commands() WHERE command_tag = 'CREATE TABLE' LOOP
                EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', r.object_identity);
                EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', r.object_identity);
            END LOOP;
        END $$;
        CREATE EVENT TRIGGER auto_rls ON ddl_command_end WHEN tag IN ('CREATE TABLE') EXECUTE FUNCTION auto_rls();
        """;

    private static readonly string[] RefuseRows =
    [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            + "RAISE EXCEPTION 'audited' USING HINT = 'Ask the auditor', DETAIL = 'Rows are kept'; END $$;",
        "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON schema_migrations FOR EACH ROW EXECUTE FUNCTION refuse();",
    ];

    [Fact]
    public async Task Detail_and_hint_of_a_rejected_tracking_table_are_shown_and_masked()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SELECT 1;"));
        await box.Database.ExecuteAsync(Frozen);

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<InitializationException>();

        Assert.Equal("HistoryCreateFailed", error.Code);
        Assert.Contains("DDL CREATE TABLE is frozen (SQLSTATE P0001). Detail: Change window, password=***. Hint: Open a ticket.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_change_of_records_shows_detail_and_hint_of_a_rejected_record()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SELECT 1;"), ("2_b.sql", "SELECT 2;"));
        await box.RunAsync(Sandbox.Apply with { Versions = ["1"] });
        foreach (var sql in RefuseRows)
        {
            await box.Database.ExecuteAsync(sql);
        }

        await using var migrator = await box.OpenAsync();
        var remove = await Assert.ThrowsAsync<InitializationException>(
            () => migrator.RemoveRecordsAsync(["1"], new RunOptions(), CancellationToken.None));
        var mark = await Assert.ThrowsAsync<InitializationException>(
            () => Sandbox.ChangeAsync(migrator, new MarkApplied(["2"], "by hand")));
        var apply = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();
        box.Options = box.Options with { Module = "another" };
        var baseline = (await box.RunAsync(Sandbox.Apply with { Baseline = "2" })).Failed<InitializationException>();

        Assert.All(new[] { remove, mark, baseline }, error =>
        {
            Assert.Equal("HistoryWriteFailed", error.Code);
            Assert.Contains("audited (SQLSTATE P0001). Detail: Rows are kept. Hint: Ask the auditor.", error.Message, StringComparison.Ordinal);
        });
        Assert.Contains("Hint: Ask the auditor", apply.Message, StringComparison.Ordinal);
        Assert.Contains("Detail: Rows are kept", apply.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("baseline")]
    [InlineData("initialize")]
    [InlineData("mark")]
    public async Task Row_security_on_the_new_tracking_table_is_an_error_before_the_first_file(string action)
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "CREATE TABLE a (i int);"));
        var role = await box.CreateRoleAsync("LOGIN");
        await box.Database.ExecuteAsync($"GRANT ALL ON SCHEMA public TO {role}");
        await box.Database.ExecuteAsync(ForceRowSecurity);
        var target = box.Database.TargetFor(settings => settings.Username = role);

        var error = await ActAsync(box, action, target);
        Assert.Equal("HistoryRowsHidden", error?.Code);
        Assert.Contains("An event trigger may have turned it on when the table was created (auto_rls)", error!.Message, StringComparison.Ordinal);

        // Until it is taken back, every way ends there.
        Assert.Equal("HistoryRowsHidden", (await ActAsync(box, "apply", target))?.Code);
        foreach (var sql in error.Message.Split("ALTER TABLE ").Skip(1))
        {
            await box.Database.ExecuteAsync("ALTER TABLE " + sql[..(sql.IndexOf(';', StringComparison.Ordinal) + 1)]);
        }

        Assert.Null(await ActAsync(box, action, target));
    }

    [Fact]
    public async Task Row_security_of_the_log_alone_blocks_writing_and_not_reading()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "CREATE TABLE a (i int);"), ("2_b.sql", "SELECT 2;"));
        var role = await box.CreateRoleAsync("LOGIN");
        await box.Database.ExecuteAsync($"GRANT ALL ON SCHEMA public TO {role}");
        var target = box.Database.TargetFor(settings => settings.Username = role);
        await box.RunAsync(Sandbox.Apply with { Versions = ["1"] }, target);
        await box.Database.ExecuteAsync(
            "ALTER TABLE schema_migrations_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");

        Assert.Equal("HistoryRowsHidden", (await ActAsync(box, "apply", target))?.Code);
        Assert.Equal("HistoryRowsHidden", (await ActAsync(box, "mark", target))?.Code);
        await using var migrator = await box.OpenAsync(target);
        Assert.Equal(2, (await migrator.GetStatusAsync(CancellationToken.None)).Migrations.Count);
        await Assert.ThrowsAsync<InitializationException>(() => migrator.GetLogAsync(null, CancellationToken.None));
    }

    private static async Task<PgMigrateException?> ActAsync(Sandbox box, string action, DatabaseTarget target)
    {
        if (action is "apply" or "baseline")
        {
            var request = action == "apply" ? Sandbox.Apply : Sandbox.Apply with { Baseline = "1" };
            try
            {
                return (await box.RunAsync(request, target)).Error as PgMigrateException;
            }
            catch (PgMigrateException e)
            {
                return e; // by the plan
            }
        }

        await using var migrator = await box.OpenAsync(target);
        return await Record.ExceptionAsync(() => action == "initialize"
            ? migrator.InitializeAsync(new RunOptions(), CancellationToken.None)
            : Sandbox.ChangeAsync(migrator, new MarkApplied([File.Exists(box.Folder.PathOf("2_b.sql")) ? "2" : "1"], "by hand")))
            as PgMigrateException;
    }
}
