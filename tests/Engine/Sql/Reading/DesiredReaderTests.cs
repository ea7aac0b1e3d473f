using PgMigrate.Sql.Reading;
using Xunit;

namespace PgMigrate.Tests.Sql.Reading;

/// <summary>What a statement means in a text that describes a schema.</summary>
public class DesiredReaderTests
{
    [Theory]
    [InlineData("CREATE TABLE t (id int)", DesiredKind.Change)]
    [InlineData("CREATE USER MAPPING FOR PUBLIC SERVER s", DesiredKind.Change)]
    [InlineData("ALTER USER MAPPING FOR PUBLIC SERVER s OPTIONS (user 'x')", DesiredKind.Change)]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (a)", DesiredKind.Change)]
    [InlineData("GRANT SELECT ON t TO a", DesiredKind.Change)]
    [InlineData("GRANT SELECT (\"ON\") ON t TO a", DesiredKind.Change)]
    [InlineData("COMMENT ON COLUMN t.a IS 'ON ROLE x'", DesiredKind.Change)]
    [InlineData("CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()", DesiredKind.Change)]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT pg_reload_conf()'", DesiredKind.Change)]
    [InlineData("SELECT create_things()", DesiredKind.Change)]
    [InlineData("SELECT 1 AS a INTO u", DesiredKind.Change)]
    [InlineData("CLUSTER t USING i", DesiredKind.Change)]
    [InlineData("SET search_path TO a", DesiredKind.Setting)]
    [InlineData("SET ROLE a", DesiredKind.Setting)]
    [InlineData("RESET search_path", DesiredKind.Setting)]
    [InlineData("SELECT pg_catalog.set_config('search_path', '', false);", DesiredKind.Setting)]
    [InlineData("SET LOCAL search_path TO a", DesiredKind.LocalSetting)]
    [InlineData("SET statement_timeout = 0", DesiredKind.Skipped)]
    [InlineData("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", DesiredKind.Skipped)]
    [InlineData("SET CONSTRAINTS ALL DEFERRED", DesiredKind.Skipped)]
    [InlineData("SELECT pg_catalog.setval('s', 1, true);", DesiredKind.Skipped)]
    [InlineData("LOCK TABLE t", DesiredKind.Skipped)]
    [InlineData("SAVEPOINT a", DesiredKind.Skipped)]
    [InlineData("ROLLBACK TO SAVEPOINT a", DesiredKind.Skipped)]
    [InlineData("DISCARD ALL", DesiredKind.Skipped)]
    [InlineData("ANALYZE", DesiredKind.Skipped)]
    [InlineData("BEGIN", DesiredKind.Begin)]
    [InlineData("START TRANSACTION", DesiredKind.Begin)]
    [InlineData("COMMIT", DesiredKind.End)]
    [InlineData("END", DesiredKind.End)]
    [InlineData("INSERT INTO t VALUES (1)", DesiredKind.Rows)]
    [InlineData("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", DesiredKind.Rows)]
    [InlineData("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", DesiredKind.Rows)]
    [InlineData("COPY t FROM '/tmp/x'", DesiredKind.Rows)]
    [InlineData("COPY t TO '/tmp/x'", DesiredKind.Rows)]
    [InlineData("TRUNCATE t", DesiredKind.Rows)]
    [InlineData("ALTER DEFAULT PRIVILEGES IN SCHEMA a GRANT SELECT ON TABLES TO b", DesiredKind.DefaultPrivileges)]
    [InlineData("GRANT SELECT ON ALL TABLES IN SCHEMA a TO b", DesiredKind.OnAllObjects)]
    [InlineData("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA a FROM b", DesiredKind.OnAllObjects)]
    [InlineData("GRANT a TO b", DesiredKind.Refused)]
    [InlineData("REVOKE ADMIN OPTION FOR a FROM b", DesiredKind.Refused)]
    [InlineData("ROLLBACK", DesiredKind.Refused)]
    [InlineData("COMMIT PREPARED 'x'", DesiredKind.Refused)]
    [InlineData("SELECT pg_reload_conf()", DesiredKind.Refused)]
    public void A_statement_has_one_meaning(string statement, object kind) =>
        Assert.Equal(kind, DesiredReader.Read(statement, standardStrings: true).Kind);

    [Theory]
    [InlineData("CREATE TABLE s.t (id int)", "relation s.t")]
    [InlineData("CREATE TEMP TABLE t (id int)", null)]
    [InlineData("CREATE UNIQUE INDEX IF NOT EXISTS i ON s.t (a)", "relation s.i")]
    [InlineData("CREATE OR REPLACE VIEW v AS SELECT 1", "relation v")]
    [InlineData("CREATE TYPE \"T\" AS ENUM ('a')", "type T")]
    [InlineData("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS ''", "routine f")]
    [InlineData("CREATE AGGREGATE a (int) (SFUNC = f, STYPE = int)", "routine a")]
    [InlineData("CREATE TRIGGER g BEFORE UPDATE OF \"on\" ON s.t FOR EACH ROW EXECUTE FUNCTION f()", "TRIGGER g on s.t")]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO NOTHING", "RULE r on t")]
    [InlineData("CREATE POLICY p ON t USING (true)", "POLICY p on t")]
    [InlineData("CREATE SCHEMA IF NOT EXISTS s", "SCHEMA s")]
    [InlineData("ALTER TABLE t ADD COLUMN a int", null)]
    public void What_a_statement_makes_has_a_class_and_a_name(string statement, string? expected)
    {
        var made = DesiredReader.Read(statement, standardStrings: true).Made;

        Assert.Equal(expected, made is null ? null : $"{made.Class} {made.Name}{(made.Table is { } table ? $" on {table}" : "")}");
    }

    [Theory]
    [InlineData("CREATE EXTENSION hstore", "hstore")]
    [InlineData("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA x", "uuid-ossp")]
    [InlineData("CREATE EXTENSION hstore VERSION '1.4'", null)]
    public void An_extension_without_a_version_is_known(string statement, string? expected) =>
        Assert.Equal(expected, DesiredReader.Read(statement, standardStrings: true).ExtensionWithoutVersion);
}
