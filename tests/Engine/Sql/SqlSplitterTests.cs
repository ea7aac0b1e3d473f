using PgMigrate.Sql;
using Xunit;

namespace PgMigrate.Tests.Sql;

/// <summary>Most cases give a script and the statements it falls into, with bars between them.</summary>
public sealed class SqlSplitterTests
{
    [Theory]
    [InlineData("SELECT 1; SELECT 2;", "SELECT 1;|SELECT 2;")]
    [InlineData("SELECT 1;SELECT 2", "SELECT 1;|SELECT 2")]
    [InlineData("SELECT 1 \n\n", "SELECT 1")]
    [InlineData("SELECT 1;\r\n\tSELECT 2;\r\n", "SELECT 1;|SELECT 2;")]
    [InlineData("\uFEFFSELECT 1;", "SELECT 1;")]
    [InlineData("", "")]
    [InlineData(" ; ;; \n", "")]
    [InlineData(";SELECT 1;;SELECT 2;", "SELECT 1;|SELECT 2;")]
    public void A_semicolon_ends_a_statement_and_is_not_one_itself(string script, string statements) =>
        AssertStatements(script, statements);

    [Theory]
    [InlineData("SELECT 'a;b'; SELECT 2;", "SELECT 'a;b';|SELECT 2;")]
    [InlineData("SELECT 'a'';b'; SELECT 2;", "SELECT 'a'';b';|SELECT 2;")]
    [InlineData(@"SELECT 'a\'; SELECT 2;", @"SELECT 'a\';|SELECT 2;")]
    [InlineData(@"SELECT E'a\';b'; SELECT 2;", @"SELECT E'a\';b';|SELECT 2;")]
    [InlineData(@"SELECT e'a\\'; SELECT 2;", @"SELECT e'a\\';|SELECT 2;")]
    [InlineData(@"SELECT U&'a\'; SELECT 2;", @"SELECT U&'a\';|SELECT 2;")]
    [InlineData("SELECT u&'!0061;' UESCAPE '!'; SELECT 2;", "SELECT u&'!0061;' UESCAPE '!';|SELECT 2;")]
    [InlineData(@"SELECT B'\', X'\', N'\'; SELECT 2;", @"SELECT B'\', X'\', N'\';|SELECT 2;")]
    [InlineData(@"SELECT fooE'a\'; SELECT 2;", @"SELECT fooE'a\';|SELECT 2;")]
    [InlineData("SELECT 'a'\n';b'; SELECT 2;", "SELECT 'a'\n';b';|SELECT 2;")]
    public void A_semicolon_inside_a_string_does_not_split(string script, string statements) =>
        AssertStatements(script, statements);

    [Theory]
    [InlineData("SELECT E'a'\n'b\\'; c'; SELECT 2;", "SELECT E'a'\n'b\\'; c';|SELECT 2;")]
    [InlineData("SELECT E'a' -- why\n\n 'b\\'; c'; SELECT 2;", "SELECT E'a' -- why\n\n 'b\\'; c';|SELECT 2;")]
    [InlineData("SELECT E'a' 'b\\'; SELECT 2;", "SELECT E'a' 'b\\';|SELECT 2;")]
    [InlineData("SELECT E'a',\n'b\\'; SELECT 2;", "SELECT E'a',\n'b\\';|SELECT 2;")]
    [InlineData("SELECT 'a'\n'b\\'; SELECT 2;", "SELECT 'a'\n'b\\';|SELECT 2;")]
    public void A_string_that_continues_on_the_next_line_keeps_its_escapes(string script, string statements) =>
        AssertStatements(script, statements);

    [Theory]
    [InlineData(@"SELECT 'a\';b'; SELECT 2;", @"SELECT 'a\';b';|SELECT 2;")]
    [InlineData(@"SELECT N'a\';b'; SELECT 2;", @"SELECT N'a\';b';|SELECT 2;")]
    [InlineData(@"SELECT B'1\'; SELECT 2;", @"SELECT B'1\';|SELECT 2;")]
    [InlineData("SELECT B'1'\n'\\'; SELECT 2;", "SELECT B'1'\n'\\';|SELECT 2;")]
    public void A_plain_string_has_escapes_when_standard_strings_are_off(string script, string statements) =>
        AssertStatements(script, statements, standardConformingStrings: false);

