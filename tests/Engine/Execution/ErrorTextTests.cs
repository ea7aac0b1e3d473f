using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class ErrorTextTests
{
    private const int Most = 10_000;

    [Theory]
    [InlineData("x")]
    [InlineData("🐘")]
    public async Task A_long_line_is_shown_around_the_mistake(string filling)
    {
        var filler = string.Concat(Enumerable.Repeat(filling, 500_000));
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", $"SELECT 1;\nSELECT '{filler}', nope, '{filler}';\n"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal((2, 500_012), (error.Line, error.Column));
        Assert.InRange(error.Message.Length, 1, Most);
        Assert.InRange(error.LineText!.Length, 300, ErrorText.MostOfLine);
        Assert.StartsWith($"…{filling}", error.LineText, StringComparison.Ordinal);
        Assert.Contains("', nope, '", error.LineText, StringComparison.Ordinal);
        Assert.EndsWith($"{filling}…", error.LineText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_server_message_is_shortened_in_the_error_and_the_log()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_t.sql", "CREATE TABLE t (id int);"),
            ("002_rows.sql", $"COPY t FROM STDIN;\n1\n{new string('x', 3_000_000)}\n\\.\n"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal(("22P02", 3), (error.SqlState, error.Line));
        Assert.InRange(error.Message.Length, 1, Most);
        Assert.Equal(ErrorText.MostOfText, error.ServerMessage!.Length);
        Assert.InRange(error.LineText!.Length, 1, ErrorText.MostOfLine);
        Assert.Equal(error.ServerMessage, (await box.LogAsync(1))[0].Message);
    }

    [Fact]
    public async Task Every_part_of_a_server_message_is_shortened_after_its_secrets_are_masked()
    {
        var secret = new string('s', 64);
        await using var box = await Sandbox.CreateAsync(("001_a.sql", """
            DO $$ BEGIN
                RAISE 'm' USING DETAIL = repeat('d', 2970) || '{{vars.key}}', HINT = repeat('h', 9000);
            END $$;
            """));
        var values = new PlaceholderValues
        {
            Variables = new Dictionary<string, string> { ["key"] = secret },
            Secrets = new HashSet<string> { "key" },
        };

        var run = await box.RunAsync(Sandbox.Apply with { Placeholders = values });

        var error = run.Failed<MigrationApplyException>().Result.Error!;

        Assert.EndsWith("d***", error.Detail, StringComparison.Ordinal);
        Assert.Equal(ErrorText.MostOfText, error.Hint!.Length);
        Assert.DoesNotContain("sss", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 1, Most);
    }
}
