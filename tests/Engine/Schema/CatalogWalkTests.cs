using System.Text.RegularExpressions;
using Npgsql;
using PgMigrate.Schema.Catalog;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Schema;

/// <summary>
/// Nothing in pg_catalog is passed over by accident: each class and each column of the server is read, or named here with
/// the reason why not; and each object of a database is in the snapshot.
/// </summary>
public partial class CatalogWalkTests
{
    private static readonly string[] Files =
    [
        "Schemas.sql", "Types.sql", "Functions.sql", "Tables.sql", "Columns.sql", "Views.sql", "Sequences.sql",
        "Constraints.sql", "Indexes.sql", "TableObjects.sql", "Others.sql", "PublicationMembers.sql", "Aliases.sql",
        "Dependencies.sql",
    ];

    private static readonly Dictionary<string, string> ClassesLeftOut = new()
    {
        ["pg_auth_members"] = "roles belong to the server",
        ["pg_authid"] = "roles belong to the server",
        ["pg_database"] = "settings of the database",
        ["pg_db_role_setting"] = "settings of the database",
        ["pg_description"] = "read through obj_description",
        ["pg_init_privs"] = "what extensions granted",
        ["pg_largeobject"] = "rows",
        ["pg_largeobject_metadata"] = "documented: large objects take no part",
        ["pg_parameter_acl"] = "settings belong to the server",
        ["pg_partitioned_table"] = "read through pg_get_partkeydef",
        ["pg_replication_origin"] = "replication belongs to the server",
        ["pg_seclabel"] = "documented: security labels take no part",
        ["pg_shdepend"] = "objects of the server",
        ["pg_shdescription"] = "objects of the server",
        ["pg_shseclabel"] = "objects of the server",
        ["pg_statistic"] = "rows",
        ["pg_statistic_ext_data"] = "rows",
        ["pg_subscription"] = "documented: subscriptions take no part",
        ["pg_subscription_rel"] = "documented: subscriptions take no part",
    };

    // What the server writes for us, in words that have all columns.
    private static readonly Dictionary<string, string> Functions = new()
    {
        ["pg_constraint"] = "pg_get_constraintdef",
        ["pg_index"] = "pg_get_indexdef",
        ["pg_proc"] = "pg_get_functiondef",
        ["pg_trigger"] = "pg_get_triggerdef",
        ["pg_rewrite"] = "pg_get_ruledef",
        ["pg_statistic_ext"] = "pg_get_statisticsobjdef",
    };

    private static readonly Dictionary<string, string[]> ColumnsLeftOut = new()
    {
        // In the arguments that the server writes.
        ["pg_aggregate"] = ["aggnumdirectargs"],
        ["pg_amop"] = ["amoppurpose", "amopmethod"],
        // Follow from the type, or belong to rows.
        ["pg_attribute"] =
        [
            "attlen", "attndims", "attcacheoff", "attbyval", "attalign", "atthasdef", "atthasmissing", "attmissingval",
        ],
        // Storage, statistics, and marks that repeat other classes.
        ["pg_class"] =
        [
            "relfilenode", "relpages", "reltuples", "relallvisible", "relallfrozen", "relhasindex", "relisshared",
            "relnatts", "relchecks", "relhasrules", "relhastriggers", "relhassubclass", "relispopulated", "relrewrite",
            "relfrozenxid", "relminmxid",
        ],
        // The encoding of the database, and the version of a library of the server.
        ["pg_collation"] = ["collencoding", "collversion"],
        // Documented: the version of an extension takes no part; the others say which rows pg_dump writes.
        ["pg_extension"] = ["extversion", "extconfig", "extcondition"],
        // A partition that is being detached goes on as one.
        ["pg_inherits"] = ["inhdetachpending"],
        // Languages are named only.
        ["pg_language"] = ["lanispl", "laninline", "lanvalidator", "lanacl"],
        // They follow from the operands and the function.
        ["pg_operator"] = ["oprkind", "oprresult"],
        // Tablespaces belong to the server.
        ["pg_tablespace"] = ["spcowner", "spcacl", "spcoptions"],
        // Base types are named only; the others follow from what the type is.
        ["pg_type"] =
        [
            "typbyval", "typispreferred", "typisdefined", "typdelim", "typsubscript", "typelem", "typreceive",
            "typsend", "typmodin", "typmodout", "typanalyze", "typndims",
        ],
        // Read through pg_user_mappings, which shows what the login may see.
        ["pg_user_mapping"] = ["umserver"],
    };

