using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>Forms that lock tables briefly, in files that one transaction each can hold, or none.</summary>
public class OnlineTests
{
    private const string Parent = "CREATE TABLE p (id int PRIMARY KEY);";

    public static TheoryData<string, string, string, string[]> Cases => new()
    {
        { "an index", "CREATE TABLE t (a int)", "CREATE TABLE t (a int); CREATE INDEX i ON t (a)",
            ["indexes: CREATE INDEX CONCURRENTLY i ON public.t USING btree (a)"] },
        { "a dropped index", "CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a)", "CREATE TABLE t (a int)",
            ["indexes: DROP INDEX CONCURRENTLY public.i"] },
        { "an index in another form", "CREATE TABLE t (a int, b int); CREATE INDEX i ON t (a)",
            "CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX i ON t (b); COMMENT ON INDEX i IS 'x'",
            [
                "indexes: CREATE UNIQUE INDEX CONCURRENTLY \"i__new\" ON public.t USING btree (b)",
                "indexes: DROP INDEX CONCURRENTLY public.i",
                "indexes: ALTER INDEX public.\"i__new\" RENAME TO i",
                "indexes: COMMENT ON INDEX public.i IS 'x'",
            ] },
        { "an index of a new column", "CREATE TABLE t (a int)", "CREATE TABLE t (a int, b int); CREATE INDEX i ON t (b)",
            ["main: ALTER TABLE public.t ADD COLUMN b integer", "indexes: CREATE INDEX CONCURRENTLY i ON public.t USING btree (b)"] },
        { "an index of a new table", "", "CREATE TABLE t (a int); CREATE INDEX i ON t (a)",
            ["main: CREATE TABLE public.t (\n    a integer\n)", "main: CREATE INDEX i ON public.t USING btree (a)"] },
        { "an index of a materialized view", "CREATE MATERIALIZED VIEW t AS SELECT 1 AS a", "CREATE MATERIALIZED VIEW t AS SELECT 1 AS a; CREATE INDEX i ON t (a)",
            ["indexes: CREATE INDEX CONCURRENTLY i ON public.t USING btree (a)"] },
        { "a check", "CREATE TABLE t (a int)", "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0))",
            ["main: ALTER TABLE public.t ADD CONSTRAINT c CHECK ((a > 0)) NOT VALID", "validate: ALTER TABLE public.t VALIDATE CONSTRAINT c"] },
        { "a foreign key", Parent + "CREATE TABLE t (a int)", Parent + "CREATE TABLE t (a int CONSTRAINT f REFERENCES p)",
            [
                "main: ALTER TABLE public.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES public.p(id) NOT VALID",
                "validate: ALTER TABLE public.t VALIDATE CONSTRAINT f",
            ] },
        { "NOT NULL", "CREATE TABLE t (a int)", "CREATE TABLE t (a int NOT NULL)",
            [
                "main: ALTER TABLE public.t ADD CONSTRAINT \"a__not_null\" CHECK (a IS NOT NULL) NOT VALID",
                "validate: ALTER TABLE public.t VALIDATE CONSTRAINT \"a__not_null\"",
                "validate: ALTER TABLE public.t ALTER COLUMN a SET NOT NULL",
                "validate: ALTER TABLE public.t DROP CONSTRAINT \"a__not_null\"",
            ] },
        { "a unique constraint", "CREATE TABLE t (a int, b int)", "CREATE TABLE t (a int, b int, CONSTRAINT u UNIQUE (a) INCLUDE (b) DEFERRABLE INITIALLY DEFERRED)",
            [
                "indexes: CREATE UNIQUE INDEX CONCURRENTLY u ON public.t (a) INCLUDE (b)",
                "indexes: ALTER TABLE public.t ADD CONSTRAINT u UNIQUE USING INDEX u DEFERRABLE INITIALLY DEFERRED",
            ] },
        { "a primary key", "CREATE TABLE t (a int)", "CREATE TABLE t (a int, CONSTRAINT k PRIMARY KEY (a))",
            [
                "main: ALTER TABLE public.t ADD CONSTRAINT \"a__not_null\" CHECK (a IS NOT NULL) NOT VALID",
                "validate: ALTER TABLE public.t VALIDATE CONSTRAINT \"a__not_null\"",
                "validate: ALTER TABLE public.t ALTER COLUMN a SET NOT NULL",
                "validate: ALTER TABLE public.t DROP CONSTRAINT \"a__not_null\"",
                "indexes: CREATE UNIQUE INDEX CONCURRENTLY k ON public.t (a)",
                "indexes: ALTER TABLE public.t ADD CONSTRAINT k PRIMARY KEY USING INDEX k",
            ] },
        { "constraints of a new table", Parent, Parent + "CREATE TABLE t (a int PRIMARY KEY CONSTRAINT f REFERENCES p)",
            [
                "main: CREATE TABLE public.t (\n    a integer NOT NULL,\n    CONSTRAINT t_pkey PRIMARY KEY (a)\n)",
                "main: ALTER TABLE public.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES public.p(id)",
            ] },
        { "an index of a column that goes", "CREATE TABLE t (a int, b int); CREATE INDEX i ON t (b)", "CREATE TABLE t (a int)",
            ["main: DROP INDEX public.i", "main: ALTER TABLE public.t DROP COLUMN b"] },
        { "a new type", "CREATE TABLE t (a int)", "CREATE TABLE t (a bigint)",
            ["main: ALTER TABLE public.t ALTER COLUMN a TYPE bigint USING a::bigint", "main: ANALYZE public.t (a)"] },
        { "a label, its use and an index", "CREATE TYPE m AS ENUM ('a'); CREATE TABLE t (m m)",
            "CREATE TYPE m AS ENUM ('a', 'b'); CREATE TABLE t (m m DEFAULT 'b'); CREATE INDEX i ON t (m)",
            [
                "labels: ALTER TYPE public.m ADD VALUE 'b'",
                "main: ALTER TABLE ONLY public.t ALTER COLUMN m SET DEFAULT 'b'::public.m",
                "indexes: CREATE INDEX CONCURRENTLY i ON public.t USING btree (m)",
            ] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_file_holds_what_can_run_together(string situation, string current, string desired, string[] statements)
    {
        Assert.NotEmpty(situation);
        var draft = await Drafting.DraftAsync(current, desired, online: true);

        // 18 names NOT NULL constraints; a key names the column that it makes NOT NULL.
        Assert.Equal(statements, Lines(draft));
        Assert.Empty(draft.Warnings);
        Assert.All(draft.Files, f => Assert.Equal(
            f.Up.Contains(" CONCURRENTLY ", StringComparison.Ordinal),
            f.Up.Contains("-- pgmigrate: no-transaction", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int); CREATE INDEX i ON t (a)", "DROP INDEX CONCURRENTLY public.i")]
    [InlineData("CREATE TABLE t (a int); CREATE INDEX i ON t (a)", "CREATE TABLE t (a int)", "CREATE INDEX CONCURRENTLY i ON public.t USING btree (a)")]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int CONSTRAINT u UNIQUE)", "ALTER TABLE public.t DROP CONSTRAINT u")]
    [InlineData("CREATE TABLE t (a int CONSTRAINT u UNIQUE)", "CREATE TABLE t (a int)", "ALTER TABLE public.t ADD CONSTRAINT u UNIQUE (a)")]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a bigint)", "ANALYZE public.t (a)")]
    public async Task The_way_back_ends_with(string current, string desired, string last) =>
        Assert.Equal(last, (await Drafting.DraftAsync(current, desired, online: true)).Down[^1]);

    [Theory]
    [InlineData("CREATE TABLE t (a int) PARTITION BY RANGE (a)", "CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE INDEX i ON t (a)", "index public.i", "partitioned")]
    [InlineData("CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE INDEX i ON t (a)", "CREATE TABLE t (a int) PARTITION BY RANGE (a)", "index public.i", "partitioned")]
    [InlineData("CREATE TABLE t (a int) PARTITION BY RANGE (a)", "CREATE TABLE t (a int, CONSTRAINT u UNIQUE (a)) PARTITION BY RANGE (a)", "constraint u ON public.t", "partitioned")]
    [InlineData("CREATE TABLE t (a int4range)", "CREATE TABLE t (a int4range, CONSTRAINT e EXCLUDE USING gist (a WITH &&))", "constraint e ON public.t", "exclusion")]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int CONSTRAINT u UNIQUE); CREATE TABLE r (a int REFERENCES t (a))", "constraint u ON public.t", "another change")]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY)", "column public.t.a", "NOT NULL at once")]
    public async Task What_has_no_such_form_is_plain_and_named(string current, string desired, string entry, string reason)
    {
        var draft = await Drafting.DraftAsync(current, desired, online: true);

        var warning = Assert.Single(draft.Warnings);
        Assert.Equal(ErrorCodes.SchemaOnlineNotPossible, warning.Code);
        Assert.Contains(entry, warning.Message, StringComparison.Ordinal);
        Assert.Contains(reason, warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rename_and_an_index_take_two_files()
    {
        var draft = await Drafting.DraftAsync(
            "CREATE TABLE t (a int)", "CREATE TABLE t (b int); CREATE INDEX i ON t (b)", online: true, ("t.a", "t.b"));

        Assert.Equal(
            ["main: ALTER TABLE public.t RENAME COLUMN a TO b", "indexes: CREATE INDEX CONCURRENTLY i ON public.t USING btree (b)"],
            Lines(draft));
    }

    [Theory]
    [InlineData("CREATE TABLE t (a varchar(10))", "CREATE TABLE t (a text)")]
    [InlineData("CREATE TYPE m AS ENUM ('a', 'b'); CREATE TABLE t (a m)", "CREATE TYPE m AS ENUM ('b', 'a'); CREATE TABLE t (a m)")]
    [InlineData("CREATE TABLE t (a text COLLATE \"C\")", "CREATE TABLE t (a text)")]
    public async Task A_column_that_changes_its_type_is_analyzed_again_both_ways(string current, string desired)
    {
        var draft = await Drafting.DraftAsync(current, desired);

        Assert.Contains("ANALYZE public.t (a)", draft.Up);
        Assert.Contains("ANALYZE public.t (a)", draft.Down);
    }

    [Theory]
    [InlineData("CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE u PARTITION OF t DEFAULT")]
    [InlineData("CREATE TABLE t (a int); CREATE TABLE q () INHERITS (t)")]
    [InlineData("CREATE TABLE t (a int); CREATE TABLE q (a int) INHERITS (t)")]
    public async Task Not_null_of_a_parent_is_that_of_its_children(string current)
    {
        var draft = await Drafting.DraftAsync(
            current, current.Replace("t (a int)", "t (a int NOT NULL)", StringComparison.Ordinal), online: true);

        Assert.Single(draft.Up, s => s.Contains(" VALIDATE CONSTRAINT ", StringComparison.Ordinal));
        Assert.Empty(draft.Warnings);
    }

    [Theory]
    [InlineData("CREATE TABLE t (a int); CREATE TABLE q () INHERITS (t)", "; ALTER TABLE q ALTER a SET NOT NULL")]
    [InlineData("CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE q PARTITION OF t DEFAULT", "; ALTER TABLE q ALTER a SET NOT NULL")]
    [InlineData("CREATE TABLE t (a int); CREATE TABLE q (a int) INHERITS (t)", "; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)")]
    [InlineData("CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE q PARTITION OF t DEFAULT", "; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)")]
    [InlineData("CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE q PARTITION OF t DEFAULT", "; CREATE INDEX i ON q (a)")]
    public async Task A_change_of_tables_that_inherit_is_proved(string current, string change)
    {
        var draft = await Drafting.DraftAsync(current, current + change, online: true);

        Assert.NotEmpty(draft.Files);
        Assert.Empty(draft.Warnings);
    }

    [PostgresFact(15)]
    public async Task Nulls_not_distinct_is_kept() => Assert.Equal(
        "indexes: CREATE UNIQUE INDEX CONCURRENTLY u ON public.t (a) NULLS NOT DISTINCT",
        Lines(await Drafting.DraftAsync(
            "CREATE TABLE t (a int)", "CREATE TABLE t (a int, CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a))", online: true))[0]);

    private static List<string> Lines(Drafted draft) =>
    [
        .. draft.Files.SelectMany(f => Drafting.Statements(f.Up).Select(s => (f.Suffix.Length > 0 ? f.Suffix
            : f.Up.Contains("no-transaction", StringComparison.Ordinal) ? "indexes" : "main") + ": " + s)),
    ];
}
