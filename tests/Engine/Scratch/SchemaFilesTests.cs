using PgMigrate.Errors;
using PgMigrate.Scratch;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Scratch;

/// <summary>The files of a desired schema.</summary>
public class SchemaFilesTests
{
    [Fact]
    public void A_folder_is_read_with_its_folders_in_ordinal_order()
    {
        using var folder = new TestFolder(("b.sql", "SELECT 1"), ("B.SQL", "SELECT 2"), ("a.sql", ""), ("x.txt", "no"));
        folder.WriteBelow("a/z.sql", "SELECT 3");

        var texts = SchemaLoader.ReadFiles(folder.FullPath);

        Assert.Equal(["B.SQL", "a.sql", "a/z.sql", "b.sql"], texts.Select(text => text.FileName));
        Assert.Equal(["SELECT 2", "", "SELECT 3", "SELECT 1"], texts.Select(text => text.Text));
    }

    [Fact]
    public void A_file_that_another_one_includes_is_read_there()
    {
        using var folder = new TestFolder(
            ("all.sql", "\\ir parts/one.sql\n\\i parts/two.sql\n"), ("zero.sql", "CREATE TABLE zero (id int);"));
        folder.WriteBelow("parts/one.sql", "CREATE TABLE one (id int);");
        folder.WriteBelow("parts/two.sql", "CREATE TABLE two (id int);");

        var texts = SchemaLoader.ReadFiles(folder.FullPath);

        Assert.Equal(["all.sql", "zero.sql"], texts.Select(text => text.FileName));
        var read = SchemaText.Read(0, texts[0]);
        Assert.Empty(read.Problems);
        Assert.Equal(["parts/one.sql", "parts/two.sql"], read.Statements.Select(one => one.Statement.Source!.FileName));
    }

    [Fact]
    public void Lines_for_psql_are_carried_out()
    {
        var read = SchemaText.Read(0, Loading.Text(
            "\\restrict abc\n\\set name orders\nCREATE TABLE :\"name\" (id int);\n\\if false\nCREATE TABLE no (id int);\n\\endif\n\\unrestrict abc\n"));

        Assert.Empty(read.Problems);
        Assert.Equal("CREATE TABLE \"orders\" (id int);", Assert.Single(read.Statements).Statement.Text);
    }

    [Fact]
    public void A_path_that_names_nothing_is_an_error_that_says_so()
    {
        using var folder = new TestFolder(("x.txt", ""));

        Assert.Equal(ErrorCodes.FileAccess, Assert.Throws<FileAccessException>(() => SchemaLoader.ReadFiles(folder.FullPath + "/none")).Code);
        Assert.Equal(
            ErrorCodes.SchemaPathEmpty, Assert.Throws<InitializationException>(() => SchemaLoader.ReadFiles(folder.FullPath)).Code);
    }

    [Fact]
    public void A_file_that_is_no_text_is_an_error_with_its_name()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(Path.Combine(folder.FullPath, "bad.sql"), [0x53, 0x45, 0xFF, 0x0A]);

        var error = Assert.Throws<PlanBlockedException>(() => SchemaLoader.ReadFiles(folder.FullPath));

        Assert.Equal(ErrorCodes.FileEncoding, error.Code);
        Assert.Equal("bad.sql", Assert.Single(error.Problems).FileName);
    }
}