    // Classes whose rows are objects, and the rows that are parts of others.
    private static readonly (string Class, string Where)[] ObjectClasses =
    [
        ("pg_class", "x.relkind NOT IN ('t', 'c') AND x.relnamespace <> 'pg_toast'::regnamespace"
            + " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.oid)"),
        ("pg_type", "x.typelem = 0 AND x.typtype <> 'm' AND (x.typrelid = 0"
            + " OR EXISTS (SELECT FROM pg_class c WHERE c.oid = x.typrelid AND c.relkind = 'c'))"),
        ("pg_proc", ""),
        ("pg_constraint", "x.contype <> 'n' AND NOT (x.contype = 'f' AND x.conparentid <> 0)"),
        ("pg_trigger", "NOT x.tgisinternal AND x.tgparentid = 0"),
        ("pg_rewrite", "x.rulename <> '_RETURN'"),
        ("pg_attrdef", "NOT EXISTS (SELECT FROM pg_attribute a"
            + " WHERE a.attrelid = x.adrelid AND a.attnum = x.adnum AND a.attgenerated <> '')"),
        ("pg_policy", ""), ("pg_namespace", "x.nspname !~ '^pg_'"), ("pg_collation", ""),
        ("pg_conversion", ""), ("pg_operator", ""), ("pg_opclass", ""), ("pg_opfamily", ""), ("pg_cast", ""),
        ("pg_transform", ""), ("pg_ts_config", ""), ("pg_ts_dict", ""), ("pg_ts_parser", ""), ("pg_ts_template", ""),
        ("pg_extension", ""), ("pg_foreign_data_wrapper", ""), ("pg_foreign_server", ""), ("pg_user_mapping", ""),
        ("pg_publication", ""), ("pg_publication_rel", ""), ("pg_publication_namespace", ""), ("pg_event_trigger", ""),
        ("pg_statistic_ext", ""), ("pg_language", ""), ("pg_am", ""), ("pg_default_acl", ""),
    ];

    private const string EveryKind =
        """
        CREATE SCHEMA s;
        CREATE TYPE s.mood AS ENUM ('a', 'b');
        CREATE TYPE s.pair AS (a int, b text);
        CREATE TYPE s.span AS RANGE (subtype = int);
        CREATE DOMAIN s.small AS int NOT NULL CHECK (VALUE < 10);
        CREATE SEQUENCE s.seq;
        CREATE COLLATION s.col FROM "C";
        CREATE TABLE s.t (
          id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, serial serial, n int DEFAULT 1, m s.mood, c s.small,
          g int GENERATED ALWAYS AS (id + 1) STORED, UNIQUE (n), CHECK (n > 0), EXCLUDE USING btree (n WITH =));
        CREATE TABLE s.child (extra text) INHERITS (s.t);
        CREATE TABLE s.parted (i int NOT NULL, j int REFERENCES s.t, PRIMARY KEY (i)) PARTITION BY RANGE (i);
        CREATE TABLE s.part1 PARTITION OF s.parted FOR VALUES FROM (1) TO (10);
        CREATE TABLE s.rest PARTITION OF s.parted DEFAULT;
        CREATE UNLOGGED TABLE s.fast (i int);
        CREATE INDEX ON s.t (n) WHERE n > 1;
        CREATE INDEX ON s.parted (j);
        CREATE VIEW s.v AS SELECT * FROM s.t;
        CREATE MATERIALIZED VIEW s.mv AS SELECT 1 AS i;
        CREATE UNIQUE INDEX ON s.mv (i);
        CREATE FUNCTION s.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
        CREATE PROCEDURE s.p() LANGUAGE sql AS '';
        CREATE AGGREGATE s.agg(int) (sfunc = int4pl, stype = int);
        CREATE FUNCTION s.trg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER trg BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION s.trg();
        CREATE TRIGGER trg BEFORE INSERT ON s.parted FOR EACH ROW EXECUTE FUNCTION s.trg();
        CREATE RULE r AS ON DELETE TO s.fast DO INSTEAD NOTHING;
        CREATE POLICY pol ON s.t USING (true);
        CREATE STATISTICS s.stat ON id, n FROM s.t;
        CREATE OPERATOR s.=== (leftarg = int, rightarg = int, procedure = int4eq);
        CREATE OPERATOR FAMILY s.fam USING btree;
        CREATE OPERATOR CLASS s.opc FOR TYPE int USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int, int);
        CREATE FUNCTION s.to_pair(int) RETURNS s.pair LANGUAGE sql AS 'SELECT $1, $1::text';
        CREATE CAST (int AS s.pair) WITH FUNCTION s.to_pair(int);
        CREATE CONVERSION s.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
        CREATE TEXT SEARCH PARSER s.parser (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end,
          lextypes = prsd_lextype);
        CREATE TEXT SEARCH TEMPLATE s.template (lexize = dsimple_lexize);
        CREATE TEXT SEARCH DICTIONARY s.dict (template = simple);
        CREATE TEXT SEARCH CONFIGURATION s.config (parser = s.parser);
        CREATE FOREIGN DATA WRAPPER fdw;
        CREATE SERVER srv FOREIGN DATA WRAPPER fdw;
        CREATE USER MAPPING FOR PUBLIC SERVER srv;
        CREATE FOREIGN TABLE s.ft (i int CHECK (i > 0)) SERVER srv;
        CREATE PUBLICATION pub FOR TABLE s.t;
        CREATE FUNCTION s.evt() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER evt ON ddl_command_end EXECUTE FUNCTION s.evt();
        CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
        CREATE LANGUAGE mine HANDLER plpgsql_call_handler;
        CREATE FUNCTION s.from_pair(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'prsd_lextype';
        CREATE TRANSFORM FOR s.pair LANGUAGE plpgsql (FROM SQL WITH FUNCTION s.from_pair(internal));
        ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO PUBLIC;
        """;

