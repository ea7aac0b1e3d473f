using PgMigrate.Errors;
using PgMigrate.Sql;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Sql;

/// <summary>Invisible and look-alike characters at the position of a server error.</summary>
public class CharacterWarningTests
{
    // {0} is the character; | marks where the server points to.
    [Theory]
    [InlineData("CREATE TABLE a (i int)|{0} CREATE TABLE b (i int)", 0xFF1B, "full-width semicolon", ";")]
    [InlineData("CREATE TABLE a (i int)|{0}", 0x037E, "Greek question mark", ";")]
    [InlineData("SELECT 1 |FROM{0}t", 0x00A0, "no-break space", " ")]
    [InlineData("SELECT 1{0} |FROM t", 0x200B, "zero width space", "")]
    [InlineData("SELECT |{0}abc{0}", 0x2018, "left single quotation mark", "'")]
    [InlineData("SELECT |{0}abc\" FROM t", 0x201C, "left double quotation mark", "\"")]
    [InlineData("SELECT 1 |{0} 2", 0x2013, "en dash", "-")]
    [InlineData("SELECT 1 |x{0}FROM t", 0x2028, "line separator", " ")]
    [InlineData("SELECT 1, |{0}2", 0x3000, "ideographic space", " ")]
    [InlineData("SELECT 1 |FR{0}M t", 0x041E, "a Cyrillic letter", "O")]
    [InlineData("SELECT 1 |{0}FROM t", 0x0001, "a control character", "")]
    [InlineData("SELECT 1 |{0}FROM t", 0x200F, "right-to-left mark", "")]
    [InlineData("SELECT 1 |{0} 2", 0xFF0B, "full-width character", "+")]
    [InlineData("INSERT INTO t VALUES (1){0} |INSERT INTO t VALUES (2)", 0x061B, "Arabic semicolon", ";")]
    [InlineData("DO $x$ BEGIN |NULL{0}END $x$", 0x00A0, "no-break space", " ")]
    [InlineData("SELECT 1 |{0}", 0xFEFF, "byte order mark", "")]
    public void The_character_near_a_syntax_error_is_named(string text, int code, string name, string meant)
    {
        var character = char.ConvertFromUtf32(code);
        var marked = text.Replace("{0}", character, StringComparison.Ordinal);
        var offset = marked.IndexOf('|', StringComparison.Ordinal);
        var statement = marked.Remove(offset, 1);

        var found = CharacterWarning.Near(statement, offset, isSyntax: true);

        Assert.NotNull(found);
        Assert.Equal((code, name, meant), (found.Value.Rune.Value, found.Value.Name, found.Value.Meant));
        Assert.Equal(statement.IndexOf(character, StringComparison.Ordinal), found.Value.Offset);
    }

    [Theory]
    [InlineData("SELECT größe |FROM t")]
    [InlineData("SELECT 'a\u00A0b' |FROM t")]
    [InlineData("SELECT \"a\u200Bb\" |FROM t")]
    [InlineData("SELECT 1 -- a\u00A0b\n|FROM t")]
    [InlineData("SELECT таблица |FROM t")]
    [InlineData("SELECT 1\u00A0, 2, 3, 4 |FROM t")]
    public void A_character_that_did_not_cause_the_error_is_not_named(string text)
    {
        var offset = text.IndexOf('|', StringComparison.Ordinal);

        Assert.Null(CharacterWarning.Near(text.Remove(offset, 1), offset, isSyntax: true));
    }

    [Theory]
    [InlineData("\uFEFFCREATE TABLE b (i int);", 2, 1, "U+FEFF (byte order mark)", "Delete it.")]
    [InlineData("CREATE\u00A0TABLE b (i int);", 2, 7, "U+00A0 (no-break space)", "Replace it with a blank.")]
    [InlineData("\u200BCREATE TABLE b (i int);", 2, 1, "U+200B (zero width space)", "Delete it.")]
    [InlineData("  CR\u0415ATE TABLE b (i int);", 2, 5, "U+0415 (a Cyrillic letter)", "Replace it with E.")]
    [InlineData("\uFF08SELECT 1);", 2, 1, "U+FF08 (full-width parenthesis)", "Replace it with (.")]
    [InlineData("\u2028CREATE TABLE b (i int);", 2, 1, "U+2028 (line separator)", "Replace it with a blank.")]
    public async Task A_statement_without_a_command_is_rejected_before_anything_runs(
        string line, int lineNumber, int column, string what, string remedy)
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", $"CREATE TABLE a (i int);\n{line}\n"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("CharacterInvisible", error.Code);
        Assert.StartsWith($"1_a.sql:{lineNumber}:{column}: Here is {what}", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(remedy, error.Message, StringComparison.Ordinal);
        box.Folder.Write("1_a.sql", "CREATE TABLE a (i int);\nCREATE TABLE b (i int);");
        await box.ApplyAllAsync();
    }

    [Theory]
    [InlineData("CREATE TABLE b (i int)\uFF1B\nCREATE TABLE c (i int);", "line 1, column 23 is U+FF1B (full-width semicolon). Replace it with ;.")]
    [InlineData("SELECT \u2018a\u2019;", "line 1, column 8 is U+2018 (left single quotation mark). Replace it with '.")]
    [InlineData("SELECT 1\u00A0AS x;", "line 1, column 9 is U+00A0 (no-break space). Replace it with a blank.")]
    [InlineData("SELECT pg_sleep\u200B(0);", "line 1, column 16 is U+200B (zero width space). Delete it.")]
    [InlineData("DO $$ BEGIN\n  PERFORM\u00A01;\nEND $$;", "line 2, column 10 is U+00A0 (no-break space). Replace it with a blank.")]
    public async Task The_error_of_the_server_names_the_character_and_its_column(string text, string expected)
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", text));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        Assert.Contains($"Character: {expected}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quote_that_only_looks_like_the_closing_one_is_named()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SELECT 'abc\u2019;\nSELECT 1;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Contains("The character at line 1, column 12 is U+2019", error.Message, StringComparison.Ordinal);
    }
}
