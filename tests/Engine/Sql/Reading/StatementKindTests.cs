using PgMigrate.Sql.Reading;
using Xunit;

namespace PgMigrate.Tests.Sql.Reading;

public class StatementKindTests
{
    [Theory]
    [InlineData("BEGIN")]
    [InlineData("begin;")]
    [InlineData("/* a */ -- b\n BEGIN ISOLATION LEVEL SERIALIZABLE;")]
    [InlineData("START TRANSACTION READ WRITE")]
    public void Begin(string sql) => Is(StatementKind.Begin, sql);

    [Theory]
    [InlineData("COMMIT")]
    [InlineData("commit work;")]
    [InlineData("END;")]
    [InlineData("END TRANSACTION;")]
    [InlineData("COMMIT AND NO CHAIN;")]
    public void Commit(string sql) => Is(StatementKind.Commit, sql);

    [Theory]
    [InlineData("COMMIT AND CHAIN")]
    [InlineData("COMMIT WORK AND CHAIN")]
    [InlineData("COMMIT PREPARED 'x'")]
    [InlineData("ROLLBACK")]
    [InlineData("ROLLBACK AND CHAIN")]
    [InlineData("ROLLBACK PREPARED 'x'")]
    [InlineData("ABORT")]
    [InlineData("PREPARE TRANSACTION 'x'")]
    public void A_transaction_command_other_than_begin_and_commit_is_recognised(string sql) => Is(StatementKind.OtherTransaction, sql);

    [Theory]
    [InlineData("SAVEPOINT a")]
    [InlineData("DISCARD TEMP")]
    [InlineData("RELEASE a")]
    [InlineData("ROLLBACK TO a")]
    [InlineData("ROLLBACK TRANSACTION TO SAVEPOINT a")]
    [InlineData("PREPARE p AS SELECT 1")]
    [InlineData("START_REPLICATION")]
    [InlineData("(SELECT 1)")]
    [InlineData("")]
    [InlineData("\"BEGIN\"")]
    [InlineData("'COMMIT'")]
    [InlineData("COPY t FROM '/f'")]
    [InlineData("COPY t (a) TO PROGRAM 'x'")]
    [InlineData("COPY (SELECT 1 FROM stdin) TO '/f'")]
    [InlineData("SET client_encoding TO 'UTF-8'")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")]
    [InlineData("SET search_path = a")]
    [InlineData("CREATE INDEX i ON t (a)")]
    [InlineData("CREATE UNIQUE INDEX i ON t (a)")]
    [InlineData("CREATE INDEX \"concurrently\" ON t (a)")]
    [InlineData("CREATE TABLE database (i int)")]
    [InlineData("DROP INDEX i")]
    [InlineData("REINDEX TABLE t")]
    [InlineData("REINDEX (VERBOSE) TABLE t")]
    [InlineData("CLUSTER t")]
    [InlineData("CLUSTER VERBOSE t")]
    [InlineData("CLUSTER t USING i")]
    [InlineData("ALTER DATABASE d SET work_mem = '1MB'")]
    [InlineData("ALTER TABLE t DETACH PARTITION p")]
    [InlineData("ALTER TABLE t DETACH PARTITION p FINALIZE")]
    [InlineData("REFRESH MATERIALIZED VIEW CONCURRENTLY v")]
    [InlineData("ALTER TYPE e ADD VALUE 'x'")]
    [InlineData("ANALYZE")]
    public void Ordinary(string sql) => Is(StatementKind.Ordinary, sql);

    [Theory]
    [InlineData("COPY t FROM STDIN")]
    [InlineData("COPY s.t (a, b) FROM stdin WITH (FORMAT csv)")]
    [InlineData("COPY BINARY t FROM STDIN")]
    public void Copy_from_stdin_is_recognised(string sql) => Is(StatementKind.CopyFromClient, sql);

    [Theory]
    [InlineData("COPY t TO STDOUT")]
    [InlineData("COPY (SELECT a FROM t WHERE b IN (1)) TO STDOUT")]
    public void Copy_to_stdout_is_recognised(string sql) => Is(StatementKind.CopyToClient, sql);

    [Theory]
    [InlineData("SET client_encoding = latin1")]
    [InlineData("SET CLIENT_ENCODING TO 'SJIS'")]
    [InlineData("SET SESSION client_encoding = 'x'")]
    [InlineData("SET NAMES latin1")]
    [InlineData("SET LOCAL NAMES 'latin1'")]
    public void A_change_of_client_encoding_is_recognised(string sql) => Is(StatementKind.ClientEncoding, sql);

    [Theory]
    [InlineData("DISCARD ALL")]
    [InlineData("/* x */ discard all;")]
    public void Discard_all_is_recognised(string sql) => Is(StatementKind.DiscardAll, sql);

    [Theory]
    [InlineData("VACUUM")]
    [InlineData("VACUUM (ANALYZE) t")]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (a)")]
    [InlineData("CREATE INDEX /* x */ CONCURRENTLY IF NOT EXISTS i ON t (a)")]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)")]
    [InlineData("CREATE INDEX CONCURRENTLY ON t (a)")]
    [InlineData("DROP INDEX CONCURRENTLY IF EXISTS i")]
    [InlineData("REINDEX INDEX CONCURRENTLY i")]
    [InlineData("REINDEX (VERBOSE, CONCURRENTLY) TABLE t")]
    [InlineData("REINDEX DATABASE d")]
    [InlineData("REINDEX SCHEMA s")]
    [InlineData("REINDEX SYSTEM d")]
    [InlineData("REINDEX (VERBOSE) SCHEMA s")]
    [InlineData("REINDEX (VERBOSE, TABLESPACE x) DATABASE d")]
    [InlineData("ALTER TABLE t DETACH PARTITION p CONCURRENTLY")]
    [InlineData("ALTER TABLE IF EXISTS ONLY s.t DETACH PARTITION s.p CONCURRENTLY")]
    [InlineData("CLUSTER")]
    [InlineData("CLUSTER;")]
    [InlineData("CLUSTER VERBOSE;")]
    [InlineData("CLUSTER (VERBOSE)")]
    [InlineData("CREATE DATABASE d")]
    [InlineData("DROP DATABASE IF EXISTS d")]
    [InlineData("CREATE TABLESPACE x LOCATION '/x'")]
    [InlineData("DROP TABLESPACE x")]
    [InlineData("ALTER DATABASE d SET TABLESPACE x")]
    [InlineData("ALTER SYSTEM SET work_mem = '1MB'")]
    [InlineData("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p")]
    [InlineData("DROP SUBSCRIPTION s")]
    public void A_statement_that_PostgreSQL_rejects_in_a_transaction_is_recognised(string sql) => Is(StatementKind.OutsideTransaction, sql);

