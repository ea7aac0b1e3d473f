using PgMigrate.Sql.Reading;
using Xunit;

namespace PgMigrate.Tests.Sql.Reading;

/// <summary>The records of statements.</summary>
public class StatementDetailTests
{
    [Theory]
    [InlineData("CREATE TABLE a (i int)", "a")]
    [InlineData("CREATE TABLE S.\"A b\" ()", "s.A b")]
    [InlineData("CREATE TABLE db.s.a ()", "s.a")]
    [InlineData("CREATE TABLE \"a\"\"b\" ()", "a\"b")]
    [InlineData("CREATE TABLE /* x */ s /* y */ . -- z\n a ()", "s.a")]
    [InlineData("CREATE TABLE U&\"d\\0061t\\+000061\" ()", "data")]
    [InlineData("CREATE TABLE U&\"d!0061t!!\" UESCAPE '!' ()", "dat!")]
    [InlineData("CREATE TABLE ÄB (i int)", "Äb")]
    public void A_name_is_read_as_the_server_reads_it(string sql, string expected) =>
        Assert.Equal(expected, Read<CreateTable>(sql).Name.ToString());

    [Fact]
    public void A_table_has_columns_and_constraints()
    {
        var table = Read<CreateTable>(
            "CREATE UNLOGGED TABLE IF NOT EXISTS s.t (id bigint GENERATED ALWAYS AS IDENTITY (START 5) PRIMARY KEY, "
            + "\"N\" character varying(20) COLLATE \"C\" DEFAULT 'x'::text NOT NULL, p numeric(10, 2) CHECK (p > 0) NOT ENFORCED, "
            + "o bigint CONSTRAINT fk REFERENCES s.o (id), g int GENERATED ALWAYS AS (p * 2) STORED, at timestamp with time zone "
            + "DEFAULT now() - interval '1 day', tags text[] DEFAULT NULL, CONSTRAINT u UNIQUE (o, p), "
            + "FOREIGN KEY (o, p) REFERENCES x, LIKE other INCLUDING ALL) PARTITION BY RANGE (id)");

        Assert.Equal(("s.t", true, RelationPersistence.Unlogged, true),
            (table.Name.ToString(), table.IfNotExists, table.Persistence, table.IsPartitioned));
        Assert.Equal(
            ["id bigint", "N character varying(20)", "p numeric(10,2)", "o bigint", "g int", "at timestamp with time zone", "tags text[]"],
            table.Columns.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal([null, "'x'::text", null, null, null, "now() - interval '1 day'", "NULL"],
            table.Columns.Select(column => column.Default));
        Assert.Equal(["N"], table.Columns.Where(column => column.NotNull).Select(column => column.Name));
        Assert.Equal(["Identity", "Stored"], table.Columns.Select(column => column.Generation.ToString()).Where(one => one != "None"));
        Assert.Equal(["PrimaryKey", "Check (p > 0) unenforced", "ForeignKey s.o"], table.Columns.SelectMany(column => column.Constraints)
            .Select(one => $"{one.Kind} {one.References?.ToString() ?? one.Expression}{(one.NotEnforced ? " unenforced" : "")}".Trim()));
        Assert.Equal(["Unique u o,p ", "ForeignKey  o,p x"],
            table.Constraints.Select(one => $"{one.Kind} {one.Name} {string.Join(',', one.Columns)} {one.References}"));
        Assert.Equal("other", Assert.Single(table.Like).ToString());
    }

    [Theory]
    [InlineData("CREATE TABLE t AS SELECT 1", "query")]
    [InlineData("CREATE TABLE t (a, b) AS SELECT 1, 2", "query")]
    [InlineData("CREATE TEMP TABLE t () ON COMMIT DROP", "temporary")]
    [InlineData("CREATE TABLE t PARTITION OF s.p FOR VALUES FROM (1) TO (2)", "partition of s.p")]
    [InlineData("CREATE TABLE t PARTITION OF p (a NOT NULL) DEFAULT", "partition of p default")]
    [InlineData("CREATE TABLE t (a int) INHERITS (b, s.c)", "inherits b s.c")]
    [InlineData("CREATE FOREIGN TABLE t (a int) SERVER x", "foreign")]
    public void A_table_is_created_in_several_ways(string sql, string expected)
    {
        var table = Read<CreateTable>(sql);

        Assert.Equal(expected, string.Join(' ', new[]
        {
            table.IsFromQuery ? "query" : "",
            table.Persistence == RelationPersistence.Temporary ? "temporary" : "",
            table.PartitionOf is { } parent ? $"partition of {parent}" : "",
            table.IsDefaultPartition ? "default" : "",
            table.Inherits.Count > 0 ? $"inherits {string.Join(' ', table.Inherits)}" : "",
            table.IsForeign ? "foreign" : "",
        }.Where(part => part.Length > 0)));
    }

    [Theory]
    [InlineData("CREATE INDEX i ON t (a)", "i t a")]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t USING btree (lower(a), b DESC)",
        "unique concurrently ifnotexists i s.t lower(a)|b DESC btree")]
    [InlineData("CREATE INDEX ON ONLY t (a) INCLUDE (b) WHERE a > 1", "only  t a partial")]
    [InlineData("CREATE INDEX \"I\" ON \"T\" USING gin (a)", "I T a gin")]
    public void An_index_is_read(string sql, string expected)
    {
        var index = Read<CreateIndex>(sql);

        Assert.Equal(expected, (index.Unique ? "unique " : "") + (index.Concurrently ? "concurrently " : "")
            + (index.IfNotExists ? "ifnotexists " : "") + (index.Only ? "only " : "")
            + $"{index.Name} {index.Table} {string.Join('|', index.Columns)}"
            + (index.Method is { } method ? $" {method}" : "") + (index.IsPartial ? " partial" : ""));
    }

    [Theory]
    [InlineData("DROP TABLE IF EXISTS a, s.b CASCADE", "TABLE a,s.b ifexists cascade")]
    [InlineData("DROP MATERIALIZED VIEW v", "MATERIALIZED VIEW v")]
    [InlineData("DROP INDEX CONCURRENTLY IF EXISTS s.i", "INDEX s.i ifexists concurrently")]
    [InlineData("DROP FUNCTION f(int, text), g CASCADE", "FUNCTION f,g cascade")]
    [InlineData("DROP TRIGGER tr ON s.t", "TRIGGER tr on s.t")]
    [InlineData("DROP SCHEMA a RESTRICT", "SCHEMA a")]
    [InlineData("DROP DATABASE d", "DATABASE d")]
    [InlineData("DROP POLICY IF EXISTS p ON t", "POLICY p on t ifexists")]
    [InlineData("DROP RULE r ON s.t CASCADE", "RULE r on s.t cascade")]
    [InlineData("DROP OWNED BY a, b CASCADE", "OWNED BY a,b cascade")]
    [InlineData("DROP CAST IF EXISTS (a AS b) CASCADE", "CAST  ifexists cascade")]
    [InlineData("DROP OPERATOR CLASS s.c USING btree", "OPERATOR CLASS s.c")]
    [InlineData("DROP TEXT SEARCH DICTIONARY s.d", "TEXT SEARCH DICTIONARY s.d")]
    public void A_drop_is_read(string sql, string expected)
    {
        var drop = Read<DropObject>(sql);

        Assert.Equal(expected, $"{drop.Kind} {string.Join(',', drop.Names)}" + (drop.Table is { } table ? $" on {table}" : "")
            + (drop.IfExists ? " ifexists" : "") + (drop.Concurrently ? " concurrently" : "") + (drop.Cascade ? " cascade" : ""));
    }

    [Theory]
    [InlineData("REINDEX TABLE CONCURRENTLY s.t", "Reindex { Kind = TABLE, Name = s.t, Concurrently = True }")]
    [InlineData("REINDEX (CONCURRENTLY, VERBOSE) INDEX i", "Reindex { Kind = INDEX, Name = i, Concurrently = True }")]
    [InlineData("REINDEX (CONCURRENTLY false) INDEX i", "Reindex { Kind = INDEX, Name = i, Concurrently = False }")]
    [InlineData("CLUSTER t USING i", "Cluster { Table = t }")]
    [InlineData("CLUSTER i ON t", "Cluster { Table = t }")]
    [InlineData("CLUSTER", "Cluster { Table =  }")]
    [InlineData("REFRESH MATERIALIZED VIEW CONCURRENTLY s.v", "Refresh { View = s.v, Concurrently = True, WithNoData = False }")]
    [InlineData("REFRESH MATERIALIZED VIEW v WITH NO DATA", "Refresh { View = v, Concurrently = False, WithNoData = True }")]
    [InlineData("ALTER TYPE s.e ADD VALUE IF NOT EXISTS 'x' AFTER 'y'", "AddEnumValue { Type = s.e, Value = 'x', IfNotExists = True }")]
    [InlineData("ALTER TYPE e RENAME VALUE 'x' TO 'y'", "RenameEnumValue { Type = e, Value = 'x', NewValue = 'y' }")]
    [InlineData("ALTER SCHEMA a RENAME TO b", "AlterObject { Kind = SCHEMA, Name = a, Action = RENAME TO, Table =  }")]
    [InlineData("ALTER FUNCTION f(int) OWNER TO b", "AlterObject { Kind = FUNCTION, Name = f, Action = OWNER TO, Table =  }")]
    [InlineData("COMMENT ON TABLE s.t IS 'x'", "Comment { Kind = TABLE, Name = s.t }")]
    [InlineData("GRANT SELECT ON t TO a", "Grant { IsRevoke = False }")]
    [InlineData("REVOKE ALL ON t FROM a", "Grant { IsRevoke = True }")]
    [InlineData("SET LOCAL lock_timeout = 0", "SetSetting { Name = lock_timeout, IsLocal = True, Value = 0 }")]
    [InlineData("SET search_path TO a, b;", "SetSetting { Name = search_path, IsLocal = False, Value = a, b }")]
    [InlineData("RESET app.x", "SetSetting { Name = app.x, IsLocal = False, Value =  }")]
    [InlineData("DO LANGUAGE plpgsql $x$BEGIN$x$", "DoBlock { Body = BEGIN, BodyOffset = 23 }")]
    [InlineData("CALL s.p(1)", "Call { Procedure = s.p }")]
    [InlineData("CREATE DOMAIN d AS text CHECK (VALUE <> '')", "CreateDomain { Name = d, Type = text, HasConstraint = True }")]
    [InlineData("CREATE DOMAIN d text", "CreateDomain { Name = d, Type = text, HasConstraint = False }")]
    [InlineData("CREATE TYPE e AS ENUM ('a')", "CreateType { Name = e, IsEnum = True }")]
    [InlineData("CREATE OR REPLACE FUNCTION f(a int) RETURNS int STABLE LANGUAGE sql AS 'x'",
        "CreateRoutine { Name = f, OrReplace = True, IsVolatile = False }")]
    [InlineData("CREATE SCHEMA IF NOT EXISTS s", "CreateObject { Kind = SCHEMA, Name = s, IfNotExists = True, Table =  }")]
    [InlineData("CREATE CAST (a AS b) WITHOUT FUNCTION", "CreateObject { Kind = CAST, Name = , IfNotExists = False, Table =  }")]
    [InlineData("CREATE USER MAPPING IF NOT EXISTS FOR u SERVER s",
        "CreateObject { Kind = USER MAPPING, Name = , IfNotExists = True, Table =  }")]
    [InlineData("CREATE CONSTRAINT TRIGGER tr AFTER INSERT OR UPDATE OF a ON s.t FOR EACH ROW EXECUTE FUNCTION f()",
        "CreateObject { Kind = TRIGGER, Name = tr, IfNotExists = False, Table = s.t }")]
    [InlineData("CREATE OR REPLACE RULE r AS ON DELETE TO s.t DO INSTEAD NOTHING",
        "CreateObject { Kind = RULE, Name = r, IfNotExists = False, Table = s.t }")]
    [InlineData("CREATE POLICY p ON t USING (true)", "CreateObject { Kind = POLICY, Name = p, IfNotExists = False, Table = t }")]
    [InlineData("CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
        "CreateObject { Kind = EVENT TRIGGER, Name = e, IfNotExists = False, Table =  }")]
    [InlineData("CREATE STATISTICS IF NOT EXISTS s.x ON a, b FROM t",
        "CreateObject { Kind = STATISTICS, Name = s.x, IfNotExists = True, Table =  }")]
    [InlineData("ALTER TRIGGER tr ON s.t RENAME TO x", "AlterObject { Kind = TRIGGER, Name = tr, Action = RENAME TO, Table = s.t }")]
    [InlineData("ALTER POLICY p ON t RENAME TO x", "AlterObject { Kind = POLICY, Name = p, Action = RENAME TO, Table = t }")]
    [InlineData("ALTER SYSTEM SET work_mem = '1MB'", "AlterObject { Kind = SYSTEM, Name = , Action = SET WORK_MEM, Table =  }")]
    [InlineData("ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO a",
        "AlterObject { Kind = DEFAULT PRIVILEGES, Name = , Action = IN SCHEMA, Table =  }")]
    [InlineData("ALTER LARGE OBJECT 5 OWNER TO a", "AlterObject { Kind = LARGE OBJECT, Name = , Action = OWNER, Table =  }")]
    [InlineData("SELECT 1", "Query { Into =  }")]
    [InlineData("SELECT a INTO TEMP s.t FROM x", "Query { Into = s.t }")]
    [InlineData("NOTIFY x", "OtherStatement { }")]
    [InlineData("", "OtherStatement { }")]
    [InlineData("CREATE TABLE", "OtherStatement { }")]
    [InlineData("CREATE INDEX", "OtherStatement { }")]
    public void Other_statements_are_read(string sql, string expected) => Assert.Equal(
        expected, System.Text.RegularExpressions.Regex.Replace(new StatementReading(sql).Detail.ToString(), "(, )?Relations = [^,}]*(?= })|Relations = [^,}]*, ", "")
            .Replace("{  }", "{ }", StringComparison.Ordinal));

    [Theory]
    [InlineData("TRUNCATE ONLY a, s.b * RESTART IDENTITY CASCADE", "a,s.b cascade")]
    [InlineData("TRUNCATE TABLE a", "a")]
    public void A_truncate_is_read(string sql, string expected)
    {
        var truncate = Read<Truncate>(sql);

        Assert.Equal(expected, string.Join(',', truncate.Tables) + (truncate.Cascade ? " cascade" : ""));
    }

    [Theory]
    [InlineData("LOCK a, s.b IN SHARE ROW EXCLUSIVE MODE NOWAIT", "a,s.b SHARE ROW EXCLUSIVE")]
    [InlineData("LOCK TABLE a", "a ACCESS EXCLUSIVE")]
    public void A_lock_is_read(string sql, string expected)
    {
        var locks = Read<LockTable>(sql);

        Assert.Equal(expected, $"{string.Join(',', locks.Tables)} {locks.Mode}");
    }

    [Theory]
    [InlineData("VACUUM FULL t", "full t")]
    [InlineData("VACUUM (FULL, ANALYZE) a (x, y), s.b", "full a,s.b")]
    [InlineData("VACUUM (FULL off) t", "t")]
    [InlineData("VACUUM", "")]
    public void A_vacuum_is_read(string sql, string expected)
    {
        var vacuum = Read<Vacuum>(sql);

        Assert.Equal(expected, (vacuum.Full ? "full " : "") + string.Join(',', vacuum.Tables));
    }

    [Theory]
    [InlineData("UPDATE ONLY s.t SET a = (SELECT 1 WHERE true)", "Update s.t")]
    [InlineData("UPDATE t SET a = 1 WHERE b", "Update t where")]
    [InlineData("UPDATE t SET a = 1 WHERE true", "Update t")]
    [InlineData("UPDATE t SET a = 1 WHERE true AND b", "Update t where")]
    [InlineData("DELETE FROM t USING u", "Delete t")]
    [InlineData("DELETE FROM t WHERE TRUE RETURNING *", "Delete t")]
    [InlineData("INSERT INTO t (a) VALUES ((SELECT 1))", "Insert t")]
    [InlineData("INSERT INTO t SELECT 1", "Insert t query")]
    [InlineData("INSERT INTO t DEFAULT VALUES", "Insert t")]
    [InlineData("MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE", "Merge t")]
    [InlineData("COPY s.t (a) FROM STDIN", "CopyFrom s.t query")]
    [InlineData("WITH d AS (DELETE FROM a), n (x) AS MATERIALIZED (SELECT 1) UPDATE b SET c = 1", "Delete a; Update b")]
    [InlineData("WITH RECURSIVE d AS (SELECT 1) INSERT INTO t SELECT * FROM d", "Insert t query")]
    public void What_writes_rows_is_read(string sql, string expected)
    {
        var detail = new StatementReading(sql).Detail;
        var writes = detail is WithStatement { Parts: var parts, Main: var main } ? [.. parts, main] : new[] { detail };

        Assert.Equal(expected, string.Join("; ", writes.Cast<Write>().Select(write =>
            $"{write.Kind} {write.Table}" + (write.HasWhere ? " where" : "") + (write.IsFromQuery ? " query" : ""))));
    }

    private static T Read<T>(string sql)
        where T : StatementDetail => Assert.IsType<T>(new StatementReading(sql).Detail);
}
