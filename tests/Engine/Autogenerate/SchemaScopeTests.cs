using PgMigrate.Autogenerate;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Schema.Catalog;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>What a comparison leaves out, and what it says about it.</summary>
public class SchemaScopeTests
{
    private const string Parted =
        """
        CREATE TABLE log (id bigint NOT NULL, at date NOT NULL DEFAULT current_date, note text CHECK (note <> ''))
            PARTITION BY RANGE (at);
        CREATE INDEX log_note ON log (note);
        ALTER TABLE log ADD PRIMARY KEY (id, at);
        CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        """;

    private const string RunTime =
        "CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');";

    [Theory]
    [InlineData(new[] { "app*" }, null, "schema app_two,table app.t", "2 differences outside the chosen schemas")]
    [InlineData(null, new[] { "app*" }, "extension citext,table other.t", "2 differences outside the chosen schemas")]
    [InlineData(new[] { "app*", "other" }, new[] { "*_two" }, "table app.t,table other.t", "2 differences outside the chosen schemas")]
    [InlineData(new[] { "[ao]*" }, null, "schema app_two,table app.t,table other.t", "1 difference outside the chosen schemas")]
    public async Task Only_the_chosen_schemas_are_compared(string[]? include, string[]? exclude, string changes, string leftOut)
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("CREATE SCHEMA app; CREATE SCHEMA other");
        var current = await ReadAsync(database);
        await database.ExecuteAsync(
            "CREATE TABLE app.t (id int); CREATE TABLE other.t (id int); CREATE SCHEMA app_two; CREATE EXTENSION citext");

        var found = SchemaComparer.FindChanges(current, await ReadAsync(database), new SchemaComparison
        {
            IncludeSchemas = include ?? [],
            ExcludeSchemas = exclude ?? [],
        });

