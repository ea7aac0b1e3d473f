using System.Text;
using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.Folders;
using PgMigrate.Migrations;
using PgMigrate.Migrations.Formats;
using PgMigrate.Runs;
using PgMigrate.Scripts;
using PgMigrate.Sql;
using PgMigrate.Tests.Infrastructure;
using PgMigrate.Tests.Sql;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class LargeScriptTests
{
    private const string Row = "INSERT INTO t VALUES (1, 'größe 🐘');\n";

    [RealDataTheory]
    [InlineData(64)]
    [InlineData(997)]
    [InlineData(20_000)]
    public void Windows_of_any_size_give_the_statements_of_the_whole(int window)
    {
        using var folder = new TestFolder();
        var wrong = new List<string>();
        foreach (var recording in RealScriptTests.Recordings().Where(one => one.Text.Length < 150_000))
        {
            // One more statement, so that an outer BEGIN and COMMIT are not taken off.
            var script = recording.Text + "\nSELECT 0;";
            folder.Write("x.sql", script);
            var whole = Whole(script.Replace("\r\n", "\n", StringComparison.Ordinal));
            var parts = Parts(folder.PathOf("x.sql"), window);
            wrong.AddRange(whole.Except(parts).Concat(parts.Except(whole)).Take(2).Select(one => $"{recording.File}: {one}"));
            if (!whole.SequenceEqual(parts))
            {
                wrong.Add(recording.File);
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("COPY t FROM STDIN;\n1\ta\n2\tb\n\\.\nSELECT 1;\n", "COPY t FROM STDIN;|1\ta\n2\tb\n|2 SELECT 1;||5")]
    [InlineData("SELECT 0; COPY t FROM STDIN;\n\\.\n", "SELECT 0;||1 COPY t FROM STDIN;||2")]
    [InlineData("COPY t FROM STDIN;\n1", "COPY t FROM STDIN;|1|2")]
    [InlineData("COPY t FROM STDIN;\n1\\.\n\\.x\n\\.", "COPY t FROM STDIN;|1\\.\n\\.x\n|2")]
    [InlineData("COPY t FROM STDIN;\n1\tgröße 🐘\n🐘\n\\.\n\n/* größe */ SELECT 1; -- 🐘\nSELECT 2;",
        "COPY t FROM STDIN;|1\tgröße 🐘\n🐘\n|2 /* größe */ SELECT 1;||6 SELECT 2;||7")]
    [InlineData("SELECT 1;SELECT\n2;/* a */SELECT 3", "SELECT 1;||1 SELECT\n2;||1 /* a */SELECT 3||2")]
    [InlineData("SELECT 1;\rSELECT\r2;\r\r -- a\rSELECT 3;\nSELECT 4;", "SELECT 1;||1 SELECT\r2;||2 SELECT 3;||6 SELECT 4;||7")]
    [InlineData("SELECT 1\\; SELECT 2;", "SELECT 1 ;||1 SELECT 2;||1")]
    [InlineData("SET standard_conforming_strings = off;\nSELECT 'a\\';\n1';\nSELECT 2;",
        "SET standard_conforming_strings = off;||1 SELECT 'a\\';\n1';||2 SELECT 2;||4")]
    public void Every_split_of_a_text_into_windows_gives_the_same(string text, string expected)
    {
        using var folder = new TestFolder(("x.sql", text));
        for (var window = 1; window <= text.Length + 1; window++)
        {
            Assert.Equal((window, expected), (window, string.Join(' ', Parts(folder.PathOf("x.sql"), window))));
        }
    }

    [Theory]
    [InlineData("SELECT 1; -- DOWN\nSELECT 2;\n")] // not a marker: it is not alone on its line
    [InlineData("SELECT 1;/* DOWN */\nSELECT 2;-- ROLLBACK - x\nSELECT 3;\n")]
    [InlineData("SELECT 1;\n  -- DOWN\nSELECT 2;\n")]
    [InlineData("SELECT 1;\r-- DOWN\rSELECT 2;\r")]
    [InlineData("-- UP\nSELECT 1;\n-- DOWN (x)\nSELECT 2;\n")]
    [InlineData("SELECT 1;\n-- DOWN - x\n\nSELECT 2;\n")]
    [InlineData("-- Rollback: SELECT 2;\nSELECT 1;\n/* UNDO\n   SELECT 2; */\nSELECT 3; SELECT 4;\n")]
    [InlineData("-- DOWN: x\n\nSELECT 1;\n\n-- UP - y\nSELECT 2;\n")]
    [InlineData("COPY t FROM STDIN;\n-- DOWN\n\\.\n-- Rollback\nSELECT 1;\n")]
    public void Sections_are_the_same_wherever_a_text_is_cut(string text)
    {
        using var folder = new TestFolder(("x.sql", text));
        var path = folder.PathOf("x.sql");
        var whole = Describe(FileOutline.Of(ScriptReader.Read(new SqlSource("x.sql", path, text)), FormatRules.Native));

        for (var window = 1; window <= text.Length + 1; window++)
        {
            using var parts = new MigrationTextStream(path, withChecksum: false);
            var outline = new FileOutline(FormatRules.Native);
            foreach (var element in new ScriptReader(parts, "x.sql", path, window).Read())
            {
                outline.Take(element);
            }

            outline.Finish();
            Assert.Equal((window, whole), (window, Describe(outline)));
        }
    }

    private static string Describe(FileOutline outline) => string.Join(
        '\n',
        new[] { $"{outline.Sections.SectionOf(ScriptPartKind.Up)} {outline.Sections.SectionOf(ScriptPartKind.Down)}" }
            .Concat(outline.Problems.Select(problem => $"{problem.Line}:{problem.Column} {problem.Code}")));

    [Fact]
    public void Recorded_splits_of_a_text_are_not_used_for_another()
    {
        using var folder = new TestFolder(("a.sql", "SELECT 1;\nSELECT 22;\n"), ("b.sql", "SELECT 22;\nSELECT 1;\n"));
        using var before = new PlainTextStream(folder.PathOf("a.sql"), withChecksum: true);
        using var after = new PlainTextStream(folder.PathOf("b.sql"), withChecksum: true);
        var cuts = new WindowCuts();

        var first = Parts(before, "x", 4096, cuts).Parts;
        var second = Parts(after, "x", 4096, cuts).Parts;

        Assert.Equal(["SELECT 1;||1", "SELECT 22;||2"], first);
        Assert.Equal(["SELECT 22;||1", "SELECT 1;||2"], second);
    }

    [Fact]
    public void A_line_of_goose_that_ends_a_statement_does_so_wherever_the_text_is_cut()
    {
        const string Text = "-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() AS $$ a; b $$\n"
            + "-- +goose StatementEnd\nSELECT 'größe';\n-- +goose StatementBegin\nDO $$ x $$\n-- +goose StatementEnd\n";
        using var folder = new TestFolder(("x.sql", Text));
        var path = folder.PathOf("x.sql");
        var whole = ScriptReader.Read(new SqlSource("x.sql", path, Text), GooseFormat.EndStatements)
            .OfType<ScriptElement.Statement>().Select(one => Describe(one.Value)).ToList();
        Assert.Equal(3, whole.Count);

        for (var window = 1; window <= Text.Length + 1; window++)
        {
            using var text = new PlainTextStream(path, withChecksum: false);
            var reader = new ScriptReader(text, "x.sql", path, window) { TextToSplit = GooseFormat.EndStatements };
            Assert.Equal(whole, reader.Read().OfType<ScriptElement.Statement>().Select(one => Describe(one.Value)));
        }
    }

    [Theory]
    [InlineData("\n\n")]
    [InlineData("-- UP\n")]
    [InlineData("\uFEFF-- Description: big\r\n")]
    public async Task Checksums_are_those_of_the_text_read_at_once(string start)
    {
        var text = start + string.Concat(Enumerable.Repeat(Row, 150_000)) + "\n-- DOWN\nTRUNCATE t; \n\n";
        using var folder = new TestFolder(("001_big.sql", text));
        Assert.True(new FileInfo(folder.PathOf("001_big.sql")).Length > LargeMigration.Threshold);

        var large = (await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None)).Migrations[0];

        MigrationText.TryDecode(Encoding.UTF8.GetBytes(text), out var decoded, out _);
        var small = Migration.FromText(large.File, large.FilePath, decoded!);
        Assert.Equal(small.Checksum, large.Checksum);
        Assert.Equal(small.UpChecksum, large.UpChecksum);
        Assert.Equal((small.DownText, small.Description), (large.DownText, large.Description));
        Assert.Equal((150_000, true), (large.Up.Count, large.Up.Held is null));
        Assert.Empty(large.Problems.Concat(large.Up.Problems));
        Assert.Equal(["TRUNCATE t;"], large.Down!.Held!.Select(statement => statement.Text));
        Assert.Equal(small.Down!.Held![0].Line, large.Down.Source.PositionOf(large.Down.Held![0].Offset).Line);
    }

    [Theory]
    [InlineData("goose", "-- +goose Up\n",
        "-- +goose Down\n-- +goose StatementBegin\nTRUNCATE t\n-- +goose StatementEnd\n")]
    [InlineData("dbmate", "-- migrate:up\n", "-- migrate:down transaction:false\nTRUNCATE t;\n")]
    public async Task A_large_file_with_marks_of_another_tool_is_applied_and_undone(
        string format, string up, string down)
    {
        await using var box = await Sandbox.CreateAsync();
        box.Folder.Write("001_big.sql", up + "CREATE TABLE t (id int, name text);\n"
            + string.Concat(Enumerable.Repeat(Row, 120_000)) + "COPY t FROM STDIN;\n"
            + string.Concat(Enumerable.Repeat("2\t" + new string('x', 30) + "\n", 20_000)) + "\\.\n" + down);
        var read = (await MigrationFolder.ReadAsync(box.Folder.FullPath, false, CancellationToken.None)).Migrations[0];
        Assert.Equal((format, true), (read.Format, read.Up.Held is null));

        var result = (await box.ApplyAllAsync())[0];

        Assert.Equal((120_002, 140_000L), (result.StatementCount, result.RowsAffected));
        (await box.RunAsync(Sandbox.Undo)).Succeeded();
        Assert.Equal(0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("-- +goose NO TRANSACTION\n-- +goose Up\n")]
    [InlineData("-- migrate:up transaction:false\n")]
    [InlineData("-- migrate:up\n-- pgmigrate: no-transaction\n")]
    [InlineData("-- pgmigrate: no-transaction\n")]
    public async Task A_large_no_transaction_file_is_held(string up)
    {
        using var folder = new TestFolder(("001_big.sql", up + string.Concat(Enumerable.Repeat(Row, 120_000))));

        var read = (await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None)).Migrations[0];

        Assert.Equal((ScriptTransaction.None, 120_000), (read.Up.Transaction, read.Up.Held!.Count));
    }

    [Theory]
    [InlineData("", 7)]
    [InlineData("  \n\t", 7)]
    [InlineData(" \nSELECT 'größe 🐘';\n\n-- x \n ", 5)]
    [InlineData("SELECT 'größe 🐘';\n\n-- x \n ", 1)]
    [InlineData("SELECT 'größe 🐘 größe 🐘 größe 🐘' x   \n", 8)]
    [InlineData("\uFEFFSELECT 1;", 7)]
    [InlineData("SELECT 1;\r\n", 7)]
    [InlineData("SELECT 1; -- 🐘", 7)]
    [InlineData("SELECT 1;\n\u00A0", 7)]
    public void The_checksum_of_the_bytes_is_that_of_the_text(string text, int buffer)
    {
        using var folder = new TestFolder(("x.sql", text));

        var checksum = PlainFileChecksum.TryOf(folder.PathOf("x.sql"), buffer);

        Assert.Equal(MigrationChecksum.TryOfBytes(Encoding.UTF8.GetBytes(text))?.ToString(), checksum);
    }

    [Theory]
    [InlineData("flyway", "V1__big.sql", null)]
    [InlineData("flyway", "V1__big.sql", "U1__big.sql")]
    [InlineData("golang-migrate", "001_big.up.sql", "001_big.down.sql")]
    public async Task A_large_file_of_another_format_is_not_held_either(string format, string up, string? down)
    {
        using var folder = new TestFolder((up, string.Concat(Enumerable.Repeat(Row, 150_000))));
        if (down is not null)
        {
            folder.Write(down, "TRUNCATE t;\n");
        }

        var read = await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);

        var large = Assert.Single(read.Migrations);
        Assert.Equal((format, 150_000, true), (large.Format, large.Up.Count, large.Up.Held is null));
        Assert.Equal(down is null ? null : "TRUNCATE t;", large.DownText);
        Assert.Empty(read.Problems.Concat(large.Problems).Concat(large.Up.Problems));
    }

    [Theory]
    [InlineData("-- UP", "-- DOWN")]
    [InlineData("-- migrate:up", "-- migrate:down")]
    [InlineData("-- +goose Up", "-- +goose Down")]
    public async Task A_large_file_with_lone_carriage_returns_has_its_sections(string up, string down)
    {
        var rows = string.Concat(Enumerable.Repeat(Row, 150_000)).Replace('\n', '\r');
        using var folder = new TestFolder(("1_big.sql", $"{up}\r{rows}{down}\rTRUNCATE t;\r"));

        var read = await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);

        var large = Assert.Single(read.Migrations);
        Assert.Empty(read.Problems.Concat(large.Problems).Concat(large.Up.Problems));
        Assert.Equal((150_000, true), (large.Up.Count, large.Up.Held is null));
        Assert.Equal("TRUNCATE t;", large.DownText);
    }

    [Theory]
    [InlineData("V1__big.sql", null, "SELECT '${x}';\n", "FlywayPlaceholder")]
    [InlineData("V1__big.sql", null, "SELECT '${x}';\n-- DOWN\nTRUNCATE t;", null)]
    [InlineData("V1__big.sql", "U1__big.sql", "-- DOWN\nTRUNCATE t;", "FormatAmbiguous")]
    [InlineData("001_big.up.sql", "001_big.down.sql", "-- DOWN\nTRUNCATE t;", "UndoTwice")]
    public async Task A_large_file_has_the_errors_of_a_small_one(string up, string? down, string last, string? code)
    {
        foreach (var count in new[] { 1, 150_000 })
        {
            using var folder = new TestFolder((up, string.Concat(Enumerable.Repeat(Row, count)) + last));
            if (down is not null)
            {
                folder.Write(down, "TRUNCATE t;\n");
            }

            var read = (await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None)).Migrations[0];

            var found = read.Problems.Concat(read.Up.Problems).ToList();
            Assert.Equal(code is null ? [] : [(code, count + 1)], found.Select(one => (one.Code, one.Line!.Value)));
        }
    }

    [Fact]
    public async Task A_large_file_is_applied_in_one_transaction_and_undone()
    {
        await using var box = await Sandbox.CreateAsync(("001_t.sql", "CREATE TABLE t (id int, name text);"));
        box.Folder.Write("002_big.sql", "-- UP\nBEGIN;\n" + string.Concat(Enumerable.Repeat(Row, 60_000))
            + "COPY t FROM STDIN;\n" + string.Concat(Enumerable.Repeat("2\t{{schema}} " + new string('x', 30) + "\n", 60_000))
            + "\\.\nUPDATE {{tables.t}} SET id = 3 WHERE id = 2;\nCOMMIT;\n-- DOWN\nTRUNCATE t;");

        var result = (await box.ApplyAllAsync())[1];

        Assert.Equal((60_002, 180_000L), (result.StatementCount, result.RowsAffected));
        Assert.Equal(1, await box.Database.ScalarAsync<long>(
            "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM t WHERE id = 1 UNION SELECT xmin FROM "
                + "schema_migrations WHERE version = '2') x"));
        Assert.Empty((await box.PlanAsync(Sandbox.Apply)).Steps);
        (await box.RunAsync(Sandbox.Undo)).Succeeded();
        Assert.Equal(0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("INSERT INTO t VALUES (1, nope);\n", "42703", 150_003, 26)]
    [InlineData("COPY t FROM STDIN;\n1\ta\nx\tb\n\\.\n", "22P02", 150_005, null)]
    public async Task An_error_far_down_names_its_line_and_leaves_nothing(
        string last, string sqlState, int line, int? column)
    {
        await using var box = await Sandbox.CreateAsync();
        box.Folder.Write("001_big.sql",
            "CREATE TABLE t (id int, name text);\n" + string.Concat(Enumerable.Repeat(Row, 150_000)) + "-- x\n" + last);

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal((sqlState, line, column), (error.SqlState, error.Line, error.Column));
        Assert.False(await box.Database.HasTableAsync("t"));
        await box.AssertLockIsFreeAsync();
    }

    [Theory]
    [InlineData("COMMIT;\nSELECT 1;\n", "TransactionControl", 150_001)]
    [InlineData("BEGIN;\nSELECT pg_catalog.lo_open('1', 131072);\nSELECT 1;\n", "TransactionControl", 150_001)]
    [InlineData("BEGIN;\nSELECT pg_catalog.lo_close(0);\n", "TransactionControl", 150_001)]
    [InlineData("BEGIN;\nSELECT 1;\n", "TransactionControl", 150_001)]
    [InlineData("BEGIN;\n", "TransactionControl", 150_001)]
    [InlineData("SELECT 'open", "UnterminatedString", 150_001)]
    [InlineData("\\connect other\n", "PsqlCommandNotSupported", 150_001)]
    [InlineData("\\i other.sql\n", "IncludeInvalid", 150_001)]
    [InlineData("SELECT {{vars.none}};\n", "PlaceholderInvalid", 150_001)]
    [InlineData("{{vars.x}};\nSELECT 1;\n", "TransactionControl", 150_001)]
    [InlineData(":x;\n", "TransactionControl", 150_001)]
    [InlineData("VACUUM;\n", "MixedTransaction", 150_001)]
    [InlineData("-- DOWN\n-- DOWN\n", "SectionDuplicate", 150_002)]
    [InlineData("-- === DOWN ===\nSELECT 1;\n", "SectionMarkerUnclear", 150_001)]
    public async Task A_large_file_that_cannot_run_is_rejected_before_anything_runs(string last, string code, int? line)
    {
        await using var box = await Sandbox.CreateAsync();
        box.Folder.Write("001_big.sql", string.Concat(Enumerable.Repeat(Row, 150_000)) + last);

        var values = new PlaceholderValues { Variables = new Dictionary<string, string> { ["x"] = "COMMIT" } };
        var problem = (await box.PlanAsync(Sandbox.Apply with { Placeholders = values })).Errors[0];

        Assert.Equal((code, line), (problem.Code, problem.Line));
    }

    [Fact]
    public async Task A_file_that_changes_during_the_run_is_rolled_back()
    {
        await using var box = await Sandbox.CreateAsync();
        var text = "CREATE TABLE t (id int, name text);\n" + string.Concat(Enumerable.Repeat(Row, 150_000));
        box.Folder.Write("001_big.sql", text);
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        box.Folder.Write("001_big.sql", text.Replace("größe", "grosse", StringComparison.Ordinal));

        var run = await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));

        Assert.Equal("FileChanged", run.Failed<MigrationApplyException>().Code);
        Assert.False(await box.Database.HasTableAsync("t"));
    }

    [Fact]
    public async Task Bytes_that_are_not_text_are_found_with_their_line()
    {
        using var folder = new TestFolder();
        folder.Write("001_big.sql", [.. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Row, 150_000))), 0xE4, 0x0A]);

        var problem = Assert.Single((await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None)).Problems);

        Assert.Equal(("FileEncoding", 150_001), (problem.Code, problem.Line));
    }

    private static IEnumerable<string> Whole(string text)
    {
        var source = new SqlSource("x.sql", "/x.sql", text);
        return ScriptReader.Read(source).OfType<ScriptElement.Statement>().Select(one => Describe(one.Value));
    }

    // As bytes that are taken as they are, and as text that is translated: it has to come to the same.
    private static List<string> Parts(string path, int window)
    {
        var (parts, starts, checksum) = Parts(new MigrationTextStream(path, withChecksum: true), path, window, null);
        if (PlainFileChecksum.TryOf(path) is { } plain)
        {
            var bytes = Parts(new PlainTextStream(path, withChecksum: true, window), path, window, null);
            Assert.Equal(parts, bytes.Parts);
            Assert.Equal(starts, bytes.Starts);
            Assert.Equal((plain, plain), (checksum, bytes.Checksum));
            AssertRememberedAlike(parts, path, window);
        }

        return parts;
    }

    // The first reading remembers where to cut, the second believes it.
    private static void AssertRememberedAlike(List<string> parts, string path, int window)
    {
        var cuts = new WindowCuts();
        for (var reading = 1; reading <= 2; reading++)
        {
            Assert.Equal((reading, cuts.IsComplete), (reading, reading == 2));
            Assert.Equal(parts, Parts(new PlainTextStream(path, withChecksum: true), path, window, cuts).Parts);
        }
    }

    private static (List<string> Parts, List<long> Starts, string Checksum) Parts(
        TextSource text, string path, int window, WindowCuts? cuts)
    {
        using var _ = text;
        var parts = new List<string>();
        var starts = new List<long>();
        foreach (var element in new ScriptReader(text, "x.sql", path, window) { Cuts = cuts }.Read())
        {
            starts.Add(element.Start);
            if (element is ScriptElement.Statement { Value: var statement })
            {
                parts.Add(Describe(statement));
            }
        }

        return (parts, starts, text.Finish());
    }

    // The line of the first token of the text, as an error would name it.
    private static string Describe(SqlStatement statement)
    {
        var (line, _) = statement.Source!.PositionOf(statement.Offset);
        return $"{statement.Text}|{CopyText.Of(statement.Rows)}|{statement.Rows?.Line ?? line}";
    }
}
