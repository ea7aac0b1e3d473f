using System.Diagnostics;
using PgMigrate.Sql;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Sql;

// A fixed seed: every run tries the same scripts.
public sealed class SqlSplitterPropertyTests
{
    private const int Seed = 20240607;
    private const int Rounds = 20_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly string[] Snippets =
    [
        "SELECT 1;", "'", "''", "E'", "\\'", "\"", "U&\"", "U&'", "$$", "$a$", "$1", "--", "/*", "*/", "(", ")", ";",
        "\\;", "\\:", "\n", "\r\n", " ", "\t", "CREATE FUNCTION f() ", "BEGIN ATOMIC ", "CASE ", "END ", "\\g\n",
        "\\\\", "\\echo 'a' ", "\\copy t from stdin\n", "COPY t FROM stdin;", "COPY t (a, b) FROM stdin\\;", "1\t2\n",
        "\\.", "\n\\.\n", "é", "😀", "\uD800", "\uFEFF", ":v", "::", "a", "1.5e", "\0",
        "SET standard_conforming_strings=off;", "RESET ALL;", "INSERT INTO t VALUES (1, 'a', x'f');", ",", "x", "e",
        "U&",
    ];

    [Fact]
    public void Random_scripts_lose_nothing()
    {
        var random = new Random(Seed);
        for (int round = 0; round < Rounds; round++)
        {
            string script = string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => Pick(random, Snippets)));
            AssertLossless(script, random.Next(2) == 0);
        }
    }

    [Fact]
    public void Skipping_plain_tokens_changes_nothing()
    {
        var random = new Random(Seed + 1);
        for (int round = 0; round < Rounds; round++)
        {
            string script = "SELECT "
                + string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => Pick(random, Snippets)));
            AssertPassedAlike(script, random.Next(2) == 0);
        }
    }

    [RealDataFact]
    public void Skipping_plain_tokens_changes_nothing_in_real_scripts()
    {
        foreach (var recording in RealScriptTests.Recordings())
        {
            AssertPassedAlike(recording.Text, standardConformingStrings: true);
        }
    }

    [RealDataFact]
    public void Cuts_and_joins_of_real_scripts_lose_nothing()
    {
        var random = new Random(Seed);
        string[] files = Directory.GetFiles(RealData.Folder!, "*.sql", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        string[] scripts = [.. files.Select(File.ReadAllText).Where(s => s.Length < 100_000)];
        for (int round = 0; round < 500; round++)
        {
            string first = Pick(random, scripts);
            string second = Pick(random, scripts);
            string script = string.Concat(first.AsSpan(random.Next(first.Length + 1)), Pick(random, Snippets),
                second.AsSpan(0, random.Next(second.Length + 1)));
            AssertLossless(script, standardConformingStrings: true);
        }
    }

    [Theory]
    [InlineData("$a$b$c")]
    [InlineData("$a$ $b")]
    [InlineData("/*")]
    [InlineData("/*/")]
    [InlineData("*/")]
    [InlineData("(")]
    [InlineData("'")]
    [InlineData("E'\\")]
    [InlineData("\"")]
    [InlineData("-")]
    [InlineData(";")]
    [InlineData("a;")]
    [InlineData("\\a")]
    [InlineData("\\copy t from stdin")]
    [InlineData("a\\a")]
    [InlineData("\\g '")]
    [InlineData("\\;")]
    [InlineData(":a$")]
    [InlineData("--a\n")]
    [InlineData("/**/a\n")]
    [InlineData("COPY t FROM stdin;")]
    [InlineData("COPY t FROM stdin\\;")]
    [InlineData("COPY t FROM stdin;\n")]
    [InlineData("COPY t FROM stdin;\n\n")]
    [InlineData("COPY t FROM stdin;\n1\n\\.\n")]
    [InlineData("COPY t (a, b) FROM stdin;\n\n")]
    [InlineData("COPY t FROM stdin;a\n")]
    [InlineData("SET standard_conforming_strings = off;")]
    [InlineData("CREATE FUNCTION f() BEGIN CASE ")]
    public void A_megabyte_of_anything_splits_quickly(string part)
    {
        string script = string.Concat(Enumerable.Repeat(part, 1_000_000 / part.Length));
        var watch = Stopwatch.StartNew();

        AssertLossless(script, standardConformingStrings: true);

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Patience);
    }

    [Theory]
    [InlineData("$a$")]
    [InlineData("/*")]
    [InlineData("'a")]
    [InlineData("\n")]
    public void A_long_token_in_a_long_script_splits_quickly(string start)
    {
        string script = start + new string('a', 500_000) + "$" + string.Concat(Enumerable.Repeat("$aa", 200_000));
        var watch = Stopwatch.StartNew();

        AssertLossless(script, standardConformingStrings: true);

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Patience);
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    private static void AssertPassedAlike(string script, bool standardConformingStrings)
    {
        SqlSplit fast = new SqlSplitRun(script, standardConformingStrings).Run();
        SqlSplit slow = new SqlSplitRun(script, standardConformingStrings) { PassesPlain = false }.Run();
        Assert.Equal(slow.Pieces, fast.Pieces);
        Assert.Equal(slow.Comments, fast.Comments);
        Assert.Equal(slow.Escapes, fast.Escapes);
        Assert.Equal((slow.Error, slow.Unfinished), (fast.Error, fast.Unfinished));
    }

    private static void AssertLossless(string script, bool standardConformingStrings)
    {
        SqlSplit split = SqlSplitter.Split(script, standardConformingStrings);
        int offset = 0;
        int line = 1;
        foreach (SqlPiece piece in split.Pieces)
        {
            if (piece.Offset != offset || piece.Length <= 0 || piece.Line != line)
            {
                Assert.Fail($"{piece} should start at {offset} in line {line} of: {script}");
            }

            line += script.AsSpan(offset, piece.Length).Count('\n');
            offset += piece.Length;
        }

        Assert.Equal(script.Length, offset);
        AssertComments(script, split);
        Assert.Equal(split.Pieces.Count(p => p.Kind == SqlPieceKind.Statement), split.Statements().Count());
    }

    private static void AssertComments(string script, SqlSplit split)
    {
        int offset = 0;
        int line = 1;
        foreach (SqlComment comment in split.Comments)
        {
            line += script.AsSpan(offset, comment.Offset - offset).Count('\n');
            offset = comment.Offset;
            var text = script.AsSpan(offset, comment.Length);
            if (comment.Line != line || !text.StartsWith(comment.IsBlock ? "/*" : "--", StringComparison.Ordinal))
            {
                Assert.Fail($"{comment} should be in line {line} of: {script}");
            }
        }
    }
}
