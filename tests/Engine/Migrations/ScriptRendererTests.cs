using PgMigrate.Files;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class ScriptRendererTests
{
    private static readonly PlaceholderValues Values = new()
    {
        Variables = new Dictionary<string, string> { ["role"] = "app", ["key"] = "s3cret", ["quote"] = "it''s" },
        Secrets = new HashSet<string> { "key" },
    };

    [Theory]
    [InlineData("SELECT * FROM {{schema}}.t;", null, "SELECT * FROM t;")]
    [InlineData("SELECT '{{schema}}';", null, "SELECT 'public';")]
    [InlineData("SELECT * FROM {{schema}}.t;", "s", "SELECT * FROM \"s\".t;")]
    [InlineData("SELECT * FROM {{tables.users}};", null, "SELECT * FROM users;")]
    [InlineData("SELECT * FROM {{tables.users}};", "CamelCase", "SELECT * FROM \"CamelCase\".users;")]
    [InlineData("SELECT * FROM {{tables.other.users}};", "s", "SELECT * FROM \"other\".users;")]
    [InlineData("GRANT ALL ON t TO {{vars.role}}, {{vars.role}};", null, "GRANT ALL ON t TO app, app;")]
    [InlineData("DO $$ BEGIN PERFORM 1 FROM {{tables.a}}; END $$;", "s", "DO $$ BEGIN PERFORM 1 FROM \"s\".a; END $$;")]
    [InlineData("SELECT '{{vars.quote}}';", null, "SELECT 'it''s';")]
    public void Placeholders_are_replaced(string text, string? schema, string expected)
    {
        var script = Render(text, Values with { Schema = schema });

        Assert.Empty(script.Problems);
        Assert.Equal(expected, Assert.Single(script.Held!).Text);
    }

    [Theory]
    [InlineData("ROLLBACK", "TransactionControl")]
    [InlineData("COMMIT", "TransactionControl")]
    [InlineData("SET client_encoding = latin1", "ClientEncoding")]
    [InlineData("DISCARD ALL", "DiscardAll")]
    [InlineData("VACUUM", "MixedTransaction")]
    [InlineData("COPY t TO STDOUT", "CopyNotSupported")]
    [InlineData("SELECT 1", null)]
    public void A_statement_is_checked_with_its_values(string value, string? code)
    {
        foreach (var text in new[] { "SELECT 1;\n{{vars.x}};", "SELECT 1;\n:x;" })
        {
            var script = Render(text, Values with { Variables = new Dictionary<string, string> { ["x"] = value } });

            Assert.Equal(
                code is null ? [] : [$"{code}:2"], script.Problems.Select(problem => $"{problem.Code}:{problem.Line}"));
        }
    }

    [Fact]
    public void A_problem_that_existed_before_the_values_is_reported_once() => Assert.Equal(
        ["TransactionControl"],
        Render("SELECT 1;\nPREPARE TRANSACTION '{{vars.role}}';", Values).Problems.Select(problem => problem.Code));

    [Theory]
    [InlineData("SELECT '{{ index .Options \"Namespace\" }}';")]
    [InlineData("SELECT '{\"a\": {\"b\": {{}}}}';")]
    [InlineData("SELECT '{{ schema }}', '{{schemas}}', '{{user.name}}', '{{vars}}', '{{tables}}', '{{', '}}';")]
    public void Other_braces_are_unchanged(string text)
    {
        var script = Render(text, Values);

        Assert.Empty(script.Problems);
        Assert.Equal(text, Assert.Single(script.Held!).Text);
        Assert.Null(script.Held![0].DisplayText);
    }

    [Theory]
    [InlineData("SELECT '🐘', '{{vars.nothing}}';", null, 14, "-Variable @{ nothing")]
    [InlineData("SELECT * FROM {{tables.bad-name}};", null, 15, "bad-name")]
    [InlineData("SELECT * FROM {{tables.a DROP TABLE x.users}};", null, 15, "DROP TABLE")]
    [InlineData("SELECT * FROM {{tables.1st}};", null, 15, "1st")]
    [InlineData("SELECT * FROM {{schema}}.t;", "public\"; DROP TABLE users; --", 15, "DROP TABLE")]
    [InlineData("SELECT * FROM {{tables.t}};", "contains space", 15, "contains space")]
    public void A_placeholder_that_cannot_be_replaced_is_an_error_with_its_place(
        string text, string? schema, int column, string message)
    {
        var problem = Assert.Single(Render("\n" + text, Values with { Schema = schema }).Problems);

        Assert.Equal(("PlaceholderInvalid", 2, column), (problem.Code, problem.Line, problem.Column));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_63_characters_is_accepted_and_one_more_is_not()
    {
        var name = new string('x', 63);

        Assert.Empty(Render($"SELECT {{{{tables.{name}}}}};", Values).Problems);
        Assert.Single(Render($"SELECT {{{{tables.{name}x}}}};", Values).Problems);
    }

    [Fact]
    public void A_secret_is_sent_but_not_shown()
    {
        var statement = Assert.Single(Render("SELECT '{{vars.key}}', '{{vars.role}}';", Values).Held!);

        Assert.Equal("SELECT 's3cret', 'app';", statement.Text);
        Assert.Equal("SELECT '***', 'app';", statement.DisplayText);
        Assert.Equal("near ***", Values.Mask("near s3cret"));
        Assert.DoesNotContain("s3cret", Values.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_position_after_a_replacement_points_into_the_file()
    {
        var text = "SELECT {{vars.role}} + {{vars.key}} + wrong;";
        var statement = Assert.Single(Render(text, Values).Held!);

        Assert.Equal(
            text.IndexOf("wrong", StringComparison.Ordinal),
            statement.SourceOffset(statement.Text.IndexOf("wrong", StringComparison.Ordinal)));
        Assert.Equal(
            text.IndexOf("{{vars.key", StringComparison.Ordinal),
            statement.SourceOffset(statement.Text.IndexOf("cret", StringComparison.Ordinal)));
        Assert.Equal(3, statement.SourceOffset(3));
    }

    [Fact]
    public void The_checksum_is_that_of_the_file_as_written() => Assert.Equal(
        MigrationChecksum.Of("SELECT {{schema}};"), Parsed.From("SELECT {{schema}};\n").Migration.Checksum);

    private static SqlScript Render(string text, PlaceholderValues values) =>
        ScriptRenderer.Render(Parsed.From(text).Migration.Up, values);
}
