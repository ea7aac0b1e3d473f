using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>Renames that are asked for become ALTER … RENAME, and nothing is dropped and created.</summary>
public class RenameTests
{
    private const string Long = "a_table_with_a_name_that_is_nearly_as_long_as_a_name_can_be";

    public static TheoryData<string, string, string, string> Cases => new()
    {
        { "column", "CREATE TABLE t (mail text NOT NULL UNIQUE CHECK (mail <> '')); CREATE INDEX ON t (mail)",
            "CREATE TABLE t (email text NOT NULL UNIQUE CHECK (email <> '')); CREATE INDEX ON t (email)",
            "public.t.mail=public.t.email" },
        { "column, the new name alone", "CREATE TABLE t (a int)", "CREATE TABLE t (b int)", "t.a=b" },
        { "table", "CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE, b int REFERENCES t (a)); CREATE STATISTICS t_a_b_stat ON a, b FROM t",
            "CREATE TABLE u (id serial PRIMARY KEY, a int UNIQUE, b int REFERENCES u (a)); CREATE STATISTICS u_a_b_stat ON a, b FROM u",
            "public.t=public.u" },
        { "table with an identity column", "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY)",
            "CREATE TABLE \"T.x\" (id int GENERATED ALWAYS AS IDENTITY)", "t=\"T.x\"" },
        { "table and its column", "CREATE TABLE t (a int UNIQUE)", "CREATE TABLE u (b int UNIQUE)", "t=u;t.a=u.b" },
        { "schema, table and column", "CREATE SCHEMA s; CREATE TABLE s.t (a int PRIMARY KEY)",
            "CREATE SCHEMA r; CREATE TABLE r.u (b int PRIMARY KEY)", "s=r;s.t=r.u;s.t.a=r.u.b" },
        { "schema", "CREATE SCHEMA s; CREATE TABLE s.t (a serial); CREATE TYPE s.m AS ENUM ('x')",
            "CREATE SCHEMA r; CREATE TABLE r.t (a serial); CREATE TYPE r.m AS ENUM ('x')", "s=r" },
        { "swapped columns", "CREATE TABLE t (a int, b text)", "CREATE TABLE t (b int, a text)", "t.a=t.b;t.b=t.a" },
        { "swapped tables", "CREATE TABLE a (x int PRIMARY KEY); CREATE TABLE b (y text PRIMARY KEY)",
            "CREATE TABLE b (x int PRIMARY KEY); CREATE TABLE a (y text PRIMARY KEY)", "a=b;b=a" },
        { "chain", "CREATE TABLE t (a int, b text)", "CREATE TABLE t (b int, c text)", "t.a=t.b;t.b=t.c" },
        { "long names", $"CREATE TABLE {Long} (a_long_name_of_a_column int UNIQUE, c int)",
            $"CREATE TABLE {Long} (another_long_name_of_a_column int UNIQUE, c int)",
            $"public.{Long}.a_long_name_of_a_column=another_long_name_of_a_column" },
        { "view and its column", "CREATE VIEW v AS SELECT 1 AS a", "CREATE VIEW w AS SELECT 1 AS b", "v=w;v.a=w.b" },
        { "materialized view", "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a; CREATE INDEX ON v (a)",
            "CREATE MATERIALIZED VIEW w AS SELECT 1 AS a; CREATE INDEX ON w (a)", "v=w" },
        { "column of a materialized view", "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a",
            "CREATE MATERIALIZED VIEW v AS SELECT 1 AS b", "v.a=b" },
        { "foreign table", "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE t (a int, CONSTRAINT c CHECK (a > 0)) SERVER s",
            "CREATE FOREIGN DATA WRAPPER w2; CREATE SERVER s2 FOREIGN DATA WRAPPER w2; CREATE FOREIGN TABLE u (b int, CONSTRAINT d CHECK (b > 0)) SERVER s2",
            "w=w2;s=s2;t=u;t.a=u.b;t.c=u.d" },
        { "composite type", "CREATE TYPE c AS (a int, b text); CREATE TABLE t OF c", "CREATE TYPE d AS (x int, b text); CREATE TABLE t OF d",
            "c=d;c.a=d.x" },
        { "enum and label", "CREATE TYPE m AS ENUM ('sad', 'So so'); CREATE TABLE t (m m DEFAULT 'sad')",
            "CREATE TYPE n AS ENUM ('sad', 'it''s'); CREATE TABLE t (m n DEFAULT 'sad')", "m=n;m.'So so'=n.'it''s'" },
        { "domain", "CREATE DOMAIN d AS int CONSTRAINT c CHECK (VALUE > 0)", "CREATE DOMAIN e AS int CONSTRAINT k CHECK (VALUE > 0)",
            "d=e;d.c=e.k" },
        { "functions", "CREATE TYPE m AS ENUM ('a'); CREATE FUNCTION f(m) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 2'",
            "CREATE TYPE n AS ENUM ('a'); CREATE FUNCTION g(n) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 2'",
            "m=n;public.f(public.m)=public.g" },
        { "procedure and aggregate", "CREATE PROCEDURE p(int) LANGUAGE sql AS ''; CREATE AGGREGATE a(int) (SFUNC = int4pl, STYPE = int)",
            "CREATE PROCEDURE q(int) LANGUAGE sql AS ''; CREATE AGGREGATE b(int) (SFUNC = int4pl, STYPE = int)", "p=q;a=b" },
        { "parts of a table", "CREATE TABLE t (a int, CONSTRAINT k UNIQUE (a)); CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger(); CREATE RULE r AS ON DELETE TO t DO ALSO NOTIFY x; CREATE POLICY p ON t USING (true)",
            "CREATE TABLE t (a int, CONSTRAINT l UNIQUE (a)); CREATE TRIGGER h BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger(); CREATE RULE s AS ON DELETE TO t DO ALSO NOTIFY x; CREATE POLICY q ON t USING (true)",
            "public.t.k=public.t.l;public.t.g=h;public.t.r=s;public.t.p=q" },
        { "constraint, index and sequence exchange names", "CREATE TABLE t (a int, b int, CONSTRAINT k UNIQUE (a)); CREATE INDEX i ON t (b); CREATE SEQUENCE s",
            "CREATE TABLE t (a int, b int, CONSTRAINT i UNIQUE (a)); CREATE INDEX s ON t (b); CREATE SEQUENCE k", "t.k=i;public.i=public.s;public.s=public.k" },
        { "other kinds", "CREATE STATISTICS x ON a, b FROM t; CREATE TABLE t (a int, b int); CREATE COLLATION c FROM \"C\"; CREATE TEXT SEARCH CONFIGURATION f (COPY = simple); CREATE PUBLICATION p; CREATE OPERATOR FAMILY o USING btree; CREATE CONVERSION v FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
            "CREATE STATISTICS x2 ON a, b FROM t; CREATE TABLE t (a int, b int); CREATE COLLATION c2 FROM \"C\"; CREATE TEXT SEARCH CONFIGURATION f2 (COPY = simple); CREATE PUBLICATION p2; CREATE OPERATOR FAMILY o2 USING btree; CREATE CONVERSION v2 FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
            "x=x2;c=c2;f=f2;p=p2;o=o2;v=v2" },
        { "move to a schema", "CREATE SCHEMA s; CREATE TABLE t (id serial PRIMARY KEY); CREATE TYPE m AS ENUM ('a')",
            "CREATE SCHEMA s; CREATE TABLE s.t (id serial PRIMARY KEY); CREATE TYPE s.m AS ENUM ('a')", "public.t=s.t;public.m=s.m" },
        { "move to a new schema under a new name", "CREATE TABLE t (id int PRIMARY KEY)",
            "CREATE SCHEMA s; CREATE TABLE s.u (id int PRIMARY KEY)", "public.t=s.u" },
        { "move when the old name is taken there", "CREATE SCHEMA s; CREATE TABLE t (a int); CREATE TABLE s.t (b text)",
            "CREATE SCHEMA s; CREATE TABLE s.u (a int); CREATE TABLE s.t (b text)", "public.t=s.u" },
        { "inherited column", "CREATE TABLE p (a int CHECK (a > 0)); CREATE TABLE c (UNIQUE (a)) INHERITS (p)",
            "CREATE TABLE p (b int CHECK (b > 0)); CREATE TABLE c (UNIQUE (b)) INHERITS (p)", "p.a=p.b" },
        { "column of a partitioned table", "CREATE TABLE p (a int PRIMARY KEY, x int) PARTITION BY RANGE (a); CREATE TABLE q PARTITION OF p DEFAULT; CREATE INDEX ON p (x)",
            "CREATE TABLE p (a int PRIMARY KEY, y int) PARTITION BY RANGE (a); CREATE TABLE q PARTITION OF p DEFAULT; CREATE INDEX ON p (y)", "p.x=p.y" },
        { "kind in front", "CREATE TABLE t (a int, CONSTRAINT a CHECK (true))", "CREATE TABLE t (a int, CONSTRAINT b CHECK (true))",
            "constraint public.t.a=b" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Only_renames_are_written(string situation, string current, string desired, string renames)
    {
        Assert.NotEmpty(situation);
        var draft = await Drafting.DraftAsync(current, desired, Pairs(renames));

        Assert.NotEmpty(draft.Up);
        Assert.All(draft.Up.Concat(draft.Down), s => Assert.Matches(@" RENAME | SET SCHEMA |^CREATE SCHEMA |^DROP SCHEMA ", s));
        Assert.Empty(draft.Warnings);
    }

    [PostgresFact(14)]
    public Task A_range_type_keeps_a_multirange_type_that_has_its_own_name() => Only_renames_are_written(
        "range type",
        "CREATE TYPE r AS RANGE (SUBTYPE = int)",
        "CREATE TYPE q AS RANGE (SUBTYPE = int, MULTIRANGE_TYPE_NAME = r_multirange)",
        "r=q");

    [Fact]
    public async Task The_other_changes_follow_the_renames()
    {
        var draft = await Drafting.DraftAsync(
            "CREATE TABLE t (id serial PRIMARY KEY, mail varchar(10)); CREATE VIEW v AS SELECT mail FROM t",
            "CREATE TABLE u (id serial PRIMARY KEY, email text NOT NULL, n int); CREATE VIEW v AS SELECT email FROM u",
            ("t", "u"),
            ("t.mail", "u.email"));

        Assert.Equal("ALTER TABLE public.t RENAME COLUMN mail TO email", draft.Up[0]);
        Assert.Equal("ALTER TABLE public.t RENAME TO u", draft.Up[1]);
        Assert.Equal("ALTER TABLE public.t RENAME COLUMN email TO mail", draft.Down[^1]);
        Assert.DoesNotContain(draft.Up, s => s.Contains("DROP COLUMN", StringComparison.Ordinal));
        var rename = draft.Files[0].Changes[0];
        Assert.Equal(
            ("Rename", "column", "public.u.email", "was public.t.mail"), (rename.Action, rename.Kind, rename.Name, rename.Detail));
    }

    [Theory]
    [InlineData("CREATE TABLE t (a int, b int)", "CREATE TABLE t (a int, c int)", "t.x", "t.c", ErrorCodes.SchemaRenameNotFound, "current schema has no t.x")]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int)", "t.x", "t.a", ErrorCodes.SchemaRenameNotFound, "has been applied")]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (b int)", "t.a", "t.c", ErrorCodes.SchemaRenameNotFound, "desired schema has no column t.c")]
    [InlineData("CREATE TABLE t (a int)", "CREATE VIEW v AS SELECT 1 AS a", "t", "v", ErrorCodes.SchemaRenameNotFound, "is a view")]
    [InlineData("CREATE TABLE t (a int, b int)", "CREATE TABLE t (b int)", "t.a", "t.b", ErrorCodes.SchemaRenameConflict, "has public.t.a and public.t.b")]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE u (b int)", "t.a", "u.b", ErrorCodes.SchemaRenameInvalid, "stays in its table")]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int)", "t", "t", ErrorCodes.SchemaRenameInvalid, "the same")]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (b int)", "t.a.b.c", "t.b", ErrorCodes.SchemaRenameInvalid, "no name")]
    [InlineData("CREATE TABLE t (a int, CONSTRAINT a CHECK (true))", "CREATE TABLE t (b int)", "t.a", "t.b", ErrorCodes.SchemaRenameAmbiguous, "'column public.t.a'")]
    [InlineData("CREATE SCHEMA s; CREATE SCHEMA r; CREATE TABLE s.t (a int); CREATE TABLE r.t (a int)", "CREATE SCHEMA s; CREATE SCHEMA r; CREATE TABLE s.u (a int)", "t", "u", ErrorCodes.SchemaRenameAmbiguous, "r.t or s.t")]
    [InlineData("CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "f", "g", ErrorCodes.SchemaRenameAmbiguous, "public.f(integer)")]
    [InlineData("CREATE TABLE p (a int); CREATE TABLE c () INHERITS (p)", "CREATE TABLE p (b int); CREATE TABLE c () INHERITS (p)", "c.a", "c.b", ErrorCodes.SchemaRenameInvalid, "Rename it there")]
    [InlineData("CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY)", "CREATE TABLE u (a int GENERATED ALWAYS AS IDENTITY)", "public.t_a_seq", "public.u_a_seq", ErrorCodes.SchemaRenameInvalid, "identity column public.t.a")]
    [InlineData("CREATE TABLE t (a int)", "CREATE SCHEMA s", "public", "s", ErrorCodes.SchemaRenameInvalid, "tracking table")]
    public async Task A_rename_that_cannot_be_followed_is_refused(
        string current, string desired, string from, string to, string code, string part)
    {
        var error = await Assert.ThrowsAsync<PlanBlockedException>(() => Drafting.DraftAsync(current, desired, (from, to)));

        Assert.Equal(code, error.Code);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_renames_of_one_object_are_refused()
    {
        var error = await Assert.ThrowsAsync<PlanBlockedException>(() => Drafting.DraftAsync(
            "CREATE TABLE t (a int)", "CREATE TABLE t (b int, c int)", ("t.a", "t.b"), ("public.t.a", "t.c")));

        Assert.Equal(ErrorCodes.SchemaRenameConflict, error.Code);
    }

    [Theory]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (b int)", "'public.t.a' = 'public.t.b'")]
    [InlineData("CREATE TABLE t (\"A\" int, b text)", "CREATE TABLE t (c int, b text)", "'public.t.\"A\"' = 'public.t.c'")]
    [InlineData("CREATE TABLE t (a int, b text)", "CREATE TABLE u (a int, b text)", "'public.t' = 'public.u'")]
    [InlineData("CREATE TYPE m AS ENUM ('a')", "CREATE TYPE n AS ENUM ('a')", "'public.m' = 'public.n'")]
    [InlineData("CREATE TABLE t (a int); CREATE INDEX i ON t (a)", "CREATE TABLE t (a int); CREATE INDEX j ON t (a)", "'public.i' = 'public.j'")]
    [InlineData("CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "'public.f(integer)' = 'public.g(integer)'")]
    [InlineData("CREATE SCHEMA s; CREATE TABLE s.t (a int)", "CREATE SCHEMA r; CREATE TABLE r.t (a int)", "'s' = 'r'")]
    public async Task What_looks_like_a_rename_is_a_warning_whose_argument_works(string current, string desired, string argument)
    {
        var draft = await Drafting.DraftAsync(current, desired);
        var warning = Assert.Single(draft.Warnings);
        Assert.Equal((ErrorCodes.SchemaRenameLikely, "Warning"), (warning.Code, warning.Severity));
        Assert.Contains(argument, warning.Message, StringComparison.Ordinal);

        var names = argument.Split(" = ");
        var followed = await Drafting.DraftAsync(current, desired, (names[0].Trim('\''), names[1].Trim('\'')));
        Assert.Empty(followed.Warnings);
        Assert.All(followed.Up, s => Assert.Contains(" RENAME ", s, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (b text)")]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE u (a int, b int)")]
    [InlineData("CREATE TYPE m AS ENUM ('a')", "CREATE TYPE n AS ENUM ('b')")]
    public async Task Other_pairs_of_a_drop_and_a_create_are_no_warning(string current, string desired) =>
        Assert.Empty((await Drafting.DraftAsync(current, desired)).Warnings);

    [PostgresFact(18)]
    public async Task The_names_of_not_null_constraints_follow()
    {
        var draft = await Drafting.DraftAsync(
            "CREATE TABLE t (mail text NOT NULL)", "CREATE TABLE t (email text NOT NULL)", ("t.mail", "t.email"));

        Assert.Contains("ALTER TABLE public.t RENAME CONSTRAINT t_mail_not_null TO t_email_not_null", draft.Up);
    }

    private static (string From, string To)[] Pairs(string renames) =>
        [.. renames.Split(';').Select(r => r.Split('=')).Select(r => (r[0], r[1]))];
}
