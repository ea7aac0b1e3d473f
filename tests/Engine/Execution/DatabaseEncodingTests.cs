using PgMigrate.Errors;
using PgMigrate.Scripts;
using PgMigrate.Sessions;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>Databases that are not UTF8.</summary>
public class DatabaseEncodingTests
{
    public static TheoryData<string> Encodings =>
    [
        "LATIN1", "LATIN2", "LATIN5", "LATIN9", "KOI8R", "ISO_8859_5", "WIN1250", "WIN1251", "WIN1252", "EUC_JP", "EUC_KR",
        "SQL_ASCII",
    ];

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_database_in_any_encoding_is_migrated_and_undone(string encoding)
    {
        await using var sandbox = await Sandbox.CreateInAsync(
            encoding,
            ("001_a.sql", "CREATE TABLE t (s text);\n-- DOWN\nDROP TABLE t;"),
            ("002_b.sql", "-- pgmigrate: no-transaction\nCREATE INDEX CONCURRENTLY i ON t (s);\n-- DOWN\nDROP INDEX i;"),
            ("003_c.sql", "SELECT set_config('work_mem', '8MB', false);\nCREATE SCHEMA s;\n-- DOWN\nDROP SCHEMA s;"));

        Assert.Equal(3, (await sandbox.ApplyAllAsync()).Count);
        Assert.All(await sandbox.StatusAsync(), row => Assert.Equal(nameof(MigrationState.Applied), row.State));
        (await sandbox.RunAsync(Sandbox.Undo with { All = true })).Succeeded();
        Assert.False(await sandbox.Database.HasTableAsync("t"));
        (await sandbox.RunAsync(Sandbox.Apply with { SingleTransaction = true, Steps = 1 })).Succeeded();
        Assert.Equal(4 + 3, (await sandbox.LogAsync()).Count);
    }

    [Theory]
    [InlineData("LATIN1", "é", 1)]
    [InlineData("LATIN9", "€", 1)]
    [InlineData("LATIN2", "ł", 1)]
    [InlineData("KOI8R", "Ж", 1)]
    [InlineData("WIN1252", "…", 1)]
    [InlineData("EUC_JP", "語", 2)]
    [InlineData("SQL_ASCII", "é", 2)]
    public async Task A_character_that_the_database_has_is_stored_everywhere(string encoding, string character, int bytes)
    {
        await using var sandbox = await Sandbox.CreateInAsync(
            encoding,
            ($"001_{character}.sql", $"CREATE TABLE t AS SELECT '{character}'::text AS s;\n-- DOWN\n-- {character}\nDROP TABLE t;"));

        Assert.Single(await sandbox.ApplyAllAsync());

        Assert.Equal(bytes, await sandbox.Database.ScalarAsync<int>("SELECT octet_length(s) FROM t"));
        Assert.Equal($"001_{character}.sql", (await sandbox.StatusAsync())[0].FileName);
        (await sandbox.RunAsync(Sandbox.Undo)).Succeeded();
    }

    [Theory]
    [InlineData("LATIN1", "002_ł.sql", "SELECT 1;", "U+0142", null, "The file name")]
    [InlineData("LATIN1", "002_b.sql", "SELECT 1;\nSELECT 'x', '€';", "U+20AC", 2, "The SQL")]
    [InlineData("LATIN1", "002_b.sql", "SELECT /* … */ 1;", "U+2026", 1, "The SQL")]
    [InlineData("LATIN1", "002_b.sql", "SELECT 1;\n-- DOWN\n-- …\nSELECT 2;", "U+2026", 3, "The DOWN text")]
    [InlineData("LATIN1", "002_b.sql", "SELECT 1;\n-- DOWN\nSELECT '€';", "U+20AC", 3, "The DOWN text")]
    [InlineData("LATIN1", "002_b.sql", "CREATE TABLE c (s text);\nCOPY c FROM STDIN;\nx\n€\n\\.\n", "U+20AC", 4, "A row of COPY")]
    [InlineData("LATIN1", "002_b.sql", "-- pgmigrate: no-transaction\nSELECT '😀';", "U+1F600", 2, "The SQL")]
    [InlineData("LATIN2", "002_b.sql", "-- Depends: moduł€:1\nSELECT 1;", "U+20AC", null, "What the file depends on")]
    [InlineData("KOI8R", "002_b.sql", "SELECT 'é';", "U+00E9", 1, "The SQL")]
    [InlineData("ISO_8859_5", "002_b.sql", "SELECT 'Жé';", "U+00E9", 1, "The SQL")]
    [InlineData("EUC_JP", "002_b.sql", "SELECT '語é😀';", "U+1F600", 1, "The SQL")]
    public async Task A_character_that_the_database_does_not_have_is_named_before_anything_runs(
        string encoding, string file, string text, string character, int? line, string what)
    {
        await using var sandbox = await Sandbox.CreateInAsync(
            encoding, ("001_a.sql", "CREATE TABLE t (s text);"), (file, text));

        var plan = await sandbox.PlanAsync(Sandbox.Apply);

        var problem = plan.Errors.First(error => error.Code == "CharacterNotStorable");
        Assert.Equal((file, line), (problem.FileName, problem.Line));
        Assert.StartsWith(what, problem.Message, StringComparison.Ordinal);
        Assert.Contains($"({character})", problem.Message, StringComparison.Ordinal);
        Assert.Contains(encoding, problem.Message, StringComparison.Ordinal);
        Assert.False(await sandbox.Database.HasTableAsync("t"));
        Assert.False(await sandbox.Database.HasTableAsync("schema_migrations"));
        Assert.Equal(2, (await sandbox.StatusAsync()).Count);
    }

