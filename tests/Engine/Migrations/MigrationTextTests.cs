using System.Text;
using PgMigrate.Files;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class MigrationTextTests
{
    private const string Sample = "SELECT 'größe 🐘';\n";

    public static TheoryData<string, byte[]> Encodings => new()
    {
        { "UTF-8", Encoding.UTF8.GetBytes(Sample) },
        { "UTF-8 with BOM", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Sample)] },
        { "UTF-16 LE with BOM", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Sample)] },
        { "UTF-16 BE with BOM", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Sample)] },
        { "CRLF", Encoding.UTF8.GetBytes(Sample.Replace("\n", "\r\n", StringComparison.Ordinal)) },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_encoding_gives_the_same_text(string encoding, byte[] bytes)
    {
        Assert.True(MigrationText.TryDecode(bytes, out var text, out var problem), encoding);
        Assert.Null(problem);
        Assert.Equal(Sample, text);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'a', (byte)'\n', (byte)'b', 0xE4, (byte)'c' }, "0xE4", "offset 3", 2)]
    [InlineData(new byte[] { 0xC3 }, "0xC3", "offset 0", 1)]
    [InlineData(new byte[] { (byte)'a', 0xC0, 0x80 }, "0xC0", "offset 1", 1)]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'a', 0xFF }, "0xFF", "offset 4", 1)]
    [InlineData(new byte[] { (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n', 0xED, 0xA0, 0x80 }, "0xED", "offset 4", 3)]
    [InlineData(new byte[] { (byte)'\r', (byte)'\r', (byte)'\n', (byte)'\r', 0xED, 0xA0, 0x80 }, "0xED", "offset 4", 4)]
    public void Bytes_that_are_not_text_are_named_with_their_place(byte[] bytes, string value, string offset, int line)
    {
        Assert.False(MigrationText.TryDecode(bytes, out _, out var problem));
        Assert.Equal("FileEncoding", problem.Value.Code);
        Assert.Contains(value, problem.Value.Message, StringComparison.Ordinal);
        Assert.Contains(offset, problem.Value.Message, StringComparison.Ordinal);
        Assert.Equal(line, problem.Value.Line);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, (byte)'a' })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x00, 0xD8, (byte)'a', 0x00 })]
    [InlineData(new byte[] { 0xFE, 0xFF, 0xDC, 0x00 })]
    public void Broken_utf16_is_refused(byte[] bytes)
    {
        Assert.False(MigrationText.TryDecode(bytes, out _, out var problem));
        Assert.Equal("FileEncoding", problem.Value.Code);
    }

    [Fact]
    public void A_nul_character_is_refused_with_its_line()
    {
        Assert.False(MigrationText.TryDecode("SELECT 1;\r\nSELECT\0 2;"u8, out _, out var problem));
        Assert.Equal("FileEncoding", problem.Value.Code);
        Assert.Equal(2, problem.Value.Line);
    }

    [Fact]
    public void Utf16_without_a_mark_is_refused() =>
        Assert.False(MigrationText.TryDecode(Encoding.Unicode.GetBytes("SELECT 1;"), out _, out _));

    [Theory]
    [InlineData("")]
    [InlineData(" \t\r\n \n")]
    [InlineData("\uFEFF")]
    [InlineData("\uFEFF\r\n")]
    public void A_file_without_text_is_refused(string text)
    {
        Assert.False(MigrationText.TryDecode(Encoding.UTF8.GetBytes(text), out _, out var problem));
        Assert.Equal("FileEmpty", problem.Value.Code);
    }

    [Theory]
    [InlineData("-- only a comment")]
    [InlineData("/* only a comment */\n")]
    [InlineData(";")]
    public void A_comment_alone_is_text(string text) =>
        Assert.True(MigrationText.TryDecode(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void A_lone_carriage_return_stays()
    {
        Assert.True(MigrationText.TryDecode("SELECT 'a\rb'\r\n;"u8, out var text, out _));
        Assert.Equal("SELECT 'a\rb'\n;", text);
    }
}
