using PgMigrate.Migrations;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class ScriptParserTests
{
    [Theory]
    [InlineData("BEGIN; CREATE TABLE a(); COMMIT;", "BEGIN;", "CREATE TABLE a();")]
    [InlineData("begin work;\nCREATE TABLE a();\nSELECT 1;\nend", "begin work;", "CREATE TABLE a();|SELECT 1;")]
    [InlineData("START TRANSACTION; SELECT 1; END TRANSACTION;", "START TRANSACTION;", "SELECT 1;")]
    [InlineData(
        "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT AND NO CHAIN;",
        "BEGIN ISOLATION LEVEL SERIALIZABLE;",
        "SELECT 1;")]
    [InlineData("BEGIN;\nCOMMIT;", "BEGIN;", "")]
    [InlineData("SELECT 1;", "BEGIN", "SELECT 1;")]
    [InlineData("/* x */ BEGIN; SELECT 1; -- y\nCOMMIT; -- z", "/* x */ BEGIN;", "SELECT 1;")]
    public void One_outer_transaction_is_the_runners_own(string text, string begin, string statements)
    {
        var parsed = Parsed.From(text);

        Assert.Empty(parsed.Problems);
        Assert.Equal(begin, parsed.Migration.Up.Begin);
        Assert.Equal(statements, string.Join('|', parsed.Up));
    }

    [Fact]
    public void Each_section_has_its_own_outer_transaction()
    {
        var parsed = Parsed.From(
            "-- UP\nBEGIN; SELECT 1; COMMIT;\n-- DOWN\nBEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 2; COMMIT;");

        Assert.Empty(parsed.Problems);
        Assert.Equal("BEGIN;", parsed.Migration.Up.Begin);
        Assert.Equal("BEGIN ISOLATION LEVEL SERIALIZABLE;", parsed.Migration.Down!.Begin);
        Assert.Equal(["SELECT 2;"], parsed.Down);
    }

    [Theory]
    [InlineData("SELECT 1;\n  COMMIT;\nSELECT 2;", 2, 3)]
    [InlineData("SELECT 'größe 🐘'; ROLLBACK;", 1, 19)]
    [InlineData("BEGIN;\nSELECT 1;", 1, 1)]
    [InlineData("SELECT 1;\nCOMMIT;", 2, 1)]
    [InlineData("ABORT;", 1, 1)]
    [InlineData("BEGIN; SELECT 1; COMMIT AND CHAIN;", 1, 1)]
    [InlineData("PREPARE TRANSACTION 'x';", 1, 1)]
    [InlineData("COMMIT PREPARED 'x';", 1, 1)]
    [InlineData("ROLLBACK PREPARED 'x';", 1, 1)]
    [InlineData("SELECT 1; -- a\n END;", 2, 2)]
    [InlineData("SELECT 1;\nBEGIN;\nSELECT pg_catalog.lo_close(0);\nSELECT 2;\nCOMMIT;", 2, 1)]
    [InlineData("SELECT 1;\nBEGIN;\nCOMMIT;", 2, 1)]
    public void Any_other_transaction_command_is_refused_with_its_place(string text, int line, int column)
    {
        var problem = Parsed.From(text).Migration.Up.Problems[0];

        Assert.Equal(("TransactionControl", line, column), (problem.Code, problem.Line, problem.Column));
        Assert.Equal("001_x.sql", problem.FileName);
    }

    [Fact]
    public void Two_transactions_in_a_row_are_refused_at_both_inner_commands()
    {
        var parsed = Parsed.From("BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;");

        Assert.Equal([3, 4], parsed.Problems.Select(problem => problem.Line!.Value));
    }

    [Theory]
    [InlineData("SAVEPOINT a; SELECT 1; ROLLBACK TO SAVEPOINT a; RELEASE SAVEPOINT a;")]
    [InlineData("SAVEPOINT a; ROLLBACK WORK TO a;")]
    [InlineData("DO $$ BEGIN COMMIT; END $$;")]
    [InlineData("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;")]
    [InlineData("SELECT 'COMMIT;';")]
    [InlineData("SELECT 1 AS \"commit\";")]
    [InlineData("PREPARE p AS SELECT 1; EXECUTE p;")]
    [InlineData("COPY t FROM '/tmp/stdin.csv';")]
    [InlineData("COPY t TO PROGRAM 'cat';")]
    [InlineData("SET client_encoding = 'UTF8'; SET LOCAL client_encoding TO utf8; SET NAMES 'utf-8';")]
    [InlineData("SET client_encoding TO DEFAULT; RESET client_encoding;")]
    [InlineData("REFRESH MATERIALIZED VIEW CONCURRENTLY v;")]
    [InlineData("CREATE INDEX concurrently_made ON t (a);")]
    [InlineData("-- VACUUM;\nSELECT 'VACUUM';")]
    public void Statements_that_a_transaction_allows_are_accepted(string text) => Assert.Empty(Parsed.From(text).Problems);

    [Theory]
    [InlineData("COPY t FROM STDIN;\n1\n2\n\\.\nSELECT 2;", "1\n2\n", 2)]
    [InlineData("-- x\n\nCOPY t (a, b) FROM stdin WITH (FORMAT csv);\n1,2\n\\.\n", "1,2\n", 4)]
    [InlineData("COPY t FROM STDIN;\n\\.\n", "", 2)]
    [InlineData("COPY t FROM STDIN;\na\\.\n\\.\n", "a\\.\n", 2)]
    [InlineData("COPY t FROM STDIN;\n1", "1", 2)]
    [InlineData("SELECT 1;\nCOPY t FROM STDIN;", "", 0)]
    public void The_rows_after_a_copy_belong_to_it(string text, string rows, int line)
    {
        var parsed = Parsed.From(text);
        var copy = Assert.Single(parsed.RenderedUp.Held!, statement => statement.Rows is not null);

        Assert.DoesNotContain(parsed.Problems, problem => problem.Is(ProblemSeverity.Error));
        Assert.Equal(rows, CopyText.Of(copy.Rows));
        Assert.Equal(line, copy.Rows!.Line);
    }

    [Fact]
    public void Two_copies_in_one_line_read_one_block_of_rows_each()
    {
        var up = Parsed.From("COPY a FROM STDIN; COPY b FROM STDIN;\n1\n\\.\n2\n\\.\n").RenderedUp;

        Assert.Equal(["1\n", "2\n"], up.Held!.Select(statement => CopyText.Of(statement.Rows!)));
    }

    [Fact]
    public void Rows_never_go_to_a_copy_that_had_none()
    {
        var up = Parsed.From("COPY a (x, y) FROM STDIN;\n\nSELECT 1;\nCOPY b FROM STDIN;\n2\n\\.\n").RenderedUp;

        Assert.Equal(
            ["", "2\n"], up.Held!.Where(one => one.Rows is not null).Select(one => CopyText.Of(one.Rows)));
    }

    [Theory]
    [InlineData("COPY t TO STDOUT;")]
    [InlineData("COPY (SELECT a FROM t) TO STDOUT;")]
    [InlineData("COPY t FROM STDIN WITH (FORMAT binary);\n\\.\n")]
    [InlineData("COPY t FROM STDIN (FORMAT 'binary');\n\\.\n")]
    [InlineData("COPY t FROM STDIN BINARY;\n\\.\n")]
    [InlineData("COPY BINARY t FROM STDIN;\n\\.\n")]
    public void Copy_to_the_client_and_in_binary_form_is_refused(string text) =>
        Assert.Equal(["CopyNotSupported"], Parsed.From(text).Codes);

    [Theory]
    [InlineData("COPY binary FROM STDIN;\n1\n\\.\n")]
    [InlineData("COPY t (a, binary) FROM STDIN;\n1\t2\n\\.\n")]
    [InlineData("COPY t FROM STDIN WITH (NULL 'binary');\n1\n\\.\n")]
    public void A_name_or_a_value_may_be_called_binary(string text) => Assert.Empty(Parsed.From(text).Problems);

    [Theory]
    [InlineData("COPY t FROM STDIN;\n1\n\\.\n", null)]
    [InlineData("COPY t FROM STDIN;\n1\n", nameof(ProblemSeverity.Warning))]
    [InlineData("COPY t FROM STDIN;\n1\nCREATE TABLE u ();\n-- DOWN\nDROP TABLE t;\n", nameof(ProblemSeverity.Error))]
    public void Rows_that_have_no_end_take_the_rest_of_the_file(string text, string? severity)
    {
        var problem = Parsed.From(text).Problems.SingleOrDefault();

        Assert.Equal(
            severity is null ? (null, null, null) : ("CopyNotEnded", severity, 2),
            (problem?.Code, problem?.Severity, problem?.Line));
    }

    [Theory]
    [InlineData("SET client_encoding = 'LATIN1';")]
    [InlineData("SET client_encoding TO win1252;")]
    [InlineData("SET SESSION client_encoding TO 'SQL_ASCII';")]
    [InlineData("SET LOCAL client_encoding = LATIN1;")]
    [InlineData("SET NAMES 'latin1';")]
    public void Another_client_encoding_is_refused(string text) =>
        Assert.Equal(["ClientEncoding"], Parsed.From(text).Codes);

    [Theory]
    [InlineData("VACUUM;")]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (a);\nDROP INDEX CONCURRENTLY j;")]
    [InlineData("-- pgmigrate: no-transaction\nSELECT 1;\nVACUUM;\nCALL p();")]
    [InlineData("\\if on\nVACUUM;\n\\else\nSELECT 1;\n\\endif")]
    public void Statements_that_need_no_transaction_and_files_with_the_directive_run_outside_one(string text)
    {
        var parsed = Parsed.From(text);

        Assert.Empty(parsed.Problems);
        Assert.Equal(ScriptTransaction.None, parsed.RenderedUp.Transaction);
    }

    [Theory]
    [InlineData("-- pgmigrate: no-transaction\nBEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2;", "TransactionControl")]
    [InlineData("BEGIN; VACUUM; COMMIT;", "MixedTransaction")]
    public void Contradicting_directives_and_commands_are_errors(string text, string code) =>
        Assert.All(Parsed.From(text).Codes, found => Assert.Equal(code, found));

    [Theory]
    [InlineData("SELECT 1;\n  DISCARD ALL;")]
    [InlineData("-- pgmigrate: no-transaction\n  DISCARD ALL;")]
    public void Discard_all_would_drop_the_migration_lock(string text)
    {
        var problem = Assert.Single(Parsed.From(text).Problems);

        Assert.Equal(("DiscardAll", 2, 3), (problem.Code, problem.Line, problem.Column));
    }

    [Fact]
    public void A_file_that_mixes_both_kinds_is_an_error_at_the_statement()
    {
        var problem = Assert.Single(
            Parsed.From("CREATE TABLE t (a int);\n CREATE INDEX CONCURRENTLY i ON t (a);").Problems);

        Assert.Equal(("MixedTransaction", 2, 2), (problem.Code, problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("SELECT 1;\n\\connect other\n", @"\connect", 2)]
    [InlineData("\\timing\nSELECT 1;", @"\timing", 1)]
    [InlineData("SELECT 1 \\gset\n", @"\gset", 1)]
    [InlineData("\\copy t FROM 'x'\n", @"\copy", 1)]
    public void A_psql_command_is_refused_by_name(string text, string command, int line)
    {
        var problem = Assert.Single(Parsed.From(text).Problems);

        Assert.Equal(("PsqlCommandNotSupported", line), (problem.Code, problem.Line));
        Assert.Contains($"psql command {command} ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_that_psql_joins_into_one_query_run_one_after_the_other()
    {
        var parsed = Parsed.From("/* x */ SELECT 1\\; -- c\nSELECT ';' \\; SELECT 3;\nSELECT 4\\;;");

        Assert.Empty(parsed.Problems);
        Assert.Equal(["/* x */ SELECT 1 ;", "-- c\nSELECT ';'  ;", "SELECT 3;", "SELECT 4 ;"], parsed.Up);
        Assert.Equal([1, 1, 2, 3], parsed.RenderedUp.Held!.Select(statement => statement.Line));
    }

    [Theory]
    [InlineData("SELECT '{{\"a\": {\"b\": 1}}}';")]
    [InlineData("SELECT '{{ user.name }}';")]
    [InlineData("SELECT '{{schema', '{{', '}}', '{{schemas}}';")]
    [InlineData("SELECT '{{{1,2},{3,4}}}'::int[];")]
    public void Other_double_braces_stay(string text)
    {
        var parsed = Parsed.From(text);

        Assert.Empty(parsed.Problems);
        Assert.Equal([text], parsed.Up);
    }

    [Theory]
    [InlineData("SELECT 'open", "UnterminatedString", 1, 8)]
    [InlineData("SELECT 1;\nSELECT '🐘', \"open", "UnterminatedIdentifier", 2, 13)]
    [InlineData("DO $a$ x", "UnterminatedDollarQuote", 1, 4)]
    [InlineData("SELECT 1;\n/* open", "UnterminatedComment", 2, 1)]
    public void Text_that_cannot_be_split_is_a_problem_of_the_file(string text, string code, int line, int column)
    {
        var problem = Assert.Single(Parsed.From(text).FileProblems);

        Assert.Equal((code, line, column), (problem.Code, problem.Line, problem.Column));
    }

    [Fact]
    public void A_problem_in_down_does_not_block_up()
    {
        var parsed = Parsed.From("SELECT 1;\n-- DOWN\nCOMMIT;");

        Assert.Empty(parsed.FileProblems);
        Assert.Empty(parsed.Migration.Up.Problems);
        Assert.Equal("TransactionControl", Assert.Single(parsed.Migration.Down!.Problems).Code);
    }

    [Fact]
    public void Statements_keep_their_place_in_the_file()
    {
        const string Text = "-- größe 🐘\nSELECT '🐘'; SELECT 2;\n-- DOWN\nSELECT 3;";
        var parsed = Parsed.From(Text).Migration;

        Assert.Equal([2, 2], parsed.Up.Held!.Select(statement => statement.Line));
        Assert.Equal(4, parsed.Down!.Held![0].Line);
        Assert.All(
            [.. parsed.Up.Held!, .. parsed.Down.Held!],
            statement => Assert.Equal(statement.Text, Text.Substring(statement.Offset, statement.Text.Length)));
        Assert.Equal(Text, parsed.Up.Source.Text);
    }

    [Fact]
    public void A_recorded_text_is_parsed_like_a_section()
    {
        var script = MigrationParser.ParseRecorded("001_x.sql", "-- first\nBEGIN; DROP TABLE a; COMMIT;");

        Assert.Empty(script.Problems);
        Assert.Equal(["DROP TABLE a;"], script.Held!.Select(statement => statement.Text));
    }

    [Fact]
    public void A_recorded_text_that_cannot_be_split_is_an_error()
    {
        var script = MigrationParser.ParseRecorded("001_x.sql", "DROP TABLE a; SELECT 'open");

        Assert.Equal("UnterminatedString", Assert.Single(script.Problems).Code);
    }
}
