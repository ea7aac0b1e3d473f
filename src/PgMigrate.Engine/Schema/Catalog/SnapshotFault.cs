using System.Text.Json;
using PgMigrate.Errors;

namespace PgMigrate.Schema.Catalog;

/// <summary>Errors in the file of a snapshot, with their places.</summary>
/// <param name="path">The file.</param>
/// <param name="text">What it contains.</param>
internal sealed class SnapshotFault(string path, byte[] text)
{
    private const string Advice = " Write the file again, with Export-PgSchema -As Snapshot.";

    public InitializationException Missing(string name) => Invalid(0, $"The part '{name}' is missing in front.");

    public InitializationException OtherVersion(long offset, string message) => new(
        ErrorCodes.SchemaSnapshotVersion, $"{Place(offset)}: This snapshot is of another version. {message}");

    public InitializationException Invalid(long offset, string message) =>
        new(ErrorCodes.SchemaSnapshotInvalid, $"{Place(offset)}: {message}{Advice}");

    public InitializationException NoJson(JsonException error)
    {
        var words = text.AsSpan().Trim(" \t\r\n"u8);
        var message = words.IsEmpty ? "The file is empty."
            : words[0] != (byte)'{' ? "This is no snapshot of a schema. SQL is read with -SchemaPath."
            : IsAtEnd(error) ? "The file ends in the middle: it was cut off."
            : words.IndexOf("\n<<<<<<< "u8) >= 0 ? "The file has the marks of a merge conflict."
            : "This is no JSON.";
        return new InitializationException(
            ErrorCodes.SchemaSnapshotInvalid,
            $"{path}:{error.LineNumber + 1}:{error.BytePositionInLine + 1}: {message}{Advice}",
            error);
    }

    private bool IsAtEnd(JsonException error)
    {
        var rest = text.AsSpan();
        for (var line = 0; line < error.LineNumber && rest.IndexOf((byte)'\n') is var end && end >= 0; line++)
        {
            rest = rest[(end + 1)..];
        }

        return rest[Math.Min((int)(error.BytePositionInLine ?? 0), rest.Length)..].Trim(" \t\r\n"u8).IsEmpty;
    }

    private string Place(long offset)
    {
        var before = text.AsSpan(0, (int)Math.Min(offset, text.Length));
        var line = before.Count((byte)'\n') + 1;
        return $"{path}:{line}:{before.Length - before.LastIndexOf((byte)'\n')}";
    }
}