    [Fact]
    public async Task Every_file_with_a_character_that_cannot_be_stored_is_named_with_its_column()
    {
        await using var sandbox = await Sandbox.CreateInAsync(
            "LATIN1", ("001_a.sql", "SELECT\n  'é€';"), ("002_b.sql", "SELECT 1;"), ("003_c.sql", "SELECT 'ł';"));

        var errors = (await sandbox.PlanAsync(Sandbox.Apply)).Errors;

        Assert.Equal(
            [("001_a.sql", 2, 5), ("003_c.sql", 1, 9)],
            errors.Select(error => (error.FileName!, error.Line ?? 0, error.Column ?? 0)));
    }

    [Fact]
    public async Task Text_that_is_never_sent_may_contain_any_character()
    {
        await using var sandbox = await Sandbox.CreateInAsync(
            "LATIN1", ("001_a.sql", "-- … €\n-- Description: ł\nCREATE TABLE t (s text);\n\n-- … at the end\n"));

        Assert.Single(await sandbox.ApplyAllAsync());
    }

    [Fact]
    public async Task A_value_of_a_variable_is_not_shown()
    {
        await using var sandbox = await Sandbox.CreateInAsync("LATIN1", ("001_a.sql", "SELECT '{{vars.secret}}';"));
        var values = new PlaceholderValues
        {
            Variables = new Dictionary<string, string> { ["secret"] = "geheim€" },
            Secrets = new HashSet<string> { "secret" },
        };

        var error = Assert.Single((await sandbox.PlanAsync(Sandbox.Apply with { Placeholders = values })).Errors);

        Assert.Equal("CharacterNotStorable", error.Code);
        Assert.DoesNotContain("€", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("20AC", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Module")]
    [InlineData("Schema")]
    [InlineData("HistoryTable")]
    [InlineData("Role")]
    public async Task A_name_that_the_database_cannot_store_is_rejected_with_its_parameter(string parameter)
    {
        await using var sandbox = await Sandbox.CreateInAsync("LATIN1", ("001_a.sql", "SELECT 1;"));
        const string Name = "naïve_ł";
        var options = sandbox.Options;
        sandbox.Options = parameter switch
        {
            "Module" => options with { Module = Name },
            "Schema" => options with { Schema = Name },
            "HistoryTable" => options with { HistoryTable = Name },
            _ => options with { Role = Name },
        };

        var error = await Assert.ThrowsAsync<InitializationException>(() => sandbox.OpenAsync());

        Assert.Equal("CharacterNotStorable", error.Code);
        Assert.StartsWith($"-{parameter} '{Name}' has the character 'ł' (U+0142)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_baseline_records_nothing_that_cannot_be_stored()
    {
        await using var sandbox = await Sandbox.CreateInAsync("LATIN1", ("001_a.sql", "SELECT 1;"), ("002_ł.sql", "SELECT 1;"));

        var error = Assert.Single((await sandbox.PlanAsync(Sandbox.Apply with { Baseline = "2" })).Errors);

        Assert.Equal(("CharacterNotStorable", "002_ł.sql"), (error.Code, error.FileName));
    }

    [Fact]
    public async Task A_long_error_message_is_logged_although_it_is_cut()
    {
        await using var sandbox = await Sandbox.CreateInAsync(
            "LATIN1", ("001_a.sql", "DO $$ BEGIN RAISE EXCEPTION '%', repeat('é', 5000); END $$;"));

        (await sandbox.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        var line = Assert.Single(await sandbox.LogAsync());
        Assert.Equal("failed", line.Event);
    }

    [Fact]
    public async Task A_role_named_in_another_encoding_hides_no_other()
    {
        await using var database = await TestDatabase.CreateAsync(encoding: "SQL_ASCII");
        var role = $"r_{Guid.NewGuid():N}";
        await database.ExecuteAsync(
            $"CREATE ROLE {role}; DO $$ BEGIN EXECUTE format('CREATE ROLE %I', '{role}' || E'\\364'); END $$");
        try
        {
            await using var other = await TestDatabase.CreateAsync();
            Assert.Equal(
                [role],
                (await DatabaseNames.ListRolesAsync(other.Target, CancellationToken.None)).Where(name => name.StartsWith(role, StringComparison.Ordinal)));
            Assert.Contains(other.Name, await DatabaseNames.ListDatabasesAsync(other.Target, CancellationToken.None));
            Assert.Equal(["public"], await DatabaseNames.ListSchemasAsync(other.Target, CancellationToken.None));
        }
        finally
        {
            await database.ExecuteAsync(
                $"DROP ROLE {role}; DO $$ BEGIN EXECUTE format('DROP ROLE %I', '{role}' || E'\\364'); END $$");
        }
    }

    [Fact]
    public async Task A_large_file_is_checked_to_its_end()
    {
        var rows = string.Concat(Enumerable.Repeat("INSERT INTO t VALUES ('0123456789012345678901234567890123456789');\n", 80_000));
        await using var sandbox = await Sandbox.CreateInAsync(
            "LATIN1", ("001_a.sql", $"CREATE TABLE t (s text);\n{rows}INSERT INTO t VALUES ('é€');\n"));

        var error = Assert.Single((await sandbox.PlanAsync(Sandbox.Apply)).Errors);

        Assert.Equal(("CharacterNotStorable", 80_002, 25), (error.Code, error.Line, error.Column));
    }
}
