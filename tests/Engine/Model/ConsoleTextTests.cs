using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace PgMigrate.Tests.Model;

public sealed class ConsoleTextTests
{
    public static TheoryData<string> Commands() =>
    [
        "::stop-commands::x",
        "  ::error::x",
        "\t\u00a0::error::x",
        "n\n::error::x",
        "n\r::error::x",
        "n\r\n\r\n ::set-output name=a::b",
        "##[add-mask]x",
        "a ##[add-mask]x",
        "##vso[task.setvariable variable=a]b",
        "a notice ##vso[task.complete result=Failed]",
        "##teamcity[buildStop]",
        "\u200b::error::x",
        ":\u200b:error::x",
        "\u00ad::error::x",
        "\0::error::x",
        "\u001b[31m::error::x",
        ":\u001b[0m:error::x",
        "#\u001b[1;31m#vso[task.complete]x",
        "#\u200d#v\u00adso\u0001[task.complete]x",
        "\u001b]8;;http://a\u001b\\::error::x",
        "a\u2028::error::x",
        "###vso[task.complete]x",
        "::::error::x",
        "::error file=a::x\n::error file=b::y",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void No_line_of_guarded_text_is_a_command_for_a_runner(string text)
    {
        var guarded = ConsoleText.Guard(text);
        Assert.NotEqual(text, guarded);
        foreach (var line in guarded.Split(['\n', '\r', '\u2028']).Select(Plain))
        {
            Assert.False(line.TrimStart().StartsWith("::", StringComparison.Ordinal), line);
            Assert.DoesNotContain("##[", line, StringComparison.Ordinal);
            Assert.DoesNotContain("##vso[", line, StringComparison.Ordinal);
        }

        Assert.Equal(guarded, ConsoleText.Guard(guarded));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SELECT now()::text || '#'")]
    [InlineData("a::text\n  b :: text")]
    [InlineData("SELECT a::error_code, b::text")]
    [InlineData("## Heading [link]")]
    [InlineData("# [a] #[b] ## [c]")]
    [InlineData("a # b : c")]
    public void Text_that_is_not_a_command_is_unchanged(string text) => Assert.Equal(text, ConsoleText.Guard(text));

    [Fact]
    public void No_text_is_an_empty_text() => Assert.Equal("", ConsoleText.Guard(null));

    [Fact]
    public void A_command_that_wrapping_could_move_to_the_start_of_a_line_is_broken() =>
        Assert.Equal("a long name : :error file=a::x", ConsoleText.Guard("a long name ::error file=a::x"));

    [Theory]
    [InlineData("#")]
    [InlineData(":")]
    [InlineData("::")]
    [InlineData("##")]
    [InlineData("##v\u200b")]
    [InlineData("\u001b]8;;")]
    [InlineData("\u200b#")]
    [InlineData("::error ")]
    public void A_long_text_is_guarded_quickly(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 100_000 / piece.Length)) + ":#";
        var watch = Stopwatch.StartNew();
        _ = ConsoleText.Guard(text);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), watch.Elapsed.ToString("c", CultureInfo.InvariantCulture));
    }

    // What a comparison by culture, and PowerShell where output is redirected, do not see.
    private static string Plain(string line) => string.Concat(
        System.Text.RegularExpressions.Regex.Replace(line, "\x1b\\[[0-9;]*m|\x1b\\]8;;.*?\x1b\\\\", "")
            .Where(character => char.GetUnicodeCategory(character) is not (UnicodeCategory.Format or UnicodeCategory.Control)
                || char.IsWhiteSpace(character)));
}
