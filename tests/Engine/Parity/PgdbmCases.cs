using PgMigrate.Errors;
using PgMigrate.Folders;
using PgMigrate.Migrations;
using PgMigrate.Runs;
using PgMigrate.Scripts;
using PgMigrate.Sql;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Parity;

/// <summary>What pgdbm was seen to do, and what becomes of it here.</summary>
public class PgdbmCases
{
    private static readonly (string Name, string Text)[] Three =
    [
        ("001_a.sql", "CREATE TABLE a(i int);"),
        ("002_b.sql", "CREATE TABLE b(i int);"),
        ("003_c.sql", "CREATE TABLE c(i int);"),
    ];

    [Fact]
    [Parity("P01")]
    public async Task The_tracking_table_is_created_on_demand()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        await box.StatusAsync();
        Assert.False(await box.Database.HasTableAsync("public.schema_migrations"));

        await box.ApplyAllAsync();

        var columns = await box.Database.ListAsync(
            "SELECT column_name || ' ' || data_type FROM information_schema.columns "
            + "WHERE table_name = 'schema_migrations'");
        Assert.Superset(
            new HashSet<string>
            {
                "id bigint", "filename text", "checksum text", "module_name text", "applied_by text",
                "applied_at timestamp with time zone", "execution_time_ms double precision",
            },
            columns.ToHashSet());
    }

    [Fact]
    [Parity("P02")]
    public async Task Discovery_ignores_dot_files_and_other_extensions_and_sorts()
    {
        using var folder = new TestFolder(
            ("002_b.sql", "SELECT 2;"), ("001_a.sql", "SELECT 1;"), (".hidden.sql", "SELECT 1;"), ("readme.txt", "x"));

        var content = await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);

        Assert.Equal(["001_a.sql", "002_b.sql"], content.Migrations.Select(migration => migration.FileName));
        Assert.All(content.Migrations, migration => Assert.Matches("^[0-9a-f]{64}$", migration.Checksum));
        Assert.Empty(content.Problems);
    }

    [Fact]
    [Parity("P04")]
    public async Task A_second_run_has_nothing_to_do()
    {
        await using var box = await Sandbox.CreateAsync(Three);

        Assert.Equal(3, (await box.ApplyAllAsync()).Count);
        Assert.Equal(
            ["a", "b", "c"],
            await box.Database.ListAsync("SELECT relname FROM pg_class WHERE relname IN ('a', 'b', 'c') ORDER BY 1"));

        var again = await box.PlanAsync(Sandbox.Apply);
        Assert.True(again.IsEmpty);
        Assert.Equal((3, 0), (again.Total, again.Problems.Count));
    }

    [Fact]
    [Parity("P05")]
    public async Task A_failure_in_the_middle_stops_the_run_and_keeps_what_came_before()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_ok.sql", "CREATE TABLE ok1(i int);"),
            ("002_bad.sql", "CREATE TABLE ),( nonsense;"),
            ("003_ok.sql", "CREATE TABLE ok2(i int);"));

        var run = await box.RunAsync(Sandbox.Apply);

        Assert.Equal("002_bad.sql", run.Failed<MigrationApplyException>().Result.FileName);
        Assert.Equal(
            [("001_ok.sql", nameof(MigrationOutcome.Applied)), ("002_bad.sql", nameof(MigrationOutcome.Failed))],
            run.Results.Select(result => (result.FileName, result.Outcome)));
        Assert.True(await box.Database.HasTableAsync("ok1"));
        Assert.False(await box.Database.HasTableAsync("ok2"));
    }

    [Fact]
    [Parity("P10")]
    public async Task Pending_migrations_decrease_to_none()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_u.sql", "CREATE TABLE u(id int, e text);\nCREATE INDEX ON u(e);"));
        Assert.Equal(["1"], (await box.StatusAsync()).Where(row => row.Pending).Select(row => row.Version));

        Assert.Single(await box.ApplyAllAsync());

        Assert.DoesNotContain(await box.StatusAsync(), row => row.Pending);
        Assert.Equal("001_u.sql", (await box.LogAsync())[0].FileName);
    }

    [Theory]
    [Parity("P11")]
    [InlineData("001_a.sql", "1")]
    [InlineData("002_b.sql", "2")]
    [InlineData("V1__c.sql", "1")]
    [InlineData("V2__d.sql", "2")]
    [InlineData("20240126120000_e.sql", "20240126120000")]
    [InlineData("custom_name.sql", "custom_name")]
    public void The_version_comes_from_the_name_without_leading_zeros(string fileName, string version)
    {
        Assert.True(MigrationFileName.TryParse(fileName, allowUnversioned: true, out var name, out _));

        Assert.Equal(version, name.Version.Text);
    }

    [Fact]
    [Parity("P11", "P35")]
    public async Task One_version_twice_is_an_error_before_anything_runs()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"), ("001_b.sql", "SELECT 1;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("DuplicateVersion", error.Code);
        Assert.Contains("001_a.sql", error.Message, StringComparison.Ordinal);
        Assert.Contains("001_b.sql", error.Message, StringComparison.Ordinal);
        Assert.False(await box.Database.HasTableAsync("public.schema_migrations"));
    }

    [Fact]
    [Parity("P13")]
    public async Task A_plan_changes_nothing_and_the_run_does_what_it_said()
    {
        await using var box = await Sandbox.CreateAsync(Three);

        var plan = await box.PlanAsync(Sandbox.Apply);

        Assert.Equal(["001_a.sql", "002_b.sql", "003_c.sql"], plan.Steps.Select(step => step.FileName));
        Assert.Empty(await box.Database.ListAsync(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"));
        Assert.Equal(
            plan.Steps.Select(step => step.FileName), (await box.ApplyAllAsync()).Select(result => result.FileName));
        Assert.True(await box.Database.HasTableAsync("c"));
    }

    [Fact]
    [Parity("P14")]
    public async Task The_order_comes_from_the_names_and_not_from_the_times_of_the_files()
    {
        await using var box = await Sandbox.CreateAsync(
            ("003_chk.sql", "ALTER TABLE u ADD CONSTRAINT k CHECK (age >= 0);"),
            ("001_u.sql", "CREATE TABLE u(id serial primary key, age int);"),
            ("002_mail.sql", "ALTER TABLE u ADD email text;"));
        File.SetLastWriteTimeUtc(box.Folder.PathOf("001_u.sql"), DateTime.UtcNow.AddDays(1));

        Assert.Equal(["1", "2", "3"], (await box.ApplyAllAsync()).Select(result => result.Version));
        Assert.Equal(
            ["id", "age", "email"],
            await box.Database.ListAsync(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'u'::regclass AND attnum > 0 ORDER BY attnum"));
    }

    [Fact]
    [Parity("P16")]
    public async Task Two_runners_of_one_module_take_turns()
    {
        await using var box = await Sandbox.CreateAsync(("001_l.sql", "SELECT pg_sleep(0.2);\nCREATE TABLE l(i int);"));
        box.Options = box.Options with { Module = "lock_test" };
        await using var first = await box.OpenAsync();
        await using var second = await box.OpenAsync();
        var plans = new[]
        {
            await first.PlanAsync(Sandbox.Apply, CancellationToken.None),
            await second.PlanAsync(Sandbox.Apply, CancellationToken.None),
        };

        var runs = await Task.WhenAll(
            RunRecord.OfAsync(first.RunAsync(plans[0], new RunOptions(), CancellationToken.None)),
            RunRecord.OfAsync(second.RunAsync(plans[1], new RunOptions(), CancellationToken.None)));

        Assert.Equal([0, 1], runs.Select(run => run.Succeeded().Count).Order());
        Assert.All(
            runs.Single(run => run.Results.Count == 0).Events,
            happened => Assert.IsType<LockWaiting>(happened)); // and no step
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    [Parity("P17")]
    public async Task A_failed_migration_leaves_neither_tables_nor_a_record()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_f.sql", "CREATE TABLE t1(i int);\nINSERT INTO t1 VALUES (1);\nCREATE TABLE t2(i int,);"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        Assert.Equal("001_f.sql", error.Result.FileName);
        Assert.False(await box.Database.HasTableAsync("t1"));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    [Parity("P19")]
    public async Task The_duration_is_recorded_and_never_zero()
    {
        await using var box = await Sandbox.CreateAsync((
            "001_p.sql",
            "CREATE TABLE p(i int, d text);\nINSERT INTO p SELECT g, 'x'||g FROM generate_series(1,1000) g;"));

        var result = Assert.Single(await box.ApplyAllAsync());

        Assert.True(result.DurationMs > 0);
        Assert.True(Assert.Single(await box.LogAsync()).DurationMs > 0);
        Assert.Equal(
            result.DurationMs,
            await box.Database.ScalarAsync<double>("SELECT execution_time_ms FROM schema_migrations"));
    }

    [Theory]
    [Parity("P20")]
    [InlineData("-- pgdbm:no-transaction\nX", true, null)]
    [InlineData("-- note\n-- pgdbm:no-transaction\nX", true, null)]
    [InlineData("CREATE TABLE t(i int);", false, null)]
    [InlineData("-- c\nCREATE INDEX i ON t(c);", false, null)]
    [InlineData("X\n-- we considered pgdbm:no-transaction here", false, null)]
    [InlineData("INSERT INTO d VALUES ('use -- pgdbm:no-transaction');", false, null)]
    [InlineData("-- pgdbm:no-transactional\nX", false, "DirectiveUnknown")]
    [InlineData("-- pgdbm:no-transaction-mode\nX", false, "DirectiveUnknown")]
    [InlineData("-- pgdbm:no-transactions\nX", false, "DirectiveUnknown")]
    public void The_directive_differs_from_similar_comments_and_a_misspelt_one_is_an_error(
        string text, bool isDirective, string? code)
    {
        var parsed = Parsed.From(text);

        Assert.Equal(
            isDirective ? ScriptTransaction.None : ScriptTransaction.Wrapped, parsed.Migration.Up.Transaction);
        Assert.Equal(code, parsed.Codes.SingleOrDefault(found => found == "DirectiveUnknown"));
    }

    [Theory]
    [Parity("P25")]
    [InlineData("SELECT E'a\\'; b'; SELECT 2;", 2)]
    [InlineData("SELECT 1 /* a /* b; */ c; */; SELECT 2;", 2)]
    [InlineData("SELECT 1 AS \"a;b\"; SELECT 2;", 2)]
    [InlineData("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n"
        + " SELECT CASE WHEN a>0 THEN 1 ELSE 2 END;\n SELECT a;\nEND; SELECT 3;", 2)]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3;", 2)]
    [InlineData("SELECT 1 AS a$b$; SELECT 2 AS c$b$;", 2)]
    [InlineData("PREPARE p AS SELECT $1; SELECT 2;", 2)]
    [InlineData("SELECT 1; -- bye\n", 1)]
    [InlineData("COPY c FROM stdin;\n1\tone;two\n\\.\nSELECT 1;", 2)]
    public void A_script_is_split_where_psql_splits_it(string sql, int count)
    {
        var split = SqlSplitter.Split(sql);

        Assert.Null(split.Error);
        Assert.Equal(count, split.Statements().Count());
    }

    [Theory]
    [Parity("P26")]
    [InlineData("public", "SELECT * FROM \"public\".users")]
    [InlineData("my_schema", "SELECT * FROM \"my_schema\".users")]
    [InlineData("_private", "SELECT * FROM \"_private\".users")]
    [InlineData("CamelCaseSchema", "SELECT * FROM \"CamelCaseSchema\".users")]
    [InlineData("public\"; DROP TABLE users; --", null)]
    [InlineData("123_x", null)]
    [InlineData("contains-hyphen", null)]
    [InlineData("contains space", null)]
    public void A_schema_in_a_placeholder_is_checked_and_quoted(string schema, string? expected)
    {
        var script = Render("SELECT * FROM {{tables.users}}", schema);

        Assert.Equal(expected is null ? ["PlaceholderInvalid"] : [], script.Problems.Select(problem => problem.Code));
        Assert.Equal(expected ?? "SELECT * FROM {{tables.users}}", Assert.Single(script.Held!).Text);
    }

    [Fact]
    [Parity("P26")]
    public void A_schema_of_63_characters_is_accepted_and_one_more_is_not()
    {
        Assert.Empty(Render("SELECT 1 FROM {{tables.u}}", new string('a', 63)).Problems);
        Assert.Single(Render("SELECT 1 FROM {{tables.u}}", new string('a', 64)).Problems);
    }

    [Fact]
    [Parity("P26")]
    public async Task A_schema_in_mixed_case_has_its_own_tracking_table()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE {{tables.users}} (i int);"));
        box.Options = box.Options with { Schema = "CamelCaseSchema", CreateSchema = true };
        var request = Sandbox.Apply with { Placeholders = new PlaceholderValues { Schema = "CamelCaseSchema" } };

        Assert.Single((await box.RunAsync(request)).Succeeded());

        Assert.True(await box.Database.HasTableAsync("\"CamelCaseSchema\".users"));
        Assert.True(await box.Database.HasTableAsync("\"CamelCaseSchema\".schema_migrations"));
    }

    [Theory]
    [Parity("P28")]
    [InlineData("{{tables.bad-name}}", true)]
    [InlineData("{{tables.bad; DROP.users}}", true)]
    [InlineData("{{tables.bad\".users}}", true)]
    [InlineData("{{ index .Options \"Namespace\" }}", false)]
    public void A_malformed_placeholder_is_an_error_and_foreign_braces_stay(string text, bool isError)
    {
        var sql = $"SELECT $$ {text} $$";
        var script = Render(sql, "app");

        Assert.Equal(isError, script.Problems.Any(problem => problem.Code == "PlaceholderInvalid"));
        Assert.Equal(sql, Assert.Single(script.Held!).Text);
    }

    [Theory]
    [Parity("P29")]
    [InlineData("migrations\"; DROP TABLE u; --")]
    [InlineData("123_m")]
    [InlineData("m-t")]
    [InlineData("m t")]
    [InlineData("my_migrations")]
    public async Task A_tracking_table_can_have_any_name_because_it_is_quoted(string name)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE u(i int);"));
        box.Options = box.Options with { HistoryTable = name };

        await box.ApplyAllAsync();

        Assert.Equal(
            ["1"], await box.Database.ListAsync($"SELECT version FROM public.{SqlIdentifier.Quote(name)}"));
        Assert.True(await box.Database.HasTableAsync("public.u"));
    }

    [Fact]
    [Parity("P31")]
    public async Task Line_ends_and_outer_blanks_do_not_change_the_checksum()
    {
        await using var box = await Sandbox.CreateAsync(("001_t.sql", "CREATE TABLE t(i int);\n"));
        await box.ApplyAllAsync();

        box.Folder.Write("001_t.sql", "\r\n\r\nCREATE TABLE t(i int);\r\n\r\n");

        var plan = await box.PlanAsync(Sandbox.Apply);
        Assert.Equal((0, 0), (plan.Steps.Count, plan.Problems.Count));
        Assert.Equal(nameof(MigrationState.Applied), (await box.StatusAsync())[0].State);
    }

    [Fact]
    [Parity("P32")]
    public async Task A_file_without_text_is_an_error_and_a_comment_is_text()
    {
        await using var box = await Sandbox.CreateAsync(("001_e.sql", "  \n"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();
        Assert.Contains("is empty", error.Message, StringComparison.Ordinal);
        Assert.Contains("001_e.sql", error.Message, StringComparison.Ordinal);

        box.Folder.Write("001_e.sql", "-- nothing to do here\n");
        Assert.Single(await box.ApplyAllAsync());
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    [Parity("P34")]
    public async Task A_late_file_is_an_error_until_it_is_allowed()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"), ("003_c.sql", "SELECT 3;"));
        await box.ApplyAllAsync();
        box.Folder.Write("002_late.sql", "SELECT 2;");

        Assert.Equal("OutOfOrder", (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>().Code);

        var allowed = await box.RunAsync(Sandbox.Apply with { OutOfOrder = OutOfOrderPolicy.Apply });
        Assert.Equal("002_late.sql", Assert.Single(allowed.Succeeded()).FileName);
        Assert.Equal(["1", "3", "2"], await box.RecordedAsync());
    }

    [Fact]
    [Parity("P38")]
    public async Task A_commit_inside_a_file_is_refused_and_one_around_it_is_the_runners_own()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_t.sql", "BEGIN;\nCREATE TABLE t(i int);\nCOMMIT;\nSELECT 1/0;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();
        Assert.Equal("TransactionControl", error.Code);
        Assert.False(await box.Database.HasTableAsync("t"));

        box.Folder.Write("001_t.sql", "BEGIN;\nCREATE TABLE t(i int);\nSELECT 1/0;\nCOMMIT;");
        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();
        Assert.False(await box.Database.HasTableAsync("t"));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    [Parity("P40")]
    public async Task A_module_declares_its_dependencies_on_another_and_never_runs_before_it()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "-- Depends: b:001_b\nSELECT 1;"));
        using var other = new TestFolder(("001_b.sql", "SELECT 1;"));
        var moduleA = box.Options with { Module = "a" };
        var moduleB = moduleA with { Module = "b", FolderPaths = [other.FullPath] };

        box.Options = moduleA;
        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();
        Assert.Contains("b:001_b", error.Message, StringComparison.Ordinal);

        box.Options = moduleB;
        await box.ApplyAllAsync();
        box.Options = moduleA;
        await box.ApplyAllAsync();

        Assert.Equal(["b", "a"], await box.Database.ListAsync("SELECT module_name FROM schema_migrations ORDER BY id"));
    }

    [Fact]
    [Parity("P41")]
    public async Task A_tracking_table_of_pgdbm_is_recognised_and_unchanged()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        await box.Database.ExecuteAsync(
            "CREATE TABLE schema_migrations (id serial PRIMARY KEY, filename varchar(255) NOT NULL, "
            + "checksum varchar(64) NOT NULL, module_name varchar(100), applied_at timestamp DEFAULT now(), "
            + "applied_by varchar(100), execution_time_ms int); "
            + "INSERT INTO schema_migrations (filename, checksum) VALUES ('001_a.sql', 'x')");

        var error = await Assert.ThrowsAsync<InitializationException>(() => box.PlanAsync(Sandbox.Apply));

        Assert.Equal("HistoryTableForeign", error.Code);
        Assert.Contains("pgdbm", error.Message, StringComparison.Ordinal);
        Assert.Equal(["001_a.sql"], await box.Database.ListAsync("SELECT filename FROM schema_migrations"));
    }

    private static SqlScript Render(string sql, string schema) => ScriptRenderer.Render(
        Parsed.From(sql).Migration.Up, new PlaceholderValues { Schema = schema });
}