    [Theory]
    [InlineData("SET standard_conforming_strings = off;")]
    [InlineData("set session standard_conforming_strings to 'OFF' ;")]
    [InlineData("SET LOCAL standard_conforming_strings TO false;")]
    [InlineData("SELECT 1\\; SET standard_conforming_strings TO 0;")]
    public void Switching_standard_strings_off_affects_the_following_lines(string setting)
    {
        Assert.Equal(3, Count(setting + "\nSELECT 'a\\';b'; SELECT 2;"));
        Assert.Equal(3, Count(setting + "SELECT 'a\\';\nSELECT 'a\\';b';"));
        Assert.Equal(4, Count(setting + "\nRESET standard_conforming_strings;\nSELECT 'a\\'; SELECT 2;"));
        Assert.Equal(4, Count(setting + "\nSET standard_conforming_strings = on;\nSELECT 'a\\'; SELECT 2;"));
    }

    [Theory]
    [InlineData("SELECT 1 AS \"a;b\"; SELECT 2;", "SELECT 1 AS \"a;b\";|SELECT 2;")]
    [InlineData("SELECT 1 AS \"a\"\";b\"; SELECT 2;", "SELECT 1 AS \"a\"\";b\";|SELECT 2;")]
    [InlineData("SELECT 1 AS U&\"a;\\\"; SELECT 2;", "SELECT 1 AS U&\"a;\\\";|SELECT 2;")]
    public void A_semicolon_inside_a_quoted_identifier_does_not_split(string script, string statements) =>
        AssertStatements(script, statements);

    [Theory]
    [InlineData("DO $$ a; b $$; SELECT 2;", "DO $$ a; b $$;|SELECT 2;")]
    [InlineData("DO $x$ a; $$ ; $X$ $x $x$; SELECT 2;", "DO $x$ a; $$ ; $X$ $x $x$;|SELECT 2;")]
    [InlineData("DO $été_1$ a; $été_1$; SELECT 2;", "DO $été_1$ a; $été_1$;|SELECT 2;")]
    [InlineData("SELECT 1 AS a$b$; SELECT 2 AS c$b$;", "SELECT 1 AS a$b$;|SELECT 2 AS c$b$;")]
    [InlineData("SELECT é$$; SELECT é$$;", "SELECT é$$;|SELECT é$$;")]
    [InlineData("PREPARE p AS SELECT $1; SELECT $1;", "PREPARE p AS SELECT $1;|SELECT $1;")]
    [InlineData("SELECT $1$$;$$; SELECT 2;", "SELECT $1$$;$$;|SELECT 2;")]
    [InlineData("SELECT $a; SELECT $a;", "SELECT $a;|SELECT $a;")]
    [InlineData("SELECT $a b$; SELECT $1a$;", "SELECT $a b$;|SELECT $1a$;")]
    [InlineData("SELECT 1$$;$$, 1.5$$;$$; SELECT 2;", "SELECT 1$$;$$, 1.5$$;$$;|SELECT 2;")]
    [InlineData("SELECT 1a$$; SELECT 1.5e$$;", "SELECT 1a$$;|SELECT 1.5e$$;")]
    public void Only_a_dollar_that_ends_no_identifier_opens_a_dollar_quote(string script, string statements) =>
        AssertStatements(script, statements);

    [Theory]
    [InlineData("SELECT 1 /* a /* b; */ c; */; SELECT 2;", "SELECT 1 /* a /* b; */ c; */;|SELECT 2;")]
    [InlineData("SELECT 1 /*/* ; **/;*/; SELECT 2;", "SELECT 1 /*/* ; **/;*/;|SELECT 2;")]
    [InlineData("SELECT 1 -- a; 'b\n; SELECT 2;", "SELECT 1 -- a; 'b\n;|SELECT 2;")]
    [InlineData("SELECT 1 +--;\n 1; SELECT 2;", "SELECT 1 +--;\n 1;|SELECT 2;")]
    [InlineData("SELECT 1 @/*;*/ 1; SELECT 2;", "SELECT 1 @/*;*/ 1;|SELECT 2;")]
    [InlineData("SELECT '--'; SELECT '/*'; SELECT 3;", "SELECT '--';|SELECT '/*';|SELECT 3;")]
    [InlineData("-- a\n-- b;\nSELECT 1;", "SELECT 1;")]
    [InlineData("SELECT 1; -- bye\n", "SELECT 1;")]
    [InlineData("SELECT 1 -- bye;\n", "SELECT 1 -- bye;")]
    [InlineData("SELECT 1 -- one\r; SELECT 2;", "SELECT 1 -- one\r;|SELECT 2;")]
    public void A_semicolon_inside_a_comment_does_not_split(string script, string statements) =>
        AssertStatements(script, statements);

