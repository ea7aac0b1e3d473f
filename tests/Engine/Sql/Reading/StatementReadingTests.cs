using PgMigrate.Sql;
using PgMigrate.Sql.Reading;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Sql.Reading;

/// <summary>What a statement is for a transaction and a session.</summary>
public class StatementReadingTests
{
    [Theory]
    [InlineData("DO $$BEGIN COMMIT; END$$", true)]
    [InlineData("call p()", true)]
    [InlineData("VACUUM t", true)]
    [InlineData("CREATE INDEX i ON t (a)", false)]
    [InlineData("\"do\"", false)]
    public void A_statement_that_must_run_outside_a_transaction_is_recognised(string sql, bool expected) =>
        Assert.Equal(expected, new StatementReading(sql).NeedsNoTransaction);

    [Theory]
    [InlineData("LOCK TABLE t", true)]
    [InlineData("savepoint a", true)]
    [InlineData("RELEASE a", true)]
    [InlineData("ROLLBACK TO a", true)]
    [InlineData("ROLLBACK", false)] // is a transaction command
    [InlineData("SELECT 1", false)]
    public void A_statement_that_needs_a_transaction_is_recognised(string sql, bool expected) =>
        Assert.Equal(expected, new StatementReading(sql).NeedsTransaction);

    [Theory]
    [InlineData("", true)]
    [InlineData(" -- a\n/* b */ ;", true)]
    [InlineData("SELECT 1", false)]
    public void Blanks_and_comments_are_not_a_statement(string sql, bool expected) =>
        Assert.Equal(expected, new StatementReading(sql).IsEmpty);

    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (a)", true)]
    [InlineData("REINDEX (CONCURRENTLY) TABLE t", true)]
    [InlineData("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", true)]
    [InlineData("REFRESH MATERIALIZED VIEW CONCURRENTLY v", false)] // runs in a transaction
    [InlineData("VACUUM", false)]
    public void A_concurrent_build_is_recognised(string sql, bool expected) =>
        Assert.Equal(expected, new StatementReading(sql).IsConcurrent);

    [Theory]
    [InlineData("SET TRANSACTION READ ONLY", true)]
    [InlineData("set local transaction_isolation = 'serializable'", true)]
    [InlineData("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", false)]
    [InlineData("SET search_path = a", false)]
    [InlineData("SELECT set_config('transaction_isolation', 'serializable', true)", true)]
    [InlineData("select pg_catalog.set_config(E'TRANSACTION_READ_ONLY', 'on', false);", true)]
    [InlineData("SELECT 1, set_config('a.b', 'x', true), set_config('transaction_deferrable', 'on', true)", true)]
    [InlineData("SELECT set_config('default_transaction_isolation', 'serializable', false)", false)]
    [InlineData("SELECT 'set_config(''transaction_isolation'', '", false)]
    [InlineData("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$SELECT set_config('transaction_isolation', 'x', true)$$", false)]
    public void A_command_that_sets_the_options_of_its_transaction_is_recognised(string sql, bool expected) =>
        Assert.Equal(expected, new StatementReading(sql).SetsTransactionOptions);

    [Theory]
    [InlineData("SQL statement \"SET TRANSACTION READ ONLY\"\nPL/pgSQL function f() line 3 at SQL statement", true)]
    [InlineData("DO $$BEGIN EXECUTE 'set local transaction isolation level serializable'; END$$", true)]
    [InlineData("DO $a$BEGIN SET transaction_read_only = on; END$a$", true)]
    [InlineData("SQL statement \"SELECT set_config('transaction_read_only', 'on', true)\"", true)]
    [InlineData("DO $$BEGIN PERFORM set_config('transaction_isolation', 'serializable', true); END$$", true)]
    [InlineData("DO $$BEGIN PERFORM set_config('work_mem', '1MB', true); END$$", false)]
    [InlineData("SQL statement \"SET search_path = a\"", false)]
    [InlineData("DO $$BEGIN UPDATE t SET a = transaction; END$$", false)]
    [InlineData("DO $$BEGIN /* SET TRANSACTION */ NULL; END$$", false)]
    [InlineData("", false)]
    public void A_body_or_a_context_that_sets_them_is_recognised(string text, bool expected) =>
        Assert.Equal(expected, TransactionOptions.AreNamedIn(text));

