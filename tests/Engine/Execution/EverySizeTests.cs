using PgMigrate.Folders;
using PgMigrate.Runs;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>A rule that holds for a small file holds for one that is too large to be held.</summary>
public class EverySizeTests
{
    // More than 4 MB that the server never sees.
    private static readonly string Filler = string.Concat(Enumerable.Repeat($"-- {new string('x', 96)}\n", 45_000));

    [Theory]
    [InlineData("-- UP\n\\set x 1\nSELECT :x;\n-- DOWN\nSELECT :x;\n", "PsqlVariableUnknown")]
    [InlineData("CREATE\u00A0TABLE t (i int);\n", "CharacterInvisible")]
    [InlineData("SELECT 1;\n\u200BCREATE TABLE t (i int);\n", "CharacterInvisible")]
    [InlineData("COPY t FROM STDIN;\n1\n", "CopyNotEnded")]
    [InlineData("COPY t FROM STDIN;\n1\n-- DOWN\nDROP TABLE t;\n", "CopyNotEnded")]
    [InlineData("COPY t FROM STDIN BINARY;\n\\.\n", "CopyNotSupported")]
    [InlineData("COPY t TO STDOUT;\n", "CopyNotSupported")]
    [InlineData("SET client_encoding = 'LATIN1';\n", "ClientEncoding")]
    [InlineData("DISCARD ALL;\n", "DiscardAll")]
    [InlineData("BEGIN;\nSELECT 1;\n", "TransactionControl")]
    [InlineData("BEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2;\n", "TransactionControl", "TransactionControl")]
    [InlineData("SELECT 1;\nVACUUM;\n", "MixedTransaction")]
    [InlineData("VACUUM;\n")]
    [InlineData("-- pgmigrate: no-transaction\nSELECT 1;\nSAVEPOINT a;\n", "TransactionControl")]
    [InlineData("\\if :flag\nSELECT 1;\n\\endif\n", "PsqlCommandInvalid")]
    [InlineData("-- UP\nSELECT 1;\n-- === DOWN ===\nSELECT 2;\n", "SectionMarkerUnclear")]
    [InlineData("-- +goose Up\nSELECT '\n-- +goose Down\n';\n", "AnnotationInsideStatement")]
    [InlineData("-- +goose Up\nCOPY t FROM STDIN;\n-- +goose Down\n\\.\n", "AnnotationInsideStatement")]
    [InlineData("-- migrate:up\n/*\n-- migrate:down\n*/\nSELECT 1;\n", "AnnotationInsideStatement")]
    [InlineData("-- migrate:up\nSELECT 1; -- migrate:down\nSELECT 2;\n", "AnnotationIndented")]
    [InlineData("-- migrate:up\nSELECT 1\n-- migrate:down\n;\n", "SectionInsideStatement")]
    public async Task A_file_has_the_same_problems_at_every_size(string text, params string[] codes)
    {
        foreach (var filler in new[] { "", Filler })
        {
            using var folder = new TestFolder(("001_a.sql", WithFiller(text, filler)));

            var read = await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);

            var migration = Assert.Single(read.Migrations);
            var up = ScriptRenderer.Render(migration.Up, new PlaceholderValues());
            Assert.Equal(codes, read.Problems.Concat(migration.Problems).Concat(up.Problems).Select(problem => problem.Code));
        }
    }

    [Theory]
    [InlineData("CREATE TABLE schema_migrations (i int);\n", false, "HistoryTableInFile")]
    [InlineData("DROP TABLE public.schema_migrations_log;\n", false, "HistoryTableInFile")]
    [InlineData("SET search_path = x;\nCREATE TABLE schema_migrations (i int);\n", false)]
    [InlineData("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\n", true, "TransactionOptionsDiffer")]
    [InlineData("-- pgmigrate: no-transaction\nSET LOCAL work_mem = '9MB';\n", false, "SettingWithoutEffect")]
    public async Task A_plan_has_the_same_problems_at_every_size(string text, bool sharesTransaction, params string[] codes)
    {
        foreach (var filler in new[] { "", Filler })
        {
            await using var box = await Sandbox.CreateAsync(("001_a.sql", WithFiller(text, filler)));

            var plan = await box.PlanAsync(Sandbox.Apply with { SingleTransaction = sharesTransaction });

            Assert.Equal(codes, plan.Problems.Select(problem => problem.Code));
        }
    }

    [Theory]
    [InlineData("SET work_mem = '9MB';\n", "setting work_mem")]
    [InlineData("CREATE TEMP TABLE scratch (i int);\n", "temporary table scratch")]
    [InlineData("LISTEN news;\n", "LISTEN news")]
    [InlineData("DO $$ BEGIN PERFORM pg_advisory_lock(-42); END $$;\n", "advisory lock -42")]
    public async Task Leftovers_in_the_session_are_named_at_every_size(string text, string left)
    {
        foreach (var filler in new[] { "", Filler })
        {
            await using var box = await Sandbox.CreateAsync(("001_a.sql", WithFiller(text, filler)));

            var run = await box.RunAsync(Sandbox.Apply);

            run.Succeeded();
            Assert.Equal([left], Assert.Single(run.Events.OfType<LeftBehind>()).What);
        }
    }

    [Fact]
    public async Task Messages_of_a_script_are_shown_at_every_size()
    {
        foreach (var filler in new[] { "", Filler })
        {
            using var folder = new TestFolder(("001_a.sql", filler + "SELECT 1;\n\\echo half\nSELECT 2;\n"));
            var read = await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);

            var up = ScriptRenderer.Render(read.Migrations[0].Up, new PlaceholderValues());

            Assert.Equal([new ScriptMessage(1, "half", false)], up.Messages);
            Assert.Equal(2, up.Count);
        }
    }

    // Behind a first line that says how the file is read, else in front.
    private static string WithFiller(string text, string filler) =>
        text.StartsWith("--", StringComparison.Ordinal) ? text.Insert(text.IndexOf('\n') + 1, filler) : filler + text;
}