    [Theory]
    [InlineData("/* a */ /* b */\n-- c\nSELECT 1;", "/* a */ /* b */\n-- c\nSELECT 1;")]
    [InlineData("-- c\n/*+ SeqScan(t) */ SELECT 1;", "/*+ SeqScan(t) */ SELECT 1;")]
    [InlineData("/* a */ ; SELECT 1;", "SELECT 1;")]
    [InlineData("/* a */\n\\echo b\nSELECT 1;", "SELECT 1;")]
    [InlineData("SELECT 1; /* only */ -- comments\n", "SELECT 1;")]
    public void A_block_comment_is_sent_with_the_statement_directly_after_it(string script, string statements) =>
        AssertStatements(script, statements);

    [Theory]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3;", 2)]
    [InlineData("SELECT (1; SELECT 2", 1)]
    [InlineData("SELECT 1); SELECT 2;", 2)]
    [InlineData("SELECT '('; SELECT \"(\"; SELECT 3;", 3)]
    [InlineData("SELECT (1\\g\nSELECT 2;", 2)]
    public void A_semicolon_inside_parentheses_does_not_split(string script, int count) =>
        Assert.Equal(count, Count(script));

    [Theory]
    [InlineData("SELECT E'a\\'; b'; SELECT 2;", 2)]
    [InlineData("SELECT 1 /* a /* b; */ c; */; SELECT 2;", 2)]
    [InlineData("SELECT 1 AS \"a;b\"; SELECT 2;", 2)]
    [InlineData("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n"
        + " SELECT CASE WHEN a>0 THEN 1 ELSE 2 END;\n SELECT a;\nEND; SELECT 3;", 2)]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3;", 2)]
    [InlineData("SELECT 1 AS a$b$; SELECT 2 AS c$b$;", 2)]
    [InlineData("PREPARE p AS SELECT $1; SELECT 2;", 2)]
    [InlineData("SELECT 1; -- bye\n", 1)]
    [InlineData("COPY c FROM stdin;\n1\tone;two\n\\.\nSELECT 1;", 2)]
    public void Cases_that_other_tools_get_wrong_split_as_in_psql(string script, int count) =>
        Assert.Equal(count, Count(script));

    [Theory]
    [InlineData("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3;", 2)]
    [InlineData("create or replace procedure p() begin atomic select case when a then 1 end; end; select 3;", 2)]
    [InlineData("CREATE FUNCTION f(a int)\nBEGIN ATOMIC\n SELECT CASE a WHEN 1 THEN CASE 2 END END; END; S;", 2)]
    [InlineData("CREATE /* c */ FUNCTION f() BEGIN ATOMIC SELECT (CASE 1 END); END; SELECT 3;", 2)]
    [InlineData("CREATE FUNCTION f() BEGIN ATOMIC SELECT 1 AS \"begin\"; END; SELECT 3;", 2)]
    [InlineData("CREATE FUNCTION f() BEGIN ATOMIC SELECT 1 AS b, begins.endx; END; SELECT 3;", 2)]
    [InlineData("CREATE FUNCTION f() LANGUAGE sql RETURN CASE 1 END; SELECT 3;", 2)]
    [InlineData("CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END", 1)]
    [InlineData("BEGIN; SELECT 1; END; SELECT 3;", 4)]
    [InlineData("CREATE TABLE t (); BEGIN; SELECT 1; END;", 4)]
    [InlineData("CREATE FUNCTION f() AS 'x'; BEGIN; SELECT 1; END;", 4)]
    [InlineData("CREATE FUNCTION f(:begin) :begin 1begin; SELECT 2;", 2)]
    public void A_semicolon_inside_the_body_of_a_routine_does_not_split(string script, int count) =>
        Assert.Equal(count, Count(script));

    [Theory]
    [InlineData("SELECT :v, :'v;', :\"v;\", a::int; SELECT 2;", 2)]
    [InlineData("SELECT a[1:2], b := 1; SELECT 2;", 2)]
    [InlineData("SELECT :a$$;$$; SELECT 2;", 2)]
    [InlineData("SELECT 1::int$$; SELECT 2;", 2)]
    public void A_psql_variable_is_text(string script, int count) => Assert.Equal(count, Count(script));

