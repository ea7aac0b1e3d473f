using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class PsqlLineTests
{
    [Theory]
    [InlineData("\\set n 5\nSELECT :n;", "SELECT 5;")]
    [InlineData("\\set n it''s\nSELECT :'n', :\"n\";", "SELECT 'its', \"its\";")]
    [InlineData("\\set n 'it''s'\nSELECT :'n';", "SELECT 'it''s';")]
    [InlineData("\\set a 1\n\\set b :a 2 '3'\nSELECT :b;", "SELECT 123;")]
    [InlineData("\\set n 'a\\nb\\x41\\101'\nSELECT :'n';", "SELECT 'a\nbAA';")]
    [InlineData("\\set n 1\nSELECT ':n', \"a:n\", $$:n$$, /* :n */ 2::int, x[1:n]; -- :n", "SELECT ':n', \"a:n\", $$:n$$, /* :n */ 2::int, x[11];")]
    [InlineData("\\set n 1\n\\unset n\nSELECT x[:n];", "SELECT x[:n];")]
    [InlineData("SELECT :{?n};", "SELECT FALSE;")]
    [InlineData("\\set n\nSELECT :{?n}, ':{?n}';", "SELECT TRUE, ':{?n}';")]
    [InlineData("\\set n 1\nSELECT a\\:n;", "SELECT a :n;")]
    public void Variables_are_replaced_as_psql_does(string text, string expected) =>
        Assert.Equal([expected], Clean(text).Held!.Select(statement => statement.Text));

    [Theory]
    [InlineData("\\if true\nSELECT 1;\n\\else\nSELECT 2;\n\\endif\nSELECT 3;", "SELECT 1; SELECT 3;")]
    [InlineData("\\if off\nSELECT 1;\n\\elif yes\nSELECT 2;\n\\elif on\nSELECT 3;\n\\else\nSELECT 4;\n\\endif", "SELECT 2;")]
    [InlineData("\\if 0\n\\if 1\nSELECT 1;\n\\else\nSELECT 2;\n\\endif\n\\else\nSELECT 3;\n\\endif", "SELECT 3;")]
    [InlineData("\\set x 1\n\\if :x\nSELECT 1;\n\\endif", "SELECT 1;")]
    [InlineData("\\if :{?env}\nSELECT 1;\n\\else\n\\set env dev\n\\endif\nSELECT :'env';", "SELECT 'dev';")]
    [InlineData("\\if false\n\\set x 1\n\\connect other\n\\i nowhere.sql\n\\endif\nSELECT 2;", "SELECT 2;")]
    [InlineData("\\if false\nVACUUM;\n\\endif\nSELECT 2;", "SELECT 2;")]
    [InlineData("BEGIN;\n\\if true\nSELECT 1;\n\\endif\nCOMMIT;", "SELECT 1;")]
    public void Only_the_branch_that_is_taken_runs(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Clean(text).Held!.Select(statement => statement.Text)));

    [Theory]
    [InlineData("\\set soft 1\nSELECT 1;\n-- DOWN\n\\if :{?soft}\nSELECT 2;\n\\endif", 4, 1)]
    [InlineData("\\set tn foo\nSELECT 1;\n-- DOWN\nDROP TABLE\n  :tn;", 5, 3)]
    [InlineData("\\set tn foo\nSELECT 1;\n-- DOWN\n\\set b :'tn'\nSELECT 2;", 4, 1)]
    public void A_variable_that_only_up_sets_is_an_error_in_down(string text, int line, int column)
    {
        var problem = Assert.Single(Parsed.From(text).FileProblems);

        Assert.Equal(("PsqlVariableUnknown", line, column), (problem.Code, problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("\\set tn foo\nSELECT :'tn';\n-- DOWN\n\\set tn foo\nDROP TABLE :tn;")]
    [InlineData("\\set tn foo\nSELECT :'tn';\n-- DOWN\nSELECT ':tn', a::tn, :{?other};")]
    public void Variables_that_down_sets_itself_and_text_that_is_not_a_variable_are_accepted(string text) =>
        Assert.Empty(Parsed.From(text).FileProblems);

    [Fact]
    public void The_values_of_a_run_are_variables_of_psql_as_well()
    {
        var values = new PlaceholderValues
        {
            Variables = new Dictionary<string, string> { ["role"] = "app", ["key"] = "s3cret" },
            Secrets = new HashSet<string> { "key" },
        };

        var script = ScriptRenderer.Render(
            Parsed.From("GRANT :role TO {{vars.role}} \\; SELECT :'key';\n\\echo :role\n\\warn :key").Migration.Up, values);

        Assert.Empty(script.Problems);
        Assert.Equal(["GRANT app TO app  ;", "SELECT 's3cret';"], script.Held!.Select(statement => statement.Text));
        Assert.Equal("SELECT ***;", script.Held![1].DisplayText);
        Assert.Equal(
            [new ScriptMessage(2, "app", false), new ScriptMessage(2, "***", true)], script.Messages);
    }

    [Theory]
    [InlineData("\\echo 'hello   world' a  b\nSELECT 1;", 0, "hello   world a b", false)]
    [InlineData("SELECT 1;\n\\warn -n careful", 1, "careful", true)]
    public void Echo_and_warn_are_shown_in_their_place(string text, int before, string said, bool isWarning) =>
        Assert.Equal([new ScriptMessage(before, said, isWarning)], Clean(text).Messages);

    [Theory]
    [InlineData("\\set ON_ERROR_STOP on\nSELECT 1;")]
    [InlineData("\\set ON_ERROR_STOP\nSELECT 1;")]
    [InlineData("\\set ON_ERROR_STOP 1\n\\set AUTOCOMMIT on\n\\set QUIET on\n\\set VERBOSITY verbose\nSELECT 1;")]
    public void Settings_that_match_the_behaviour_of_a_run_are_accepted(string text) => Assert.Single(Clean(text).Held!);

    [Theory]
    [InlineData("\\set ON_ERROR_STOP off\n", "PsqlCommandNotSupported", 1)]
    [InlineData("\\set AUTOCOMMIT off\n", "PsqlCommandNotSupported", 1)]
    [InlineData("\\set ON_ERROR_ROLLBACK interactive\n\\set SINGLESTEP on\n", "PsqlCommandNotSupported", 2)]
    [InlineData("\\set x `date`\n", "PsqlCommandInvalid", 1)]
    [InlineData("\\echo 'open\n", "PsqlCommandInvalid", 1)]
    [InlineData("SELECT 1;\n\\endif\n", "PsqlCommandInvalid", 2)]
    [InlineData("\\if 1\n\\else\n\\else\n\\endif\n", "PsqlCommandInvalid", 3)]
    [InlineData("\\if 1\n\\else\n\\elif 1\n\\endif\n", "PsqlCommandInvalid", 3)]
    [InlineData("SELECT 1;\n\\if 1\nSELECT 2;\n", "PsqlCommandInvalid", 2)]
    [InlineData("\\if :env\nSELECT 1;\n\\endif\n", "PsqlCommandInvalid", 1)]
    [InlineData("\\unset\n", "PsqlCommandInvalid", 1)]
    [InlineData("\\i\n", "IncludeInvalid", 1)]
    [InlineData("SELECT 1 AS a \\gset\n", "PsqlCommandNotSupported", 1)]
    [InlineData("\\! rm -rf /\n", "PsqlCommandNotSupported", 1)]
    [InlineData("SELECT :'DBNAME';", "PsqlVariableUnknown", 1)]
    [InlineData("SELECT 1;\r\\set a 1\rSELECT 2;\r", "PsqlCommandInvalid", 2)]
    [InlineData("\\if 1\rSELECT 2;\r", "PsqlCommandInvalid", 1)]
    public void Unsupported_psql_commands_are_errors_with_their_line(string text, string code, int line)
    {
        var problem = Render(text).Problems[^1];

        Assert.Equal((code, line, "001_x.sql"), (problem.Code, problem.Line, problem.FileName));
    }

    [Fact]
    public void A_psql_variable_inside_a_string_is_text() =>
        Assert.Single(Clean("SELECT ':DBNAME', 'ERROR: x', a::USER;").Held!);

    private static SqlScript Render(string text) => Parsed.From(text).RenderedUp;

    private static SqlScript Clean(string text)
    {
        var script = Render(text);
        Assert.Empty(script.Problems);
        return script;
    }
}
