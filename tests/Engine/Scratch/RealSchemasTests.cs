using PgMigrate.Errors;
using PgMigrate.Scratch;
using PgMigrate.Sql;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Scratch;

/// <summary>What pg_dump writes of real schemas loads, in its order and in any other.</summary>
public class RealSchemasTests
{
    private const string Objects =
        """
        SELECT format('%s %s.%s', relkind, relnamespace::regnamespace, relname) FROM pg_class
         WHERE relnamespace::regnamespace::text !~ '^pg_|information_schema' ORDER BY 1
        """;

    [RealDataFact]
    public async Task Dumps_of_real_histories_load_as_they_are()
    {
        var isAll = Environment.GetEnvironmentVariable("PGMIGRATE_SOAK") is { Length: > 0 };
        var server = await Loading.ServerAsync();
        foreach (var folder in Directory.GetDirectories(Path.Combine(RealData.Folder!, "..", "schema-pairs", "real")))
        {
            var dumps = Directory.GetFiles(folder, "*.sql").Order(StringComparer.Ordinal).ToList();
            foreach (var dump in isAll ? dumps : [dumps[^1]])
            {
                await using var database = await ScratchDatabase.CreateAsync(server, CancellationToken.None);
                var load = await SchemaLoader.LoadAsync(database, SchemaLoader.ReadFiles(dump), CancellationToken.None);
                Assert.False(load.Retried, dump);
                Assert.Empty(load.Warnings);
                Assert.Empty(load.InvalidFunctions);
            }
        }
    }

    [RealDataFact]
    public async Task Pagila_loads_and_its_rows_are_left_out()
    {
        var load = await LoadFolderAsync(
            async database => Assert.NotEmpty(await database.ListAsync(Objects)), SchemaLoader.ReadFiles(Path.Combine(RealData.Folder!, "pagila-3.1.0")).Reverse());

        Assert.Equal(["pagila-data.sql"], load.Warnings.Select(warning => warning.FileName));
        Assert.Empty(load.InvalidFunctions);
    }

    [RealDataTheory]
    [InlineData("schema-pairs/real/harbor/039.sql")]
    [InlineData("schema-pairs/real/conductor/021.sql")]
    [InlineData("realdata/pagila-3.1.0/pagila-schema.sql")]
    public async Task The_statements_of_a_dump_load_in_reverse_order(string file)
    {
        var source = SchemaLoader.ReadFiles(Path.Combine(RealData.Folder!, "..", file))[0];
        // Each statement with the settings of its place, in a text of its own.
        var texts = SchemaText.Read(0, source).Statements
            .Select(statement => string.Join('\n', SettingNode.Between(null, statement.Settings)!.Select(node => node.Text).Append(statement.Text)))
            .Select((text, i) => Loading.Text(text, $"{i}.sql"))
            .ToList();
        IReadOnlyList<string> expected = [];
        await LoadFolderAsync(async database => expected = await database.ListAsync(Objects), [source]);
        IReadOnlyList<string> reversed = [];

        var load = await LoadFolderAsync(async database => reversed = await database.ListAsync(Objects), texts.AsEnumerable().Reverse());

        Assert.True(load.Retried);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, reversed);
    }

    [Fact]
    public async Task Cancelling_a_load_ends_it_and_the_database_can_be_dropped()
    {
        var database = await ScratchDatabase.CreateAsync(await Loading.ServerAsync(), CancellationToken.None);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SchemaLoader.LoadAsync(
            database, [Loading.Text("CREATE TABLE t (id int); DO $$ BEGIN PERFORM pg_sleep(60); END $$; CREATE TABLE u (id int);")], stop.Token));

        await database.DisposeAsync();
        Assert.False(await Loading.ExistsAsync(database.Name));
    }

    [Fact]
    public async Task Settings_and_lines_of_pg_dump_are_understood()
    {
        var load = await Loading.LoadAsync(
            async database => Assert.Equal(["s.t", "s.t_id_seq"], await database.ListAsync(
                "SELECT relnamespace::regnamespace || '.' || relname FROM pg_class WHERE relnamespace::regnamespace::text = 's' ORDER BY 1")),
            """
            --
            -- PostgreSQL database dump
            --
            \restrict AbC123
            SET statement_timeout = 0;
            SET lock_timeout = 0;
            SET idle_in_transaction_session_timeout = 0;
            SET transaction_timeout = 0;
            SET client_encoding = 'UTF8';
            SET standard_conforming_strings = on;
            SELECT pg_catalog.set_config('search_path', '', false);
            SET check_function_bodies = false;
            SET xmloption = content;
            SET client_min_messages = warning;
            SET row_security = off;
            CREATE SCHEMA s;
            ALTER SCHEMA s OWNER TO postgres;
            SET default_tablespace = '';
            SET default_table_access_method = heap;
            CREATE TABLE s.t (id integer NOT NULL);
            ALTER TABLE s.t OWNER TO postgres;
            COMMENT ON TABLE s.t IS 'x';
            CREATE SEQUENCE s.t_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
            ALTER SEQUENCE s.t_id_seq OWNED BY s.t.id;
            COPY s.t (id) FROM stdin;
            1
            \.
            SELECT pg_catalog.setval('s.t_id_seq', 1, true);
            GRANT SELECT ON TABLE s.t TO pg_monitor;
            \unrestrict AbC123
            """);

        Assert.Equal([ErrorCodes.SchemaRowsIgnored], load.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public async Task A_failed_change_of_a_shared_catalog_is_not_laid_on_the_statement_behind_it()
    {
        var error = await Loading.RefusedAsync(
            "CREATE TABLE t (id int);\nDO $$ BEGIN EXECUTE 'CREATE RO' || 'LE pgmigrate_made_by_do'; RAISE EXCEPTION 'no'; END $$;\nCREATE TABLE u (id int);\nCREATE TABLE v (id int);");

        Assert.Equal((ErrorCodes.SchemaLoadFailed, 2), (error.Code, Assert.Single(error.Problems).Line!.Value));
    }

    [Fact]
    public async Task Extensions_come_in_the_version_of_the_database_that_counts()
    {
        await using var like = await TestDatabase.CreateAsync();
        if ((await like.ListAsync("SELECT 1 FROM pg_available_extension_versions WHERE name = 'hstore' AND version = '1.7'")).Count == 0)
        {
            return; // a server without the contrib modules
        }

        await like.ExecuteAsync("CREATE EXTENSION hstore VERSION '1.7'");
        await using var database = await ScratchDatabase.CreateAsync(await Loading.ServerAsync(like), CancellationToken.None);

        await SchemaLoader.LoadAsync(
            database, [Loading.Text("CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public; -- as there")], CancellationToken.None);

        Assert.Equal(["1.7"], await database.ListAsync("SELECT extversion FROM pg_extension WHERE extname = 'hstore'"));
    }

    private static async Task<SchemaLoad> LoadFolderAsync(Func<ScratchDatabase, Task> look, IEnumerable<SqlSource> texts)
    {
        await using var database = await ScratchDatabase.CreateAsync(await Loading.ServerAsync(), CancellationToken.None);
        var load = await SchemaLoader.LoadAsync(database, [.. texts], CancellationToken.None);
        await look(database);
        return load;
    }
}
