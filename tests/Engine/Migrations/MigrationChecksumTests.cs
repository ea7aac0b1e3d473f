using System.Text;
using PgMigrate.Files;
using PgMigrate.Migrations;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class MigrationChecksumTests
{
    [Fact]
    public void The_checksum_is_sha256_in_lower_case_hexadecimal() =>
        // printf 'CREATE TABLE t (id int);' | sha256sum
        Assert.Equal(
            "32a1db02f656154be7fa359e4878a6f2770ee9269d598f0557c940690d614a23",
            MigrationChecksum.Of("CREATE TABLE t (id int);"));

    [Theory]
    [InlineData("SELECT 1;\nSELECT 2;")]
    [InlineData("SELECT 1;\r\nSELECT 2;\r\n")]
    [InlineData("\n  SELECT 1;\nSELECT 2;\n\n\t")]
    [InlineData("\uFEFFSELECT 1;\nSELECT 2;\n")]
    public void Line_ends_and_outer_blanks_do_not_count(string file)
    {
        Assert.True(MigrationText.TryDecode(Encoding.UTF8.GetBytes(file), out var text, out _));
        Assert.Equal(MigrationChecksum.Of("SELECT 1;\nSELECT 2;"), MigrationChecksum.Of(text));
    }

    [Theory]
    [InlineData("SELECT 1; SELECT 2;")]
    [InlineData("SELECT 1;\n\nSELECT 2;")]
    [InlineData("SELECT 1;\nSELECT 2; -- x")]
    [InlineData("select 1;\nSELECT 2;")]
    public void Everything_else_changes_the_checksum(string text) =>
        Assert.NotEqual(MigrationChecksum.Of("SELECT 1;\nSELECT 2;"), MigrationChecksum.Of(text));

    [Fact]
    public void The_bytes_of_a_file_give_the_same_sum_as_its_text()
    {
        string[] pieces =
        [
            "", " ", "\t", "\n", "\r\n", "\r", "\v", "\f", "\0", "\u001F", "\u0085", "\u00A0", "\u2003", "\uFEFF",
            "ä", "🐘", "x", "SELECT 1;", "-- DOWN\n",
        ];
        var files = from first in pieces from second in pieces from third in pieces select first + second + third;
        var plain = 0;
        foreach (var file in files)
        {
            var bytes = Encoding.UTF8.GetBytes(file);
            if (MigrationChecksum.TryOfBytes(bytes) is { } sum)
            {
                Assert.True(MigrationText.TryDecode(bytes, out var text, out _), file);
                Assert.Equal(MigrationChecksum.Of(text), sum.ToString());
                Assert.True(sum.IsWrittenAs(MigrationChecksum.Of(text)));
                Assert.False(sum.IsWrittenAs(MigrationChecksum.Of(text + "x")));
                Assert.False(sum.IsWrittenAs(""));
                plain++;
            }
        }

        Assert.InRange(plain, 500, pieces.Length * pieces.Length * pieces.Length / 2); // and many the long way
    }

    [Theory]
    [InlineData("\uFEFFSELECT 1;", false)]
    [InlineData("SELECT 1;\r\n", false)]
    [InlineData("SELECT 'ä';\n", true)]
    public void A_header_is_found_however_the_file_is_read(string start, bool isPlain)
    {
        var bytes = Encoding.UTF8.GetBytes(start + "\n-- Description: x\n-- dePends: 1\n;");
        Assert.True(MigrationFileName.TryParse("2_a.sql", false, out var name, out _));

        var migration = Migration.Read(name, "/2_a.sql", bytes, out var problem)!;

        Assert.Equal(isPlain, MigrationChecksum.TryOfBytes(bytes) is not null);
        Assert.Null(problem);
        Assert.Equal("x", migration.Description);
        Assert.Equal(["1"], migration.DependsOn);
    }

    [Fact]
    public void Characters_are_hashed_as_utf8() =>
        // printf 'größe 🐘' | sha256sum
        Assert.Equal(
            "5d50fe52f53835c632b830f09e10b0da92b6658de246483e7bb2e0ab8e9cf2b6", MigrationChecksum.Of("größe 🐘"));
}