    [Theory]
    [InlineData("SET a = 1;", true)]
    [InlineData("reset all", true)]
    [InlineData("SELECT set_config('a', 'x', false);", true)]
    [InlineData("SELECT pg_catalog.set_config('a', current_setting('b') || 'x', false), set_config('c', '', false) AS c;", true)]
    [InlineData("SELECT app.schedule('select set_config(''a'',''x'',false)');", false)]
    [InlineData("SELECT app.insert_one() /* formerly set_config */;", false)]
    [InlineData("SELECT set_config('a', app.insert_one(), false);", false)]
    [InlineData("SELECT set_config('search_path', quote_ident('app') || (', ' || 'public')::varchar(20), false);", true)]
    [InlineData("SELECT app.set_config('a', 'x', false);", false)]
    [InlineData("SELECT \"set_config\"('a', 'x', false), \"insert_one\"();", false)]
    [InlineData("SELECT set_config('a', (SELECT insert_one()), false);", false)]
    [InlineData("SELECT set_config('a', 'b', false) INTO t;", false)]
    [InlineData("SELECT set_config('a', b, false) FROM next_jobs;", false)]
    [InlineData("SELECT 1;", false)]
    public void A_setting_can_be_run_again(string sql, bool isSetting) =>
        Assert.Equal(isSetting, new StatementReading(sql).IsSetting);

    private static void Is(StatementKind expected, string sql) =>
        Assert.Equal(expected, new StatementReading(sql).Kind);
}
