using PgMigrate.Errors;
using Xunit;

namespace PgMigrate.Tests.Scratch;

/// <summary>Objects that a text makes twice, or makes and drops.</summary>
public class RepeatedObjectTests
{
    [Theory]
    [InlineData("CREATE TABLE t (id int);", "CREATE TABLE IF NOT EXISTS t (id text);")]
    [InlineData("CREATE TABLE t (id int);", "CREATE TABLE IF NOT EXISTS public.t (id int);")]
    [InlineData("CREATE TABLE t (id int); CREATE INDEX i ON t (id);", "CREATE INDEX IF NOT EXISTS i ON t (id DESC);")]
    [InlineData("CREATE SCHEMA s;", "CREATE SCHEMA IF NOT EXISTS s AUTHORIZATION pg_monitor;")]
    [InlineData("CREATE TABLE t (id int);", "ALTER TABLE t ADD COLUMN IF NOT EXISTS id text;")]
    [InlineData("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';", "CREATE OR REPLACE FUNCTION f(a integer) RETURNS int LANGUAGE sql AS 'SELECT 2';")]
    [InlineData("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';")]
    [InlineData("CREATE VIEW v AS SELECT 1 AS a;", "CREATE OR REPLACE VIEW v AS SELECT 2 AS a;")]
    [InlineData("CREATE TABLE t (id int);", "DROP TABLE t;")]
    [InlineData("CREATE TABLE t (id int);", "DROP TABLE IF EXISTS public.t;")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "DROP FUNCTION f();")]
    [InlineData("CREATE TYPE y AS ENUM ('a');", "DROP TYPE y;")]
    public async Task A_statement_whose_order_would_decide_is_refused_by_line(string first, string second)
    {
        var error = await Loading.RefusedAsync($"{first}\n{second}");

        Assert.Equal((ErrorCodes.SchemaStatementRefused, 2), (error.Code, Assert.Single(error.Problems).Line!.Value));
    }

    [Theory]
    [InlineData("CREATE SCHEMA IF NOT EXISTS s; CREATE SCHEMA  if not exists s;")]
    [InlineData("CREATE SCHEMA IF NOT EXISTS public; CREATE EXTENSION IF NOT EXISTS plpgsql;")]
    [InlineData("CREATE TABLE IF NOT EXISTS t (id int); CREATE SCHEMA s; CREATE TABLE IF NOT EXISTS s.t (id int);")]
    [InlineData("CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE OR REPLACE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 2';")]
    [InlineData("DROP TABLE IF EXISTS t; CREATE TABLE t (id int);")]
    [InlineData("CREATE TABLE a (id int); CREATE TABLE b (id int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
        + "DROP TRIGGER IF EXISTS g ON a; CREATE TRIGGER g BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f(); "
        + "DROP TRIGGER IF EXISTS g ON b; CREATE TRIGGER g BEFORE UPDATE ON b FOR EACH ROW EXECUTE FUNCTION f();")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION f() STABLE; CREATE OR REPLACE VIEW v AS SELECT f();")]
    public async Task A_statement_that_means_the_same_in_every_order_runs(string text) => await Loading.LoadAsync(null, text);

    [Fact]
    public async Task A_drop_of_what_is_not_there_is_an_error_and_does_not_run_later()
    {
        var error = await Loading.RefusedAsync("DROP TABLE t;\nCREATE TABLE t (id int);");

        Assert.Equal((ErrorCodes.SchemaLoadFailed, 1), (error.Code, Assert.Single(error.Problems).Line!.Value));
    }
}
