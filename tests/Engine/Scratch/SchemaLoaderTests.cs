using PgMigrate.Errors;
using PgMigrate.Scratch;
using Xunit;

namespace PgMigrate.Tests.Scratch;

/// <summary>Loading SQL that describes a schema, on a real server.</summary>
public class SchemaLoaderTests
{
    [Fact]
    public async Task Statements_run_in_their_order_and_nothing_is_tried_again()
    {
        var load = await Loading.LoadAsync(
            async database => Assert.Equal(["t", "v"], await database.TablesAsync()),
            "CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t;");

        Assert.False(load.Retried);
        Assert.Equal([new StatementPlace(0, 0), new StatementPlace(0, 1)], load.Order);
        Assert.Empty(load.Warnings);
    }

    [Fact]
    public async Task A_text_in_reverse_order_loads_in_few_passes()
    {
        var statements = Enumerable.Range(1, 60).Select(i => $"CREATE VIEW v{i:D2} AS SELECT id FROM v{i - 1:D2};")
            .Prepend("CREATE VIEW v00 AS SELECT id FROM t;").Prepend("CREATE TABLE t (id int);").Reverse();

        var load = await Loading.LoadAsync(
            async database => Assert.Equal(62, (await database.TablesAsync()).Count), string.Join('\n', statements));

        Assert.True(load.Retried);
        Assert.Equal(Enumerable.Range(0, 62).Reverse().Select(i => new StatementPlace(0, i)), load.Order);
    }

    [Fact]
    public async Task A_statement_that_waited_runs_with_the_settings_of_its_place()
    {
        var load = await Loading.LoadAsync(
            async database =>
            {
                Assert.Equal(["a.v", "b.t", "public.w"], await database.ListAsync(
                    "SELECT relnamespace::regnamespace || '.' || relname FROM pg_class WHERE relname IN ('v', 't', 'w') ORDER BY 1"));
            },
            "CREATE SCHEMA a; CREATE SCHEMA b; SET search_path TO a, b; CREATE VIEW v AS SELECT * FROM t; SET search_path TO b;",
            "CREATE VIEW w AS SELECT 1 AS x; SET search_path TO b; CREATE TABLE t (id int);");

        Assert.True(load.Retried);
    }

    [Fact]
    public async Task What_remains_is_listed_with_file_line_and_column()
    {
        var error = await Loading.RefusedAsync(
            "CREATE TABLE t (id int);\nCREATE VIEW v AS\n  SELECT id FROM missing;", "CREATE TABLE u (id intt);");

        Assert.Equal(
            [("0.sql", 3, 18), ("1.sql", 1, 20)],
            error.Problems.Select(problem => (problem.FileName!, problem.Line!.Value, problem.Column!.Value)));
        Assert.All(error.Problems, problem => Assert.Equal(ErrorCodes.SchemaLoadFailed, problem.Code));
    }

    [Fact]
    public async Task A_transaction_of_the_text_ends_its_local_settings()
    {
        await Loading.LoadAsync(
            async database => Assert.Equal(["a", "public"], await database.ListAsync(
                "SELECT relnamespace::regnamespace FROM pg_class WHERE relname LIKE 't_' ORDER BY relname")),
            "CREATE SCHEMA a; BEGIN; SET LOCAL search_path TO a; CREATE TABLE t1 (id int); COMMIT; CREATE TABLE t2 (id int);");
    }

    [Fact]
    public async Task Reset_all_takes_back_what_the_text_has_set_and_nothing_else()
    {
        var load = await Loading.LoadAsync(
            async database => Assert.Equal(["a", "public"], await database.ListAsync(
                "SELECT relnamespace::regnamespace FROM pg_class WHERE relname LIKE 't_' ORDER BY relname")),
            "CREATE SCHEMA a; SET search_path TO a; CREATE TABLE t1 (id int); RESET ALL; CREATE TABLE t2 (id int);"
                + "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT id FROM later'; CREATE TABLE later (id int);");

        Assert.False(load.Retried);
    }