    [Fact]
    public void An_escaped_semicolon_joins_commands_into_one_query()
    {
        SqlSplit split = SqlSplitter.Split("SELECT 1 \\; SELECT '\\;'\\;; SELECT 3;");

        Assert.Equal(["SELECT 1  ; SELECT '\\;' ;;", "SELECT 3;"], split.Statements().Select(s => s.Text));
        Assert.Equal([9, 23], split.Escapes);
    }

    [Theory]
    [InlineData("SELECT '😀é'; SELECT 'ü;';", "SELECT '😀é';|SELECT 'ü;';")]
    [InlineData("SELECT 1\u00A0; SELECT 2;", "SELECT 1\u00A0;|SELECT 2;")]
    public void Text_beyond_ASCII_is_letters(string script, string statements) => AssertStatements(script, statements);

    [Theory]
    [InlineData("SELECT 1;\n  SELECT\n 2; /* a\n */ SELECT 3;", new[] { 1, 2, 4 })]
    [InlineData("-- a\r\n/* b\r\n*/\r\nSELECT 1;", new[] { 4 })]
    public void A_statement_has_the_line_of_its_first_token(string script, int[] lines) =>
        Assert.Equal(lines, SqlSplitter.Split(script).Statements().Select(s => s.Line));

    [Fact]
    public void A_line_comment_knows_whether_it_is_inside_a_statement()
    {
        const string Script = "-- a\nSELECT ( -- b\n1); -- c\n/* -- no */\n-- d\nSELECT '-- no' -- e\r\n";

        SqlSplit split = SqlSplitter.Split(Script);

        Assert.Equal(
            [
                ("-- a", 1, false, 0),
                ("-- b", 2, true, 1),
                ("-- c", 3, false, 0),
                ("-- d", 5, false, 0),
                ("-- e", 6, true, 0),
            ],
            split.Comments.Where(c => !c.IsBlock)
                .Select(c => (Script.Substring(c.Offset, c.Length), c.Line, c.InsideStatement, c.Depth)));
    }

    [Fact]
    public void The_depth_of_a_line_comment_counts_blocks_and_parentheses()
    {
        SqlSplit split = SqlSplitter.Split("CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE -- a\n( -- b\n1) END; END;");

        Assert.Equal([2, 3], split.Comments.Select(c => c.Depth));
    }

    [Theory]
    [InlineData("SELECT 1;\n 'a; b", SqlSplitError.UnterminatedString, 2, 2)]
    [InlineData("SELECT E'a\\'; b", SqlSplitError.UnterminatedString, 1, 8)]
    [InlineData("SELECT 😀 \"a; b\"\"", SqlSplitError.UnterminatedIdentifier, 1, 10)]
    [InlineData("DO\n  $body$ a; $$ $BODY$", SqlSplitError.UnterminatedDollarQuote, 2, 3)]
    [InlineData("SELECT 1; /* a /* b */ ; c", SqlSplitError.UnterminatedComment, 1, 11)]
    [InlineData("SELECT 1 /* a", SqlSplitError.UnterminatedComment, 1, 10)]
    [InlineData("SELECT 1\n\\echo a\n+ 2;", SqlSplitError.InterruptedStatement, 2, 1)]
    [InlineData("COPY t FROM stdin; SELECT\n1\n\\.\n 2;", SqlSplitError.InterruptedStatement, 2, 1)]
    public void An_error_points_to_the_start_of_the_fault(string script, string code, int line, int column)
    {
        SqlSplitError? error = SqlSplitter.Split(script).Error;

        Assert.Equal((code, line, column), (error?.Code, error?.Line, error?.Column));
        Assert.Equal((line, column), SqlPosition.At(script, error!.Offset));
    }

    [Fact]
    public void An_error_names_the_dollar_quote_in_plain_words() => Assert.Equal(
        "The dollar-quoted string $body$ that starts here is never closed.",
        SqlSplitter.Split("DO $body$ BEGIN END").Error?.Message);

    [Fact]
    public void Text_is_required() => Assert.Throws<ArgumentNullException>(() => SqlSplitter.Split(null!));

    private static int Count(string script) => SqlSplitter.Split(script).Statements().Count();

    private static void AssertStatements(string script, string expected, bool standardConformingStrings = true)
    {
        SqlSplit split = SqlSplitter.Split(script, standardConformingStrings);

        Assert.Null(split.Error);
        Assert.Equal(expected, string.Join('|', split.Statements().Select(s => s.Text)));
        Assert.All(split.Statements(), s => Assert.Equal(s.Text, script.Substring(s.Offset, s.Text.Length)));
    }
}