    [Theory]
    [InlineData("SET LOCAL work_mem = '1MB'", true)]
    [InlineData("SET CONSTRAINTS ALL DEFERRED", true)]
    [InlineData("SELECT set_config('a', 'x', true);", true)]
    [InlineData("SELECT set_config('a', 'x', false);", false)]
    [InlineData("SELECT f(), set_config('a', 'x', true)", false)] // does more
    [InlineData("SET work_mem = '1MB'", false)]
    public void A_command_that_lasts_for_its_transaction_only_is_recognised(string sql, bool expected) =>
        Assert.Equal(expected, new StatementReading(sql).EndsWithTransaction);

    [Theory]
    [InlineData("BEGIN", "")]
    [InlineData("begin work isolation level serializable, read only;", "ISOLATION LEVEL SERIALIZABLE READ ONLY")]
    [InlineData("START TRANSACTION READ WRITE DEFERRABLE", "READ WRITE DEFERRABLE")]
    public void The_options_of_a_begin_are_compared_as_words(string sql, string expected) =>
        Assert.Equal(expected, new StatementReading(sql).BeginOptions);

    [Theory]
    [InlineData("SET search_path = a", "Setting")]
    [InlineData("SET ROLE a", "Setting")]
    [InlineData("SET LOCAL search_path = a", "None")]
    [InlineData("SET CONSTRAINTS ALL IMMEDIATE", "None")]
    [InlineData("LISTEN a", "Listen")]
    [InlineData("LOAD 'x'", "Library")]
    [InlineData("PREPARE p AS SELECT 1", "PreparedStatement")]
    [InlineData("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "Cursor")]
    [InlineData("CREATE TEMP TABLE t ()", "TemporaryObject")]
    [InlineData("CREATE LOCAL TEMPORARY TABLE t ()", "TemporaryObject")]
    [InlineData("SELECT pg_advisory_lock(1)", "AdvisoryLock")]
    [InlineData("SELECT set_config('a', 'b', false)", "Setting")]
    [InlineData("DO $$BEGIN SET a.b = 1; END$$", "Setting")]
    [InlineData("DO $$BEGIN CREATE TEMP TABLE t (); END$$", "TemporaryObject")]
    [InlineData("CREATE TABLE t (a int)", "None")]
    [InlineData("INSERT INTO t VALUES ('set ')", "None")]
    public void The_possible_leftovers_of_a_statement_are_known(string sql, string expected)
    {
        var reading = new StatementReading(sql);

        Assert.Equal(expected, reading.Session.ToString());
        Assert.Equal(expected != "None", reading.MayLeaveInSession);
    }

    [Theory]
    [InlineData("ALTER TABLE t OWNER TO a", true)]
    [InlineData("SET ROLE a", true)]
    [InlineData("SET SESSION AUTHORIZATION a", true)]
    [InlineData("CREATE SCHEMA s AUTHORIZATION a", true)]
    [InlineData("CREATE TABLE t ()", false)]
    public void A_statement_that_can_change_an_owner_is_recognised(string sql, bool expected) =>
        Assert.Equal(expected, new StatementReading(sql).MayChangeOwner);

    [Theory]
    [InlineData("ALTER TYPE s.e ADD VALUE IF NOT EXISTS 'x'", true, true)]
    [InlineData("DO $$BEGIN ALTER TYPE e ADD VALUE 'x'; END$$", false, true)]
    [InlineData("ALTER TYPE e RENAME VALUE 'x' TO 'y'", false, false)]
    [InlineData("ALTER TABLE t ADD value int", false, true)] // a superset
    public void A_new_enum_value_is_recognised(string sql, bool adds, bool mayAdd)
    {
        var reading = new StatementReading(sql);

        Assert.Equal((adds, mayAdd), (reading.AddsEnumValue, reading.MayAddEnumValue));
    }

    [Theory]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I\" ON ONLY s.t (a)", "CreateIndex \"I\" s.t")]
    [InlineData("CREATE INDEX CONCURRENTLY ON t (a)", "CreateIndex  t")]
    [InlineData("DROP INDEX CONCURRENTLY IF EXISTS s.i", "DropIndex s.i ")]
    [InlineData("ALTER TABLE IF EXISTS ONLY s.t DETACH PARTITION s.p CONCURRENTLY", "DetachPartition s.p s.t")]
    [InlineData("ALTER TABLE t ADD a int", "Unknown  ")]
    [InlineData("CREATE DATABASE d", "CreateShared d ")]
    [InlineData("DROP SUBSCRIPTION IF EXISTS s", "DropShared s ")]
    [InlineData("REINDEX (VERBOSE) INDEX CONCURRENTLY i", "Repeatable  i")]
    [InlineData("REINDEX SCHEMA s", "Repeatable  ")]
    [InlineData("VACUUM", "Repeatable  ")]
    [InlineData("ALTER SYSTEM SET a = 1", "Repeatable  ")]
    [InlineData("CALL p()", "Unknown  ")]
    public void The_object_of_a_no_transaction_statement_is_kept_as_written(string sql, string expected)
    {
        var outside = new StatementReading(sql).Outside;

        Assert.Equal(expected, $"{outside.Kind} {outside.Name} {outside.Table}");
    }

