using System.Text;
using PgMigrate.Autogenerate;
using PgMigrate.Errors;
using PgMigrate.Schema.Catalog;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>The file of a snapshot, and files that are none. Without a database.</summary>
public class SnapshotFileTests
{
    private const string Valid =
        """
        {
          "format": "pgmigrate-schema",
          "formatVersion": 1,
          "origin": "database",
          "serverVersion": "15.18",
          "role": "postgres",
          "attributes": {
            "extension": "extension_schema relocatable",
            "schema": ""
          },
          "objects": [
            {
              "kind": "schema",
              "identity": "app",
              "name": "app",
              "owner": "postgres"
            },
            {
              "kind": "extension",
              "identity": "citext",
              "name": "citext",
              "comment": [
                "one",
                "two – ü \"quoted\" \u0007"
              ],
              "attributes": {
                "extension_schema": "app"
              },
              "dependsOn": [
                "schema app"
              ]
            }
          ]
        }

        """;

    [Fact]
    public void A_file_is_the_same_when_it_is_read_and_written_again()
    {
        var text = Valid.ReplaceLineEndings("\n");

        var (snapshot, isDatabase) = SnapshotParser.Read("x.json", Encoding.UTF8.GetBytes(text));

        Assert.True(isDatabase);
        Assert.Equal(
            "one\ntwo – ü \"quoted\" \a", snapshot.Find(new ObjectKey("extension", "citext"))!.Comment);
        Assert.Equal(text, Encoding.UTF8.GetString(SnapshotWriter.Write(snapshot, isDatabase)));
    }

    [Fact]
    public void Line_ends_of_another_system_mean_the_same()
    {
        var windows = Valid.ReplaceLineEndings("\r\n");
        var one = SnapshotParser.Read("x.json", Encoding.UTF8.GetBytes(Valid)).Snapshot;
        var other = SnapshotParser.Read("x.json", Encoding.UTF8.GetBytes(windows)).Snapshot;

        Assert.Equal(SnapshotWriter.Write(one, true), SnapshotWriter.Write(other, true));
    }

    [Theory]
    [InlineData("", "1:1", "empty")]
    [InlineData("CREATE TABLE t (id int);", "1:1", "-SchemaPath")]
    [InlineData("-- SQL\nSELECT 1;", "1:", "-SchemaPath")]
    [InlineData("[1, 2]", "1:1", "-SchemaPath")]
    [InlineData("{ \"a\": 1 }", "1:3", "does not begin with its format")]
    [InlineData("{ \"format\": \"other\" }", "1:3", "no snapshot")]
    [InlineData("{ \"format\": \"pgmigrate-schema\" }", "1:1", "'objects' is missing")]
    public async Task Another_file_is_no_snapshot(string text, string place, string message) =>
        await RefusedAsync(text, ErrorCodes.SchemaSnapshotInvalid, place, message);