    [Fact]
    public async Task Each_class_and_column_is_read_or_left_out_for_a_reason()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var connection = await database.ConnectAsync();
        var words = Words(connection.PostgreSqlVersion.Major);
        var missing = new List<string>();
        foreach (var (table, column) in await ReadAsync(connection, Columns))
        {
            var isRead = !ClassesLeftOut.ContainsKey(table) && words.Contains(table);
            if (!isRead && !ClassesLeftOut.ContainsKey(table))
            {
                missing.Add(table);
            }
            else if (isRead && column != "oid" && !words.Contains(column)
                && !(Functions.TryGetValue(table, out var function) && words.Contains(function))
                && ColumnsLeftOut.GetValueOrDefault(table)?.Contains(column) != true)
            {
                missing.Add($"{table}.{column}");
            }
        }

        Assert.Equal("", string.Join(", ", missing.Distinct()));
    }

    [Fact]
    public async Task Each_object_of_every_kind_is_in_the_snapshot()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var connection = await database.ConnectAsync();
        await database.ExecuteAsync(EveryKind);
        var snapshot = await SnapshotReader.ReadAsync(connection, [], CancellationToken.None);
        var rows = snapshot.Objects.Select(o => o.Row!.Value).ToHashSet();
        var missing = new List<string>();
        foreach (var (name, where) in ObjectClasses)
        {
            if (await ScalarAsync(connection, $"SELECT to_regclass('pg_catalog.{name}')::oid") is not uint id)
            {
                continue;
            }

            var found = await ReadAsync(connection, ObjectsOf(name, where));
            missing.AddRange(found
                .Where(one => !rows.Any(row => row.Class == id
                    && row.Id == uint.Parse(one.First, System.Globalization.CultureInfo.InvariantCulture)))
                .Select(one => one.Second));
        }

        Assert.True(missing.Count == 0, string.Join(", ", missing));
    }

    private const string Columns =
        """
        SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY 1, a.attnum
        """;

    // What belongs to the server, to an extension, or to another object without which it would not be is no object.
    private static string ObjectsOf(string name, string where) =>
        $"""
        SELECT x.oid::text, pg_describe_object('{name}'::regclass, x.oid, 0)
          FROM pg_catalog.{name} x
         WHERE x.oid >= 16384 {(where.Length > 0 ? $"AND ({where})" : "")}
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{name}'::regclass AND d.objid = x.oid
                            AND d.objsubid = 0 AND d.deptype IN ('e', 'i'))
        """;

    private static HashSet<string> Words(int major) =>
        [.. Files.SelectMany(file => CatalogQuery.Read(file, major)).SelectMany(sql => Word().Matches(sql))
            .Select(match => match.Value)];

    private static async Task<List<(string First, string Second)>> ReadAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(string, string)>();
        while (await reader.ReadAsync())
        {
            rows.Add((reader.GetString(0), reader.GetString(1)));
        }

        return rows;
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
