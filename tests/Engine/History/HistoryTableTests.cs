using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Runs;
using PgMigrate.Sql;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.History;

public class HistoryTableTests
{
    private const string Relations =
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        + "WHERE n.nspname !~ '^(pg_|information_schema)' ORDER BY 1";

    [Fact]
    public async Task Reading_and_planning_create_nothing()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        box.Options = box.Options with { Schema = "app", CreateSchema = true };
        await using var migrator = await box.OpenAsync();

        var status = Assert.Single((await migrator.GetStatusAsync(CancellationToken.None)).Migrations);
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        Assert.Empty(await migrator.GetLogAsync(null, CancellationToken.None));
        Assert.False((await migrator.GetSummaryAsync(CancellationToken.None)).IsUpToDate);

        Assert.Equal(nameof(MigrationState.Pending), status.State);
        Assert.Single(plan.Steps);
        Assert.Empty(await box.Database.ListAsync(Relations));
        Assert.Empty(await box.Database.ListAsync("SELECT nspname FROM pg_namespace WHERE nspname = 'app'"));
    }

    [Fact]
    public async Task A_missing_schema_is_an_error_unless_it_is_to_be_created()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        box.Options = box.Options with { Schema = "app" };

        Assert.Equal("SchemaNotFound", (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>().Code);
        Assert.Empty(await box.Database.ListAsync(Relations));

        box.Options = box.Options with { CreateSchema = true };
        Assert.Equal("app", Assert.Single(await box.ApplyAllAsync()).Module);
        Assert.True(await box.Database.HasTableAsync("app.a"));
        Assert.True(await box.Database.HasTableAsync("app.schema_migrations"));
    }

    [Fact]
    public async Task Default_privileges_grant_no_rights_on_the_tables()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        var role = await box.CreateRoleAsync();
        await box.Database.ExecuteAsync(
            $"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {role}, PUBLIC; "
            + $"ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO {role}, PUBLIC");

        await box.ApplyAllAsync();

        Assert.Empty(await box.Database.ListAsync(
            "SELECT c.relname || ' ' || c.relacl::text FROM pg_class c, aclexplode(c.relacl) a "
            + "WHERE c.relname LIKE 'schema_migrations%' AND a.grantee <> c.relowner"));
        Assert.Equal(
            4, await box.Database.ScalarAsync<long>(
                "SELECT count(*) FROM pg_class WHERE relname LIKE 'schema_migrations%' AND relkind IN ('r', 'S')"));
    }

    [Theory]
    [InlineData("version bigint PRIMARY KEY, dirty boolean", "golang-migrate")]
    [InlineData("version text PRIMARY KEY", "dbmate or Rails")]
    [InlineData("version text, name text, applied_at timestamptz", "pycopg")]
    [InlineData("anything text", "something else")]
    public async Task A_table_of_another_tool_is_rejected_and_unchanged(string columns, string tool)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        await box.Database.ExecuteAsync($"CREATE TABLE schema_migrations ({columns})");
        const string Shape = "SELECT attname || ' ' || atttypid::regtype FROM pg_attribute "
            + "WHERE attrelid = 'schema_migrations'::regclass AND attnum > 0 ORDER BY attnum";
        var before = await box.Database.ListAsync(Shape);

        foreach (var request in new[] { Sandbox.Apply, Sandbox.Apply with { AllowNonEmpty = true }, Sandbox.Undo })
        {
            var error = await Assert.ThrowsAsync<InitializationException>(() => box.PlanAsync(request));
            Assert.Equal("HistoryTableForeign", error.Code);
            Assert.Contains(tool, error.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<InitializationException>(box.StatusAsync);
        Assert.Equal(before, await box.Database.ListAsync(Shape));
        Assert.False(await box.Database.HasTableAsync("schema_migrations_log"));

        box.Options = box.Options with { HistoryTable = "pgmigrate_history" };
        Assert.Single((await box.RunAsync(Sandbox.Apply with { AllowNonEmpty = true })).Succeeded());
    }

    [Theory]
    [InlineData("checksum", "checksum is NULL in the row with id = 2. ", "UPDATE \"public\".\"schema_migrations\" SET checksum = ")]
    [InlineData("name", "name is NULL in the row with id = 2. ", "ALTER COLUMN name SET NOT NULL;")]
    [InlineData("version", "version is NULL in the row with id = 2. ", "WHERE id = 2;")]
    [InlineData("state", "state is NULL in the row with id = 2. ", "WHERE id = 2;")]
    [InlineData("depends_on", "depends_on is NULL in the row with id = 2. ", "WHERE id = 2;")]
    [InlineData("id", "id is NULL in the row with id IS NULL. ", "WHERE id IS NULL;")]
    [InlineData("", "module 'default' has several rows for version 1 (id 1, 2). ", "ADD UNIQUE (module_name, version);")]
    public async Task A_table_that_was_changed_by_hand_is_refused_with_row_and_column(
        string column, string problem, string repair)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"), ("002_b.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        await box.Database.ExecuteAsync(column switch
        {
            "" => "ALTER TABLE schema_migrations DROP CONSTRAINT schema_migrations_module_name_version_key; "
                + "UPDATE schema_migrations SET version = '1'",
            "id" => "ALTER TABLE schema_migrations ALTER id DROP IDENTITY, DROP CONSTRAINT schema_migrations_pkey; "
                + "ALTER TABLE schema_migrations ALTER id DROP NOT NULL; UPDATE schema_migrations SET id = NULL WHERE id = 2",
            _ => $"ALTER TABLE schema_migrations ALTER {column} DROP NOT NULL; "
                + $"UPDATE schema_migrations SET {column} = NULL WHERE id = 2",
        });

        var error = await Assert.ThrowsAsync<InitializationException>(box.StatusAsync);

        Assert.Equal("HistoryDamaged", error.Code);
        Assert.StartsWith(
            "The table \"public\".\"schema_migrations\" was changed by hand: " + problem, error.Message, StringComparison.Ordinal);
        Assert.Contains(repair, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_was_changed_by_hand_is_refused_with_row_and_column()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        await box.Database.ExecuteAsync("ALTER TABLE schema_migrations_log ALTER filename DROP NOT NULL; "
            + "UPDATE schema_migrations_log SET filename = NULL");

        var error = await Assert.ThrowsAsync<InitializationException>(() => box.LogAsync());

        Assert.Equal("HistoryDamaged", error.Code);
        Assert.Contains("filename is NULL in the row with id = 1. ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_without_columns_is_not_a_tracking_table()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        await box.Database.ExecuteAsync("CREATE TABLE schema_migrations ()");

        var error = await Assert.ThrowsAsync<InitializationException>(box.StatusAsync);

        Assert.Equal("HistoryTableForeign", error.Code);
        Assert.Contains("\"public\".\"schema_migrations\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_format_is_refused()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        await box.Database.ExecuteAsync(
            $"COMMENT ON TABLE schema_migrations IS 'PgMigrate history, format {HistoryCreation.FormatVersion + 1}'");

        var error = await Assert.ThrowsAsync<InitializationException>(box.StatusAsync);

        Assert.Equal("HistoryFormatNewer", error.Code);
    }

    [Fact]
    public async Task The_error_for_a_missing_log_has_the_script_that_creates_it()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"), ("002_b.sql", "SELECT 1;"));
        await box.RunAsync(Sandbox.Apply with { Steps = 1 });
        var columns = "SELECT attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || attidentity::text "
            + "FROM pg_attribute WHERE attrelid = 'schema_migrations_log'::regclass AND attnum > 0 ORDER BY attnum";
        var before = await box.Database.ListAsync(columns);
        await box.Database.ExecuteAsync("DROP TABLE schema_migrations_log");

        var error = await Assert.ThrowsAsync<InitializationException>(box.StatusAsync);

        Assert.Equal("HistoryLogMissing", error.Code);
        Assert.DoesNotContain('\n', error.Message);
        var script = error.Message[error.Message.IndexOf("CREATE TABLE", StringComparison.Ordinal)..];
        await box.Database.ExecuteAsync(script);
        Assert.Equal(before, await box.Database.ListAsync(columns));
        await box.ApplyAllAsync();
        Assert.Equal(["applied"], (await box.LogAsync()).Select(line => line.Event));
    }

    [Theory]
    [InlineData("plain", "history", "module")]
    [InlineData("My Schema", "My Table", "My Module")]
    [InlineData("a\"b", "c\"; DROP TABLE victim; --", "d'; DROP TABLE victim; --")]
    [InlineData("a.b", "c.d", "e\\'f")]
    [InlineData("größe🐘", "tabelle;\nDROP TABLE victim;\n", "modul\n\t")]
    [InlineData("{history}", "{log}", "{comment}")]
    [InlineData("select", "$1", "$2")]
    [InlineData("%s", "%I", "{0}")]
    public async Task Odd_names_of_tracking_tables_are_only_names(string schema, string table, string module)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"), ("002_b.sql", "SELECT nope;"));
        await box.Database.ExecuteAsync("CREATE TABLE victim (i int)");
        box.Options = box.Options with
        {
            Schema = schema,
            HistoryTable = table,
            Module = module,
            CreateSchema = true,
        };

        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();
        var quoted = SqlIdentifier.Quote(schema, table);
        Assert.Equal([module], await box.Database.ListAsync($"SELECT module_name FROM {quoted}"));
        Assert.True(await box.Database.HasTableAsync(SqlIdentifier.Quote(schema, "a")));
        Assert.Equal(
            [nameof(MigrationState.Applied), nameof(MigrationState.Pending)], (await box.StatusAsync()).Select(row => row.State));
        Assert.Equal(["failed", "applied"], (await box.LogAsync()).Select(line => line.Event));

        (await box.RunAsync(Sandbox.Undo)).Succeeded();
        Assert.Empty(await box.Database.ListAsync($"SELECT module_name FROM {quoted}"));
        Assert.True(await box.Database.HasTableAsync("public.victim"));
        Assert.Equal(
            [table, table + "_log"],
            await box.Database.ListAsync($"SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
                + $"WHERE nspname = {SqlIdentifier.Literal(schema)} AND relkind = 'r' ORDER BY length(relname)"));
    }

    [Theory]
    [InlineData("", "t")]
    [InlineData(" ", "t")]
    [InlineData("s", "")]
    [InlineData("s\0", "t")]
    [InlineData("s", "a\0b")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234", "t")] // 64 bytes
    [InlineData("s", "123456789012345678901234567890123456789012345678901234567890")] // 60 and "_log"
    public void A_name_that_the_server_would_truncate_is_rejected(string schema, string table) => Assert.Equal(
        "NameInvalid", Assert.Throws<InitializationException>(() => new HistoryTable(schema, table)).Code);

    [Fact]
    public async Task A_full_database_with_an_empty_history_is_not_replayed()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "DROP TABLE IF EXISTS t; CREATE TABLE t (i int);"));
        await box.Database.ExecuteAsync("CREATE SCHEMA other; CREATE TABLE other.t (i int)");

        Assert.Equal("DatabaseNotEmpty", (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>().Code);

        (await box.RunAsync(Sandbox.Apply with { AllowNonEmpty = true })).Succeeded();
        await box.Database.ExecuteAsync("DELETE FROM schema_migrations"); // a restore without its rows
        Assert.Equal("DatabaseNotEmpty", (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>().Code);
    }

    [Fact]
    public async Task A_history_that_was_emptied_by_undo_does_not_count_as_lost()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"), ("002_b.sql", "SELECT 1;"));
        await box.Database.ExecuteAsync("CREATE TABLE other (i int)");
        (await box.RunAsync(Sandbox.Apply with { AllowNonEmpty = true, Versions = ["1"] })).Succeeded();
        (await box.RunAsync(Sandbox.Undo)).Succeeded();

        Assert.Equal(2, (await box.ApplyAllAsync()).Count);

        // Its log says that they are applied, so their records are lost.
        await box.Database.ExecuteAsync("DELETE FROM schema_migrations");
        Assert.Equal("DatabaseNotEmpty", (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>().Code);
    }

    [Fact]
    public async Task With_a_schema_only_that_schemas_tables_count()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        await box.Database.ExecuteAsync("CREATE TABLE public.t (i int); CREATE SCHEMA app");
        box.Options = box.Options with { Schema = "app" };

        await box.ApplyAllAsync();
    }

    [Fact]
    public async Task A_module_that_has_its_history_elsewhere_is_not_replayed()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        box.Options = box.Options with { HistoryTable = "other_history" };

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("HistoryElsewhere", error.Code);
        Assert.Contains("\"public\".\"schema_migrations\"", error.Message, StringComparison.Ordinal);
        box.Options = box.Options with { Module = "new" };
        await box.ApplyAllAsync();
    }

    [Fact]
    public async Task A_login_that_may_not_read_the_table_is_an_error_that_says_so()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        var role = await box.CreateRoleAsync("LOGIN");
        var target = box.Database.TargetFor(settings => settings.Options = $"-c role={role}");
        await using var migrator = await box.OpenAsync(target);

        var error = await Assert.ThrowsAsync<InitializationException>(
            () => migrator.GetStatusAsync(CancellationToken.None));

        Assert.Equal("HistoryReadDenied", error.Code);
    }

    [Theory]
    [InlineData("ENABLE")]
    [InlineData("ENABLE|FORCE|TO OWNER")]
    public async Task A_history_whose_rows_may_be_hidden_is_rejected(string level)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "CREATE TABLE b (i int);"));
        await box.ApplyAllAsync();
        var role = await box.CreateRoleAsync("LOGIN");
        var history = "public.schema_migrations";
        await box.Database.ExecuteAsync($"GRANT ALL ON {history}, {history}_log TO {role}");
        await box.Database.ExecuteAsync($"CREATE POLICY one ON {history} USING (version <> '1') WITH CHECK (true)");
        foreach (var part in level.Split('|'))
        {
            await box.Database.ExecuteAsync($"ALTER TABLE {history} "
                + (part == "TO OWNER" ? $"OWNER TO {role}" : $"{part} ROW LEVEL SECURITY"));
        }

        var target = box.Database.TargetFor(settings => settings.Username = role);
        await using var migrator = await box.OpenAsync(target);
        var status = await Assert.ThrowsAsync<InitializationException>(
            () => migrator.GetStatusAsync(CancellationToken.None));
        var run = await Assert.ThrowsAsync<InitializationException>(() => box.RunAsync(Sandbox.Apply, target));

        Assert.Equal(("HistoryRowsHidden", "HistoryRowsHidden"), (status.Code, run.Code));

        // What the message says is enough, and a login above the policies never met them.
        Assert.Equal([nameof(MigrationState.Applied), nameof(MigrationState.Applied)], (await box.StatusAsync()).Select(row => row.State));
        await box.Database.ExecuteAsync($"ALTER TABLE {history} DISABLE ROW LEVEL SECURITY");
        Assert.Equal(
            [nameof(MigrationState.Applied), nameof(MigrationState.Applied)],
            (await migrator.GetStatusAsync(CancellationToken.None)).Migrations.Select(row => row.State));
    }

    [Fact]
    public async Task The_error_of_a_trigger_is_not_reported_as_a_missing_right()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        await box.Database.ExecuteAsync("CREATE FUNCTION frozen() RETURNS event_trigger LANGUAGE plpgsql AS "
            + "$$ BEGIN RAISE EXCEPTION 'DDL frozen'; END $$");
        await box.Database.ExecuteAsync("CREATE EVENT TRIGGER frozen ON ddl_command_start EXECUTE FUNCTION frozen()");

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<InitializationException>();

        Assert.Equal("HistoryCreateFailed", error.Code);
        Assert.Contains("DDL frozen", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("GRANT", error.Message, StringComparison.Ordinal);
        await box.Database.ExecuteAsync("DROP EVENT TRIGGER frozen");
        await box.ApplyAllAsync();
    }

    [Fact]
    public async Task A_login_that_may_not_create_the_table_is_an_error_and_nothing_is_created()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        var role = await box.CreateRoleAsync();
        await box.Database.ExecuteAsync("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        var target = box.Database.TargetFor(settings => settings.Options = $"-c role={role}");

        var run = await box.RunAsync(Sandbox.Apply, target);

        Assert.Equal("HistoryCreateFailed", run.Failed<PlanBlockedException>().Code);
        Assert.Empty(await box.Database.ListAsync(Relations));
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task Removing_a_record_changes_no_other_object()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "CREATE TABLE b (i int);"));
        await box.ApplyAllAsync();
        await using var migrator = await box.OpenAsync();

        var missing = await Assert.ThrowsAsync<MigrationNotFoundException>(() => migrator.RemoveRecordsAsync(
            ["2", "9"], new RunOptions(), CancellationToken.None));
        Assert.Contains("'9'", missing.Message, StringComparison.Ordinal);
        Assert.Equal(["1", "2"], await box.RecordedAsync());
        await box.AssertLockIsFreeAsync();

        var removed = await migrator.RemoveRecordsAsync(
            ["002_b", "2"], new RunOptions(), CancellationToken.None);

        Assert.Equal(("2", nameof(MigrationState.Applied)), (Assert.Single(removed).Version, removed[0].State));
        Assert.Equal(["1"], await box.RecordedAsync());
        Assert.True(await box.Database.HasTableAsync("b"));
        Assert.Equal("record_removed", (await box.LogAsync(1))[0].Event);
        Assert.Equal(nameof(MigrationState.Pending), (await box.StatusAsync())[1].State);
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_connection_that_is_lost_between_two_records_removes_none()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT 1;"), ("002_b.sql", "SELECT 1;"), ("003_c.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        await box.Database.ExecuteAsync(
            """
            CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN OLD; END $$;
            CREATE TRIGGER lose BEFORE DELETE ON schema_migrations FOR EACH ROW WHEN (OLD.version = '2')
                EXECUTE FUNCTION lose();
            """);
        await using (var migrator = await box.OpenAsync())
        {
            await Assert.ThrowsAnyAsync<Exception>(
                () => migrator.RemoveRecordsAsync(["1", "2", "3"], new RunOptions(), CancellationToken.None));
        }

        Assert.Equal(["1", "2", "3"], await box.RecordedAsync());
        Assert.DoesNotContain(await box.LogAsync(), line => line.Event == "record_removed");
        await box.Database.ExecuteAsync("DROP TRIGGER lose ON schema_migrations");
        await using var again = await box.OpenAsync();
        Assert.Equal(3, (await again.RemoveRecordsAsync(["1", "2", "3"], new RunOptions(), CancellationToken.None)).Count);
        Assert.Equal(3, (await box.LogAsync()).Count(line => line.Event == "record_removed"));
    }
}