        Assert.Equal(changes, Names(found));
        Assert.Equal([leftOut], found.LeftOut);
    }

    [Fact]
    public async Task What_depends_on_a_change_is_made_again_also_outside_the_chosen_schemas()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(
            "CREATE SCHEMA app; CREATE TABLE app.t (id int); CREATE VIEW public.v AS SELECT id AS a FROM app.t");
        var current = await ReadAsync(database);
        await database.ExecuteAsync(
            "DROP VIEW v; ALTER TABLE app.t ALTER id TYPE bigint; CREATE VIEW public.v AS SELECT id AS b FROM app.t");
        var desired = await ReadAsync(database);

        var found = SchemaComparer.FindChanges(current, desired, new SchemaComparison { IncludeSchemas = ["app"] });

        var statements = string.Join("\n", found.Changes.SelectMany(c => c.Statements));
        Assert.Contains("DROP VIEW public.v", statements, StringComparison.Ordinal);
        Assert.Contains("id AS a", statements, StringComparison.Ordinal);
        Assert.DoesNotContain("id AS b", statements, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("PUBLIC")]
    [InlineData("publi")]
    public async Task A_pattern_that_no_schema_matches_is_an_error(string pattern)
    {
        await using var database = await TestDatabase.CreateAsync();
        var schema = await ReadAsync(database);

        var error = Assert.Throws<InitializationException>(() =>
            SchemaComparer.FindChanges(schema, schema, new SchemaComparison { IncludeSchemas = [pattern] }));

        Assert.Equal(ErrorCodes.SchemaFilterInvalid, error.Code);
        Assert.Contains("public", error.Message, StringComparison.Ordinal);
        Assert.Empty(SchemaComparer.Compare(schema, schema, new SchemaComparison { ExcludeSchemas = [pattern] }));
    }

    [Theory]
    [InlineData("table public.audit_*", "column public.kept.quick,index public.tmp_x")]
    [InlineData("index *.tmp_*", "column public.kept.quick,sequence public.audit_1_id_seq,table public.audit_1")]
    [InlineData("* public.*", "")]
    [InlineData("column public.kept.*", "index public.tmp_x,sequence public.audit_1_id_seq,table public.audit_1")]
    [InlineData("index public.audit_?", "column public.kept.quick,index public.tmp_x,sequence public.audit_1_id_seq,table public.audit_1")]
    public async Task What_is_accepted_is_no_drift_with_all_that_belongs_to_it(string pattern, string changes)
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("CREATE TABLE kept (id int)");
        var desired = await ReadAsync(database);
        await database.ExecuteAsync(
            """
            CREATE TABLE audit_1 (id serial PRIMARY KEY, at date); CREATE INDEX audit_at ON audit_1 (at);
            CREATE INDEX tmp_x ON kept (id); ALTER TABLE kept ADD COLUMN quick text;
            """);

        var found = SchemaComparer.FindChanges(
            await ReadAsync(database), desired, new SchemaComparison { AcceptedDrift = [pattern] });

        Assert.Equal(changes, Names(found));
        Assert.Contains("AcceptedDrift", Assert.Single(found.LeftOut), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public.audit_*")]
    [InlineData("tabel public.audit_*")]
    [InlineData("")]
    public async Task An_entry_without_a_kind_is_an_error(string pattern)
    {
        await using var database = await TestDatabase.CreateAsync();
        var schema = await ReadAsync(database);

        var error = Assert.Throws<InitializationException>(() =>
            SchemaComparer.FindChanges(schema, schema, new SchemaComparison { AcceptedDrift = [pattern] }));

        Assert.Equal(ErrorCodes.SchemaFilterInvalid, error.Code);
        Assert.Contains("materialized view", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partition_that_a_job_made_is_no_drift_unless_it_is_asked_for()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(Parted);
        var desired = await ReadAsync(database);
        await database.ExecuteAsync(RunTime);
        var current = await ReadAsync(database);

        var found = SchemaComparer.FindChanges(current, desired, new SchemaComparison());
        Assert.Empty(found.Changes);
        Assert.Equal(["1 difference in partitions without a definition of their own"], found.LeftOut);
        Assert.Empty(SchemaComparer.Compare(desired, current, new SchemaComparison()));
        Assert.NotEmpty(SchemaComparer.Compare(current, desired, new SchemaComparison { StrictPartitions = true }));
    }

    [Theory]
    [InlineData("CREATE INDEX own ON log_2026 (note, id)")]
    [InlineData("ALTER TABLE log_2026 ADD CHECK (id > 0)")]
    [InlineData("ALTER TABLE log_2026 SET (fillfactor = 70)")]
    [InlineData("ALTER TABLE log_2026 ALTER note SET DEFAULT 'x'")]
    [InlineData("ALTER TABLE log_2026 ALTER note SET NOT NULL")]
    [InlineData("ALTER TABLE log_2026 ALTER note SET STATISTICS 500")]
    [InlineData("COMMENT ON TABLE log_2026 IS 'ours'")]
    [InlineData("ALTER TABLE log_2026 ENABLE ROW LEVEL SECURITY")]
    [InlineData("CREATE RULE r AS ON DELETE TO log_2026 DO INSTEAD NOTHING")]
    public async Task A_partition_with_a_definition_of_its_own_is_drift(string statement)
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(Parted);
        var desired = await ReadAsync(database);
        await database.ExecuteAsync(RunTime);
        await database.ExecuteAsync(statement);

        Assert.NotEmpty(SchemaComparer.Compare(await ReadAsync(database), desired, new SchemaComparison()));
    }

    [Fact]
    public async Task A_partition_that_files_describe_and_the_database_lacks_is_drift()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(Parted);
        var current = await ReadAsync(database);
        await database.ExecuteAsync(RunTime);
        await using var connection = await database.ConnectAsync();
        var files = SchemaComparer.ToSchema(
            "files", await SnapshotReader.ReadAsync(connection, [], CancellationToken.None));

        Assert.NotEmpty(SchemaComparer.Compare(current, files, new SchemaComparison()));
    }

    private static string Names(SchemaDifference found) => string.Join(
        ',', found.Changes.Select(c => $"{c.Kind} {c.Name}").Where(n => !n.StartsWith("sequence owner", StringComparison.Ordinal))
            .Distinct().Order(StringComparer.Ordinal));

    private static Task<PgSchema> ReadAsync(TestDatabase database) =>
        SchemaComparer.ReadDatabaseAsync(database.Target, new MigratorOptions(), CancellationToken.None);
}