    [Theory]
    [InlineData("SET standard_conforming_strings = off", true, false)]
    [InlineData("set session standard_conforming_strings to 'off';", true, false)]
    [InlineData("SET standard_conforming_strings TO DEFAULT", false, true)]
    [InlineData("RESET ALL", false, true)]
    [InlineData("SET search_path = off", true, true)]
    public void A_change_of_standard_conforming_strings_is_followed(string sql, bool before, bool after) =>
        Assert.Equal(after, StandardStringsSetting.After(sql, before, sessionDefault: true));

    [Fact]
    public void A_part_of_a_text_is_read_where_it_is()
    {
        const string Text = "SELECT 1; DROP INDEX CONCURRENTLY s.i; SELECT 2;";
        var part = Text.AsMemory(10, 28);

        var reading = new StatementReading(part);

        Assert.Equal(StatementKind.OutsideTransaction, StatementReading.KindOf(part.Span));
        Assert.Equal(StatementKind.OutsideTransaction, reading.Kind);
        Assert.Equal("s.i", Assert.IsType<DropObject>(reading.Detail).Names[0].ToString());
    }

    [Fact]
    public void A_statement_is_read_once_and_again_when_its_text_is_another()
    {
        var statement = new SqlStatement("BEGIN", 0, 1);
        var moved = statement with { Offset = 7 };
        var changed = statement with { Text = "COMMIT" };

        Assert.Same(statement.Reading, statement.Reading);
        Assert.Equal(StatementKind.Begin, moved.Reading.Kind);
        Assert.Equal(StatementKind.Commit, changed.Reading.Kind);
        Assert.Equal(new SqlStatement("BEGIN", 0, 1), statement); // whether it was read makes no difference
    }

    [Fact]
    public void Reading_the_kind_allocates_nothing()
    {
        const string Sql = "INSERT INTO t VALUES (1)";
        const string Build = "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)";
        StatementReading.KindOf(Sql);
        StatementReading.KindOf(Build);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            StatementReading.KindOf(Sql);
            StatementReading.KindOf(Build);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [RealDataFact]
    public void Every_recorded_statement_is_read_to_its_end()
    {
        var statements = RealScriptTests.Recordings().SelectMany(recording => SqlSplitter.Split(recording.Text).Statements());

        Assert.All(statements, statement => Assert.NotNull(statement.Reading.Detail));
    }
}
