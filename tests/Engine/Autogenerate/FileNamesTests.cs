using PgMigrate.Autogenerate;
using Xunit;

namespace PgMigrate.Tests.Autogenerate;

public class FileNamesTests
{
    [Theory]
    [InlineData("public", "orders", "public.orders")]
    [InlineData("public", "Orders", "public.Orders")]
    [InlineData("shop", "größe", "shop.größe")]
    [InlineData(null, "shop", "shop")]
    public void A_plain_name_is_kept(string? schema, string name, string file) =>
        Assert.Equal(file, Single(FileNames.Join(schema, name)));

    [Theory]
    [InlineData("public", "a/b")]
    [InlineData("public", "a\\b")]
    [InlineData("public", "..")]
    [InlineData("..", "..")]
    [InlineData("public", "a:b")]
    [InlineData("public", "ends with a dot.")]
    [InlineData("public", "ends with a space ")]
    [InlineData("public", "line\nbreak")]
    [InlineData("public", "\"quoted\"")]
    [InlineData("public", "*?<>|")]
    [InlineData("public", "e\u0301")]
    [InlineData("public", "😀")]
    [InlineData("con", "orders")]
    [InlineData(null, "NUL")]
    [InlineData(null, "com1")]
    [InlineData(null, "-rf")]
    [InlineData("public", "ends-0123ABCD")]
    public void Any_other_name_gets_a_hash(string? schema, string name)
    {
        var file = Single(FileNames.Join(schema, name));

        Assert.Matches("^[A-Za-z_][A-Za-z0-9_.-]*-[0-9A-F]{8}$", file);
        Assert.DoesNotContain(file.Split('.')[0].ToUpperInvariant(), new[] { "CON", "NUL", "COM1" });
    }

    [Fact]
    public void A_long_name_is_cut_and_fits_into_a_file_name()
    {
        var one = Single(FileNames.Join(new string('s', 63), new string('t', 63)));
        var other = Single(FileNames.Join(new string('s', 63), new string('t', 62) + "u"));

        Assert.True(one.Length < 120);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Names_that_differ_in_case_only_get_files_that_differ_in_more()
    {
        var files = FileNames.Of(["orders", "Orders", "ORDERS"]);

        Assert.Equal("orders", files["orders"]);
        Assert.Equal(3, files.Values.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void A_dot_in_a_name_is_not_the_dot_behind_the_schema()
    {
        var files = FileNames.Of([FileNames.Join("a.b", "c"), FileNames.Join("a", "b.c"), FileNames.Join("a", "b_c")]);

        Assert.Equal(3, files.Values.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    private static string Single(string name) => FileNames.Of([name])[name];
}
