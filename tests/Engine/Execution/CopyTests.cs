using System.Globalization;
using System.Text;
using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class CopyTests
{
    private const string Table = "CREATE TABLE t (id int PRIMARY KEY, name text);\n";

    [Theory]
    [InlineData("COPY t FROM STDIN;\n1\ta\n2\t\\N\n\\.\n", 2)]
    [InlineData("COPY t (id, name) FROM stdin WITH (FORMAT csv, HEADER);\nid,name\n1,\"a\nb\"\n2,\"c\"\"d\"\n\\.\n", 2)]
    [InlineData("COPY t FROM STDIN CSV QUOTE '''';\n1,'a\nb'\n\\.\n", 1)]
    [InlineData("COPY t FROM STDIN;\n1\ta\\\nb\n2\tgröße 🐘\n\\.\nSELECT count(*) FROM t;\n", 2)]
    [InlineData("COPY t FROM STDIN;\n\\.\n", 0)]
    [InlineData("COPY t FROM STDIN;\n1\ta", 1)]
    [InlineData("COPY t FROM STDIN;", 0)]
    [InlineData("COPY t FROM STDIN;\r\n1\ta\r\n2\tb\r\n\\.\r\n", 2)]
    [InlineData("COPY t FROM STDIN;\n1\t{{schema}} :x {{vars.none}}\n\\.\n", 1)]
    public async Task Rows_are_stored_and_counted(string sql, int rows)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Table + sql));

        var result = Assert.Single(await box.ApplyAllAsync());

        Assert.Equal(rows, result.RowsAffected);
        Assert.Equal(rows, await box.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5_000)] // read part by part
    public async Task Large_objects_of_a_dump_are_written_completely(int more)
    {
        // As pg_dump writes them: the transaction around the calls keeps the descriptor.
        var sql = new StringBuilder("SET statement_timeout = 0;\nSELECT pg_catalog.lo_create('16385');\n"
            + "SELECT pg_catalog.lo_create('16386');\n");
        foreach (var id in new[] { 16385, 16386 })
        {
            sql.Append($"BEGIN;\n\nSELECT pg_catalog.lo_open('{id}', 131072);\nSELECT pg_catalog.lowrite(0, '\\x6162');\n");
            sql.Insert(sql.Length, $"SELECT pg_catalog.lowrite(0, '\\x{new string('3', 1000)}');\n", more);
            sql.Append("SELECT pg_catalog.lowrite(0, '\\x63');\nSELECT pg_catalog.lo_close(0);\n\nCOMMIT;\n");
        }

        await using var box = await Sandbox.CreateAsync(("001_a.sql", sql.ToString()));

        await box.ApplyAllAsync();

        var expected = (3 + (500 * more)).ToString(CultureInfo.InvariantCulture);
        Assert.Equal(
            [expected, expected],
            await box.Database.ListAsync("SELECT length(lo_get(oid))::text FROM pg_largeobject_metadata ORDER BY oid"));
    }

    [Fact]
    public async Task Copies_and_statements_keep_their_order_in_one_transaction()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Table + """
            INSERT INTO t VALUES (1, 'first');
            COPY t FROM STDIN;
            2	second
            \.
            UPDATE t SET name = name || '!' WHERE id = 2;
            COPY t FROM STDIN;
            3	third
            \.
            """));

        var result = Assert.Single(await box.ApplyAllAsync());

        Assert.Equal(4, result.RowsAffected);
        Assert.Equal(
            ["first", "second!", "third"], await box.Database.ListAsync("SELECT name FROM t ORDER BY id"));
        Assert.Equal(1, await box.Database.ScalarAsync<long>(
            "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM t WHERE id <> 2 UNION SELECT xmin "
                + "FROM schema_migrations) x"));
    }

    [Theory]
    [InlineData("COPY t FROM STDIN;\n1\ta\n2\tb\n1\tc\n\\.\n", "23505", 4, "1\tc")]
    [InlineData("COPY t FROM STDIN;\n1\ta\nx\tb\n\\.\n", "22P02", 3, "x\tb")]
    [InlineData("COPY t FROM STDIN CSV HEADER;\nid,name\n1,\"a\nb\"\nx,c\n\\.\n", "22P02", 5, "x,c")]
    [InlineData("COPY t FROM STDIN;\n1\ta\n2\n\\.\nSELECT 1;\n", "22P04", 3, "2")]
    public async Task An_error_in_the_rows_names_their_line(string sql, string sqlState, int line, string text)
    {
        await using var box = await Sandbox.CreateAsync(("001_t.sql", Table), ("002_rows.sql", sql));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal((sqlState, line, (int?)null, text), (error.SqlState, error.Line, error.Column, error.LineText));
        Assert.StartsWith($"002_rows.sql:{line}: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(["1"], await box.RecordedAsync());
        Assert.Equal(0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_copy_that_the_server_rejects_is_an_error_of_its_statement()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;\n COPY nowhere FROM STDIN;\n1\n\\.\n"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal(("42P01", 2, 2, 2), (error.SqlState, error.Line, error.Column, error.StatementNumber));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    public async Task A_result_without_a_binary_format_does_not_lose_the_rows()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", Table + "SELECT relacl FROM pg_class;\nCOPY t FROM STDIN;\n1\ta\n\\.\n"));

        Assert.Equal(1, Assert.Single(await box.ApplyAllAsync()).RowsAffected);
    }

    [Fact]
    public async Task A_dump_with_guards_and_an_empty_search_path_runs_and_leaves_no_setting()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_dump.sql", """
                \restrict abc123
                SET statement_timeout = 0;
                SELECT pg_catalog.set_config('search_path', '', false);
                CREATE TABLE public.d (a int);
                COPY public.d (a) FROM stdin;
                7
                \.
                \unrestrict abc123
                """),
            ("002_after.sql", "INSERT INTO d VALUES (8);"));

        await box.ApplyAllAsync();

        Assert.Equal(15, await box.Database.ScalarAsync<long>("SELECT sum(a) FROM d"));
    }

    [RealDataFact]
    public async Task Pagila_applies_with_its_data()
    {
        await using var box = await Sandbox.CreateAsync();
        foreach (var (name, file) in new[] { ("001_schema.sql", "pagila-schema.sql"), ("002_data.sql", "pagila-data.sql") })
        {
            box.Folder.Write(name, await File.ReadAllBytesAsync(Path.Combine(RealData.Folder!, "pagila-3.1.0", file)));
        }

        var results = await box.ApplyAllAsync();

        Assert.Equal("354e54b51b4bf5c624a557d5bcb2900e", await box.Database.ScalarAsync<string>(ColumnsMd5));
        Assert.Equal(16049, await box.Database.ScalarAsync<long>("SELECT count(*) FROM public.rental") + 5);
        Assert.True(results[1].RowsAffected > 40_000);
    }

    private const string ColumnsMd5 = """
        SELECT md5(string_agg(concat_ws(',', table_schema, table_name, column_name, data_type, is_nullable,
                                        column_default), ';' ORDER BY table_schema, table_name, column_name))
          FROM information_schema.columns
         WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_name NOT LIKE 'schema\_migrations%'
        """;
}