    [Fact]
    public async Task Rows_are_left_out_with_one_warning_a_file()
    {
        var load = await Loading.LoadAsync(
            async database => Assert.Equal(["0"], await database.ListAsync("SELECT count(*) FROM public.t")),
            "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\nCOPY t FROM stdin;\n1\n2\n\\.\nUPDATE t SET id = 2;\nTRUNCATE t;");

        var warning = Assert.Single(load.Warnings);
        Assert.Equal((ErrorCodes.SchemaRowsIgnored, "Warning", 2), (warning.Code, warning.Severity, warning.Line!.Value));
        Assert.Contains("3 more in 0.sql", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE ROLE nobody_made_this")]
    [InlineData("ALTER ROLE postgres SET search_path TO a")]
    [InlineData("DROP USER nobody_made_this")]
    [InlineData("CREATE DATABASE nobody_made_this")]
    [InlineData("ALTER DATABASE postgres SET search_path TO a")]
    [InlineData("CREATE TABLESPACE x LOCATION '/tmp/x'")]
    [InlineData("ALTER SYSTEM SET work_mem = '1MB'")]
    [InlineData("GRANT pg_monitor TO postgres")]
    [InlineData("REVOKE pg_monitor FROM postgres")]
    [InlineData("GRANT CONNECT ON DATABASE postgres TO PUBLIC")]
    [InlineData("COMMENT ON DATABASE postgres IS 'x'")]
    [InlineData("COMMENT ON ROLE postgres IS 'x'")]
    [InlineData("REASSIGN OWNED BY postgres TO postgres")]
    [InlineData("DROP OWNED BY postgres")]
    [InlineData("COPY (SELECT 1) TO PROGRAM 'cat'")]
    [InlineData("SELECT pg_create_physical_replication_slot('x')")]
    [InlineData("DO $$ BEGIN PERFORM pg_create_logical_replication_slot('x', 'pgoutput'); END $$")]
    [InlineData("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false)")]
    [InlineData("ALTER SUBSCRIPTION s DISABLE")]
    [InlineData("PREPARE TRANSACTION 'x'")]
    [InlineData("ROLLBACK")]
    [InlineData("CREATE EVENT TRIGGER e ON login EXECUTE FUNCTION f()")]
    public async Task What_reaches_out_of_the_database_is_refused_by_line(string statement)
    {
        var error = await Loading.RefusedAsync($"CREATE TABLE t (id int);\n{statement};");

        Assert.Equal((ErrorCodes.SchemaStatementRefused, 2), (error.Code, Assert.Single(error.Problems).Line!.Value));
    }

    [Theory]
    [InlineData("DO $$ BEGIN EXECUTE 'CREATE RO' || 'LE pgmigrate_made_by_do'; END $$", "pg_authid")]
    [InlineData("DO $$ BEGIN EXECUTE 'ALTER DATA' || 'BASE ' || current_database() || ' SET work_mem = ''1MB'''; END $$", "pg_db_role_setting")]
    [InlineData("DO $$ BEGIN EXECUTE 'COMM' || 'ENT ON ROLE postgres IS ''x'''; END $$", "pg_shdescription")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN CREATE ROLE pgmigrate_made_by_f; RETURN 1; END $$; SELECT f()", "pg_authid")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN CREATE ROLE pgmigrate_made_by_f; RETURN 1; END $$; CREATE TABLE u AS SELECT f()", "pg_authid")]
    public async Task A_change_of_a_shared_catalog_is_rolled_back_and_refused(string statement, string catalog)
    {
        var error = await Loading.RefusedAsync($"CREATE TABLE t (id int);\n{statement};");

        Assert.Equal((ErrorCodes.SchemaStatementRefused, 2), (error.Code, Assert.Single(error.Problems).Line!.Value));
        Assert.Contains(catalog, error.Message, StringComparison.Ordinal);
        await Loading.LoadAsync(
            async database => Assert.Empty(await database.ListAsync("SELECT rolname FROM pg_roles WHERE rolname LIKE 'pgmigrate_made%'")), "");
    }

    [Fact]
    public async Task What_only_names_roles_is_no_change_of_a_shared_catalog()
    {
        var load = await Loading.LoadAsync(
            null,
            "CREATE TABLE t (id int); ALTER TABLE t OWNER TO postgres; GRANT SELECT ON t TO pg_monitor; COMMENT ON TABLE t IS 'x';"
                + "CREATE POLICY p ON t TO pg_monitor USING (true); ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor;");

        Assert.Equal(6, load.Order.Count);
    }
}
