using PgMigrate.Files;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class SectionReaderTests
{
    [Theory]
    // The first three are pycopg's own cases (C08), then C09 and metapg's M05.
    [InlineData("-- UP\nCREATE TABLE t();\n\n-- DOWN\nDROP TABLE t;\n", "CREATE TABLE t();", "DROP TABLE t;")]
    [InlineData("-- up\nCREATE TABLE t();\n\n-- down\nDROP TABLE t;\n", "CREATE TABLE t();", "DROP TABLE t;")]
    [InlineData("CREATE TABLE t();", "CREATE TABLE t();", null)]
    [InlineData("--UP\nSELECT 1;\n", "SELECT 1;", null)]
    [InlineData("-- DOWN\nSELECT 2;\n-- UP\nSELECT 1;\n", "SELECT 1;", "SELECT 2;")]
    [InlineData("-- UP\nSELECT 1;\n-- DOWN", "SELECT 1;", null)]
    [InlineData("-- UP: make t\nSELECT 1;\n-- DOWN\nSELECT 2;\n", "SELECT 1;", "SELECT 2;")]
    [InlineData("-- UP\nSELECT '-- down\n';\n-- DOWN\nSELECT 3;\n", "SELECT '-- down\n';", "SELECT 3;")]
    [InlineData("-- UP\nCREATE TABLE t(i int);\n-- DOWN\nDROP TABLE t;\n", "CREATE TABLE t(i int);", "DROP TABLE t;")]
    [InlineData("SELECT 1;\n--down\nSELECT 2;", "SELECT 1;", "SELECT 2;")]
    [InlineData("SELECT 1;\n-- ROLLBACK\nSELECT 2;", "SELECT 1;", "SELECT 2;")]
    [InlineData("SELECT 1;\n--Rollback:\nSELECT 2;", "SELECT 1;", "SELECT 2;")]
    [InlineData("-- UP (make t)\nSELECT 1;\n-- DOWN (drop it)\nSELECT 2;", "SELECT 1;", "SELECT 2;")]
    [InlineData("-- UP(x)\nSELECT 1;", "SELECT 1;", null)]
    [InlineData("  \t--   UP  \nSELECT 1;\n \t--DOWN \t\nSELECT 2;", "SELECT 1;", "SELECT 2;")]
    [InlineData("---- UP\nSELECT 1;\n------- DOWN\nSELECT 2;", "SELECT 1;", "SELECT 2;")]
    [InlineData("-- a title\n\n/* and more */\n-- UP\nSELECT 1;", "SELECT 1;", null)]
    [InlineData("-- UP\n-- why\nSELECT 1;\n-- DOWN\n-- why not\nSELECT 2;", "SELECT 1;", "SELECT 2;")]
    [InlineData("SELECT 1\n;-- UP\nSELECT 2;", "SELECT 1\n;|SELECT 2;", null)]
    [InlineData("-- UP\rSELECT 1;\r-- DOWN\rSELECT 2;\r", "SELECT 1;", "SELECT 2;")]
    [InlineData("SELECT 1;\r\r-- DOWN\r\n\rSELECT 2;", "SELECT 1;", "SELECT 2;")]
    public void Markers_divide_a_file(string text, string up, string? down)
    {
        var parsed = Parsed.From(text);

        Assert.Empty(parsed.Problems);
        Assert.Equal(up, string.Join('|', parsed.Up));
        Assert.Equal(down, parsed.Down is { } statements ? string.Join('|', statements) : null);
    }

    [Theory]
    [InlineData("SELECT '\n-- DOWN\n';")]
    [InlineData("SELECT E'\\'\n-- DOWN\n';")]
    [InlineData("SELECT 1 AS \"\n-- DOWN\n\";")]
    [InlineData("DO $$\nBEGIN\n-- DOWN\nNULL;\nEND\n$$;")]
    [InlineData("DO $body$\n-- UP\n$$\n-- DOWN\n$$ $body$;")]
    [InlineData("/*\n-- DOWN\nDROP TABLE t;\n*/ SELECT 1;")]
    [InlineData("/* a /* b */\n-- DOWN\n*/ SELECT 1;")]
    [InlineData("CREATE TABLE t (\n-- UP\ni int,\n-- DOWN\nj int\n);")]
    [InlineData("CREATE FUNCTION f() RETURNS int\nBEGIN ATOMIC\n-- DOWN\nSELECT 1;\nEND;")]
    [InlineData("SELECT 1; -- DOWN\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- DOWNLOAD\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- UPDATE the rows\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- down the road\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- ROLLBACKS\nSELECT 2;")]
    [InlineData("SELECT 1;\n- DOWN\n;")]
    public void Text_that_only_looks_like_a_marker_is_not_one(string text)
    {
        var parsed = Parsed.From(text);

        Assert.Empty(parsed.Problems);
        Assert.Null(parsed.Down);
        Assert.Equal(MigrationChecksum.Of(text), parsed.Migration.UpChecksum);
    }

    [Fact]
    public void Down_never_runs_on_apply_even_when_up_is_empty() // pycopg's C11
    {
        var parsed = Parsed.From("-- UP\n\n-- DOWN\nDROP TABLE keepme;\n");

        Assert.Empty(parsed.Problems);
        Assert.Empty(parsed.Up);
        Assert.Equal(["DROP TABLE keepme;"], parsed.Down);
    }

    [Fact]
    public void A_down_section_without_up_leaves_the_text_before_it()
    {
        var parsed = Parsed.From("-- DOWN\nDROP TABLE keepme;\n");

        Assert.Empty(parsed.Problems);
        Assert.Empty(parsed.Up);
        Assert.Equal(["DROP TABLE keepme;"], parsed.Down);
    }

    [Theory]
    [InlineData("SELECT 1;\n-- DOWN\n")]
    [InlineData("SELECT 1;\n-- DOWN\n-- nothing to do\n")]
    [InlineData("SELECT 1;\n-- DOWN\n/* nothing */ ;;\n")]
    public void A_down_section_without_sql_is_not_an_undo(string text)
    {
        var parsed = Parsed.From(text);

        Assert.Null(parsed.Migration.Down);
        Assert.Null(parsed.Migration.DownText);
    }

    [Fact]
    public void The_down_text_is_kept_as_written()
    {
        var parsed = Parsed.From("SELECT 1;\n-- DOWN\n\n-- first\nSELECT 'a\n\nb';\n/* then */ SELECT 2\n\n");

        Assert.Equal("-- first\nSELECT 'a\n\nb';\n/* then */ SELECT 2", parsed.Migration.DownText);
    }

    [Theory]
    [InlineData("-- UP\nCREATE TABLE t (i int)\n-- DOWN\nDROP TABLE t;\n", 3)]
    [InlineData("SELECT 1\n-- DOWN\n", 2)]
    [InlineData("SELECT 1;\nSELECT 2\n  -- UP\n;", 3)]
    public void A_marker_inside_an_unfinished_statement_is_an_error(string text, int line)
    {
        var problem = Parsed.From(text).FileProblems.First(found => found.Code == "SectionInsideStatement");

        Assert.Equal(nameof(ProblemSeverity.Error), problem.Severity);
        Assert.Equal(line, problem.Line);
    }

    [Theory]
    [InlineData("-- DOWN --")]
    [InlineData("-- === DOWN ===")]
    [InlineData("-- Down.")]
    [InlineData("  -- [down]")]
    [InlineData("-- undo")]
    [InlineData("-- Rollback script\n")]
    [InlineData("-- down;")]
    [InlineData("-- DOWN (x) y")]
    [InlineData("-- DOWN (manual)")]
    [InlineData("-- DOWN (manual):")]
    [InlineData("-- DOWN - remove x")]
    [InlineData("-- DOWN – remove x")]
    [InlineData("-- DOWN: remove x")]
    [InlineData("-- DOWN/ROLLBACK")]
    [InlineData("-- DOWN / by hand")]
    [InlineData("-- [DOWN] remove x")]
    [InlineData("-- <down> remove x")]
    [InlineData("-- ROLLBACK - by hand")]
    [InlineData("-- Rollback (see the wiki)")]
    [InlineData("-- ROLLBACK (manual)")]
    [InlineData("-- Rollback: DROP TABLE x;")]
    [InlineData("-- Roll back: DROP TABLE x;")]
    [InlineData("-- ROLL-BACK")]
    [InlineData("-- Rollback SQL: DROP TABLE x;")]
    [InlineData("-- UNDO => by hand")]
    [InlineData("-- UNDO remove x")]
    [InlineData("-- Undo (if it must be)")]
    [InlineData("-- To undo this change:")]
    [InlineData("-- How to roll back")]
    [InlineData("-- Manual rollback: see the wiki")]
    [InlineData("-- downgrade")]
    [InlineData("-- Revert, if needed")]
    [InlineData("-- Rollback migration 035")]
    [InlineData("/* DOWN */")]
    [InlineData("/* ---- DOWN ---- */")]
    [InlineData("/*\n * Rollback: by hand\n */")]
    [InlineData("-- DOWN (manual):\n-- removes x\n")]
    [InlineData("-- DOWN (manual):\n-- DROP TABLE x")]
    public void A_heading_between_sql_that_could_start_a_down_section_is_refused(string heading)
    {
        foreach (var start in new[] { "SELECT 1;\n", "-- UP\nSELECT 1;\n", "\\echo x\n" })
        {
            var text = $"{start}{heading}\nSELECT 2;";
            if (start.StartsWith("-- UP", StringComparison.Ordinal) && heading == "-- DOWN (manual)")
            {
                continue; // In a file with sections, a note may follow a marker.
            }

            var problem = Assert.Single(Parsed.From(text).FileProblems);

            Assert.Equal(
                ("SectionMarkerUnclear", start.Count(c => c == '\n') + 1, nameof(ProblemSeverity.Error)),
                (problem.Code, problem.Line, problem.Severity));
        }
    }

    [Theory]
    [InlineData("-- Rollback: DROP TABLE x;\n\nSELECT 1;")]
    [InlineData("-- title\n-- Rollback: DROP TABLE x;\nBEGIN;\nSELECT 1;\nCOMMIT;")]
    [InlineData("-- Rollback: DROP TABLE x;\n-- Rollback: DROP TABLE y;\nSELECT 1;")]
    [InlineData("-- DOWN: ALTER TABLE x DROP COLUMN y\nSELECT 1;")]
    [InlineData("-- UP: make x\nSELECT 1;")]
    [InlineData("-- UP: make x\nSELECT 1;\n-- UP: make y\nSELECT 2;")]
    [InlineData("-- Rollback: see the wiki\n-- Author: somebody\n\nSELECT 1;")]
    [InlineData("-- Rollback (see the wiki)\n\nSELECT 1;")]
    [InlineData("-- title\n--\n-- DOWN (rollback):\n-- DROP TABLE x;\n\nSELECT 1;")]
    [InlineData("-- To undo:\n--   DROP TABLE x;\nSELECT 1;")]
    [InlineData("/* Rollback:\n   DROP TABLE x;\n*/\nSELECT 1;")]
    [InlineData("SELECT 1;\n/*\nDOWN\nDROP TABLE x;\n*/\nSELECT 2;")]
    [InlineData("SELECT 1;\n\n-- DOWN (manual):\n-- DROP TABLE x;\n\nSELECT 2;")]
    [InlineData("-- undo migration #35\nSELECT 1;")]
    [InlineData("-- Rollback migration 035\nSELECT 1;")]
    [InlineData("SELECT 1;\n-- undo the rename of May\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- down the road\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- down-sampling\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- down.sql is its other half\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- up-to-date rows\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- a rollback: see below\nSELECT 2;")]
    [InlineData("SELECT 1; -- undo\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- Rollback script\n-- DROP TABLE t;")]
    [InlineData("SELECT 1;\n-- Rollback: DROP TABLE t;\n")]
    [InlineData("SELECT 1\n-- revert\n;")]
    [InlineData("\\if false\n-- DOWN - x\n\\endif\nSELECT 2;")]
    public void A_note_about_undo_does_not_divide_the_file(string text)
    {
        var parsed = Parsed.From(text);

        Assert.Empty(parsed.Problems);
        Assert.Null(parsed.Migration.DownText);
        Assert.Equal(MigrationChecksum.Of(text), parsed.Migration.UpChecksum);
    }

    [Theory]
    [InlineData("SELECT 1;\n-- Rollback script:\n-- DOWN\nSELECT 2;")]
    [InlineData("SELECT 1;\n-- DOWN\n-- === undo ===\nSELECT 2;")]
    [InlineData("-- Rollback: see DOWN\nSELECT 1;\n-- DOWN\nSELECT 2;")]
    [InlineData("SELECT 0;\n-- Rollback: SELECT 2;\nSELECT 1;\n-- DOWN\nSELECT 2;")]
    public void A_heading_in_a_file_with_a_marker_is_a_comment(string text)
    {
        var parsed = Parsed.From(text);

        Assert.Empty(parsed.Problems);
        Assert.Equal(["SELECT 2;"], parsed.Down);
    }

    [Theory]
    [InlineData("-- DOWN\nSELECT 2;\n-- UP: make x\nSELECT 1;", 3)]
    [InlineData("-- DOWN\nSELECT 2;\n-- === UP ===\nSELECT 1;", 3)]
    [InlineData("-- DOWN - remove x\n\nSELECT 2;\n\n-- UP - make x\nSELECT 1;", 1)]
    [InlineData("-- DOWN\n-- === DOWN ===\nSELECT 2;\n/* UP */\nSELECT 1;", 4)]
    public void Sql_that_an_up_heading_could_claim_is_not_left_in_down(string text, int line)
    {
        var problem = Assert.Single(Parsed.From(text).FileProblems);

        Assert.Equal(("SectionMarkerUnclear", line), (problem.Code, problem.Line));
    }

    [Theory]
    [InlineData("SELECT 1;\n-- DOWN - remove x\nSELECT 2;", "-- DOWN", "SELECT 2;")]
    [InlineData("SELECT 1;\n-- DOWN - remove x\nSELECT 2;", "-- Note: DOWN - remove x", null)]
    [InlineData("SELECT 1;\n-- Undo (by hand)\nSELECT 2;", "-- DOWN", "SELECT 2;")]
    [InlineData("SELECT 1;\n-- Undo (by hand)\nSELECT 2;", "-- Note: Undo (by hand)", null)]
    public void The_advice_about_an_unclear_heading_works(string text, string instead, string? down)
    {
        Assert.Contains("'-- Note:'", Assert.Single(Parsed.From(text).FileProblems).Message, StringComparison.Ordinal);

        var parsed = Parsed.From(text.Replace(text.Split('\n')[1], instead, StringComparison.Ordinal));

        Assert.Empty(parsed.Problems);
        Assert.Equal(down, parsed.Down is { } statements ? string.Join('|', statements) : null);
    }

    [Theory]
    [InlineData("-- UP\nSELECT 1;\n-- UP\nSELECT 2;", 3, "UP")]
    [InlineData("SELECT 1;\n-- DOWN\nSELECT 2;\n-- ROLLBACK\nSELECT 3;", 4, "DOWN")]
    [InlineData("-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;\n-- UP\nSELECT 3;", 5, "UP")]
    public void A_second_section_of_a_kind_is_an_error(string text, int line, string named)
    {
        var problem = Assert.Single(Parsed.From(text).FileProblems);

        Assert.Equal("SectionDuplicate", problem.Code);
        Assert.Equal(line, problem.Line);
        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sql_before_the_up_marker_would_never_run_and_is_an_error()
    {
        var problem = Assert.Single(Parsed.From("-- title\nSELECT 1;\n-- UP\nSELECT 2;").FileProblems);

        Assert.Equal(("TextBeforeUp", 2, 1), (problem.Code, problem.Line, problem.Column));
    }

    [Fact]
    public void The_up_checksum_covers_the_up_text_alone()
    {
        var first = Parsed.From("-- a\n-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;").Migration;
        var second = Parsed.From("-- b\n--up\n\nSELECT 1;\n\n-- ROLLBACK\nSELECT 3;").Migration;
        var third = Parsed.From("-- a\n-- UP\nSELECT 1; \n\n\n;\n-- DOWN\nSELECT 2;").Migration;

        Assert.NotEqual(first.Checksum, second.Checksum);
        Assert.Equal(first.UpChecksum, second.UpChecksum);
        Assert.NotEqual(first.UpChecksum, third.UpChecksum);
        Assert.Equal(MigrationChecksum.Of("SELECT 1;"), first.UpChecksum);
    }

    [Fact]
    public void Literals_are_unchanged() // metapg's M12
    {
        const string Insert = "INSERT INTO n VALUES ('a\n-- keep\n\nb');";

        Assert.Equal(["CREATE TABLE n(v text);", Insert], Parsed.From($"CREATE TABLE n(v text);\n{Insert}\n").Up);
    }
}
