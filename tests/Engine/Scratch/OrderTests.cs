using PgMigrate.Scratch;
using Xunit;

namespace PgMigrate.Tests.Scratch;

/// <summary>
/// Texts whose retries could give another schema. A second load in the order of the first runs what waited as early as
/// it can, so that the two schemas differ where the text does not say which one is meant.
/// </summary>
public class OrderTests
{
    private const string Views = "SELECT pg_get_viewdef('public.v'::regclass)";
    private const string Columns = "SELECT attname FROM pg_attribute WHERE attrelid = 'public.c'::regclass AND attnum > 0 ORDER BY attname";

    [Theory]
    [InlineData( // an overload that fits better comes later
        "CREATE VIEW v AS SELECT f(1); CREATE FUNCTION f(bigint) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(int) RETURNS text LANGUAGE sql AS $$SELECT 'a'$$;",
        "SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.refobjid = p.oid WHERE d.classid = 'pg_rewrite'::regclass")]
    [InlineData( // SELECT * and a column that comes later
        "CREATE VIEW v AS SELECT * FROM t; CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int;", Views)]
    [InlineData( // LIKE and a column that comes later
        "CREATE TABLE c (LIKE t); CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int;", Columns)]
    [InlineData( // LIKE INCLUDING ALL and an index that comes later
        "CREATE TABLE c (LIKE t INCLUDING ALL); CREATE TABLE t (a int); CREATE INDEX ON t (a);",
        "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'public.c'::regclass")]
    [InlineData( // the names of unnamed indexes
        "CREATE INDEX ON t (a DESC); CREATE TABLE t (a int); CREATE INDEX ON t (a);",
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'public.t'::regclass ORDER BY 1")]
    [InlineData( // default privileges that come behind what waited for something else
        "CREATE VIEW v AS SELECT a FROM t; CREATE TABLE t (a int); ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor;",
        "SELECT relacl FROM pg_class WHERE oid = 'public.v'::regclass")]
    [InlineData( // GRANT ON ALL comes behind what waited for something else
        "CREATE VIEW v AS SELECT a FROM t; CREATE TABLE t (a int); GRANT SELECT ON ALL TABLES IN SCHEMA public TO pg_monitor;",
        "SELECT relacl FROM pg_class WHERE oid = 'public.v'::regclass")]
    [InlineData( // a relation nearer in search_path comes later
        "CREATE SCHEMA a; SET search_path TO a, public; CREATE VIEW public.v AS SELECT * FROM t; CREATE TABLE public.t (x int); CREATE TABLE t (y int);",
        Views)]
    [InlineData( // an operator that fits better comes later
        "CREATE VIEW v AS SELECT 1 === 2 AS x; CREATE FUNCTION fb(bigint, bigint) RETURNS int LANGUAGE sql AS 'SELECT 1';"
            + "CREATE OPERATOR === (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = fb); CREATE FUNCTION fi(int, int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
            + "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = fi);",
        "SELECT o.oid::regoperator FROM pg_operator o JOIN pg_depend d ON d.refobjid = o.oid WHERE d.classid = 'pg_rewrite'::regclass")]
    public async Task Two_loads_of_an_ambiguous_text_differ(string text, string query)
    {
        var (first, second, retried) = await LoadTwiceAsync(text, query);

        Assert.True(retried);
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("CREATE VIEW v AS SELECT a FROM t; CREATE TABLE t (a int); CREATE TABLE u (b int);", Views)]
    [InlineData("CREATE TABLE c (a y); CREATE TABLE u (b int); CREATE TYPE y AS ENUM ('x');", Columns)]
    [InlineData("ALTER TABLE c ADD FOREIGN KEY (a) REFERENCES t (a); CREATE TABLE c (a int); CREATE TABLE t (a int); ALTER TABLE t ADD PRIMARY KEY (a);",
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'")]
    public async Task Two_loads_of_any_other_text_are_the_same(string text, string query)
    {
        var (first, second, retried) = await LoadTwiceAsync(text, query);

        Assert.True(retried);
        Assert.NotEmpty(first);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Between_files_default_privileges_come_first_and_grants_on_all_last()
    {
        await Loading.LoadAsync(
            async database => Assert.Equal(
                ["pg_monitor=SELECT", "pg_read_all_stats=INSERT"],
                await database.ListAsync(
                    "SELECT a.grantee::regrole || '=' || a.privilege_type FROM pg_class c, aclexplode(c.relacl) a "
                        + "WHERE c.relname = 't' AND a.grantee <> c.relowner ORDER BY 1")),
            "GRANT INSERT ON ALL TABLES IN SCHEMA s TO pg_read_all_stats;",
            "CREATE TABLE s.t (id int);",
            "CREATE SCHEMA s;",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO pg_monitor;");
    }

    private static async Task<(IReadOnlyList<string> First, IReadOnlyList<string> Second, bool Retried)> LoadTwiceAsync(
        string text, string query)
    {
        var server = await Loading.ServerAsync();
        await using var one = await ScratchDatabase.CreateAsync(server, CancellationToken.None);
        await using var two = await ScratchDatabase.CreateAsync(server, CancellationToken.None);
        var first = await SchemaLoader.LoadAsync(one, [Loading.Text(text)], CancellationToken.None);
        var second = await SchemaLoader.LoadAsync(two, [Loading.Text(text)], CancellationToken.None, first.Order);
        Assert.Equal(first.Order.Order(Places), second.Order.Order(Places));
        return (await one.ListAsync(query), await two.ListAsync(query), first.Retried);
    }

    private static Comparer<StatementPlace> Places { get; } =
        Comparer<StatementPlace>.Create((left, right) => (left.Text, left.Index).CompareTo((right.Text, right.Index)));
}