    [Theory]
    [InlineData("\"formatVersion\": 1", "\"formatVersion\": 2", ErrorCodes.SchemaSnapshotVersion, ":3:", "format 2")]
    [InlineData("\"formatVersion\": 1", "\"formatVersion\": \"1\"", ErrorCodes.SchemaSnapshotInvalid, ":3:", "formatVersion")]
    [InlineData("extension_schema relocatable", "extension_schema", ErrorCodes.SchemaSnapshotVersion, ":8:", "other attributes of a extension")]
    [InlineData("\"schema\": \"\"", "\"shape\": \"\"", ErrorCodes.SchemaSnapshotVersion, ":9:", "shape")]
    [InlineData("\"15.18\"", "\"fifteen\"", ErrorCodes.SchemaSnapshotInvalid, ":1:", "serverVersion")]
    [InlineData("  \"role\": \"postgres\",\n", "", ErrorCodes.SchemaSnapshotInvalid, ":1:", "'role' is missing")]
    [InlineData("\"schema app\"", "\"schema gone\"", ErrorCodes.SchemaSnapshotInvalid, ":30:", "schema gone, which the file does not contain")]
    [InlineData("\"identity\": \"app\",", "", ErrorCodes.SchemaSnapshotInvalid, ":12:", "no part 'identity'")]
    [InlineData("\"kind\": \"schema\"", "\"kind\": \"table\"", ErrorCodes.SchemaSnapshotInvalid, ":12:", "'table'")]
    [InlineData("\"extension_schema\": \"app\"", "\"other\": \"app\"", ErrorCodes.SchemaSnapshotInvalid, ":18:", "no attribute 'other'")]
    [InlineData("\"extension_schema\": \"app\"", "", ErrorCodes.SchemaSnapshotInvalid, ":18:", "no valid attribute 'extension_schema'")]
    [InlineData("\"owner\": \"postgres\"", "\"owner\": \"postgres\", \"parent\": \"schema app\"", ErrorCodes.SchemaSnapshotInvalid, ":12:", "part of itself")]
    [InlineData("\"owner\": \"postgres\"", "\"colour\": \"red\"", ErrorCodes.SchemaSnapshotInvalid, ":16:", "colour")]
    [InlineData("\"owner\": \"postgres\"", "\"owner\": 5", ErrorCodes.SchemaSnapshotInvalid, ":16:", "a text or its lines")]
    [InlineData("\"objects\": [", "\"objects\": [\n<<<<<<< HEAD", ErrorCodes.SchemaSnapshotInvalid, ":12:", "merge conflict")]
    [InlineData("    }\n  ]\n}", "    }\n  ]\n} {}", ErrorCodes.SchemaSnapshotInvalid, ":34:", "no JSON")]
    public async Task A_damaged_file_is_an_error_with_its_place(
        string part, string with, string code, string place, string message)
    {
        var text = Valid.ReplaceLineEndings("\n");
        Assert.Contains(part, text, StringComparison.Ordinal);

        await RefusedAsync(text.Replace(part, with, StringComparison.Ordinal), code, place, message);
    }

    [Fact]
    public async Task A_file_that_was_cut_off_says_so()
    {
        var text = Valid.ReplaceLineEndings("\n");
        foreach (var length in new[] { 20, 300, text.Length / 2, text.Length - 5 })
        {
            await RefusedAsync(text[..length], ErrorCodes.SchemaSnapshotInvalid, ":", "cut off");
        }
    }

    [Fact]
    public async Task A_file_in_another_encoding_says_so()
    {
        using var folder = new TestFolder();
        folder.Write("x.json", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Valid)).ToArray());

        var error = await Assert.ThrowsAsync<InitializationException>(() =>
            SchemaComparer.ReadSnapshotAsync(folder.PathOf("x.json"), CancellationToken.None));

        Assert.Contains("UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_the_file()
    {
        using var folder = new TestFolder();
        folder.Write("x.json", Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes(Valid)).ToArray());

        var schema = await SchemaComparer.ReadSnapshotAsync(folder.PathOf("x.json"), CancellationToken.None);

        Assert.Equal("15.18", schema.ServerVersion);
        Assert.Equal(2, schema.Objects.Count);
    }

    [Fact]
    public async Task A_folder_or_no_file_is_an_error()
    {
        using var folder = new TestFolder();

        await Assert.ThrowsAsync<FileAccessException>(() =>
            SchemaComparer.ReadSnapshotAsync(folder.FullPath, CancellationToken.None));
        await Assert.ThrowsAsync<FileAccessException>(() =>
            SchemaComparer.ReadSnapshotAsync(folder.PathOf("gone.json"), CancellationToken.None));
    }

    private static async Task RefusedAsync(string text, string code, string place, string message)
    {
        using var folder = new TestFolder();
        folder.Write("x.json", text);
        var error = await Assert.ThrowsAsync<InitializationException>(() =>
            SchemaComparer.ReadSnapshotAsync(folder.PathOf("x.json"), CancellationToken.None));

        Assert.Equal(code, error.Code);
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
