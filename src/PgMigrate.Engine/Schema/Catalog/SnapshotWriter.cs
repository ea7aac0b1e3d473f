using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PgMigrate.Schema.Catalog;

/// <summary>
/// Writes a snapshot as JSON: the same bytes for the same schema on every machine. One object an entry, a table in
/// front of its parts, and a text of several lines as a list of lines, so that a diff shows what changed.
/// </summary>
internal static class SnapshotWriter
{
    // Names and comments as they are, not as escapes: it is a file, and no part of a page.
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The file as UTF-8.</summary>
    /// <param name="snapshot">The schema.</param>
    /// <param name="isDatabase">True when it was read from a database, and is not what files describe.</param>
    public static byte[] Write(Snapshot snapshot, bool isDatabase)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            WriteHeader(json, snapshot, isDatabase);
            json.WriteStartArray(SnapshotFormat.Objects);
            foreach (var entry in snapshot.Objects)
            {
                WriteObject(json, entry);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        // The writer ends lines as the system does; within a text it escapes a CR.
        return Array.FindAll(stream.ToArray(), b => b != (byte)'\r');
    }

    /// <summary>What an edge to an object is in the file.</summary>
    public static string Reference(CatalogObject entry) => entry.Key.ToString();

    private static void WriteHeader(Utf8JsonWriter json, Snapshot snapshot, bool isDatabase)
    {
        json.WriteString(SnapshotFormat.Format, SnapshotFormat.Name);
        json.WriteNumber(SnapshotFormat.FormatVersion, SnapshotFormat.Version);
        json.WriteString(SnapshotFormat.Origin, isDatabase ? SnapshotFormat.Database : SnapshotFormat.Files);
        json.WriteString(
            SnapshotFormat.ServerVersion,
            string.Create(CultureInfo.InvariantCulture, $"{snapshot.Major}.{snapshot.ServerVersion % 10000}"));
        json.WriteString(SnapshotFormat.Role, snapshot.CurrentRole);
        json.WriteStartObject(SnapshotFormat.Attributes);
        foreach (var kind in snapshot.Objects.Select(o => o.Kind).Distinct().Order(StringComparer.Ordinal))
        {
            json.WriteString(kind, string.Join(' ', CatalogShape.AttributesOf(kind)!));
        }

        json.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter json, CatalogObject entry)
    {
        json.WriteStartObject();
        json.WriteString(SnapshotFormat.Kind, entry.Kind);
        json.WriteString(SnapshotFormat.Identity, entry.Identity);
        json.WriteString(SnapshotFormat.ObjectName, entry.Name);
        WriteText(json, SnapshotFormat.QuotedName, entry.QuotedName == entry.Name ? null : entry.QuotedName);
        WriteText(json, SnapshotFormat.Schema, entry.Schema);
        WriteText(json, SnapshotFormat.Parent, entry.Parent is { } parent ? Reference(parent) : null);
        WriteText(json, SnapshotFormat.Owner, entry.Owner);
        WriteText(json, SnapshotFormat.Privileges, entry.Privileges);
        WriteText(json, SnapshotFormat.Comment, entry.Comment);
        if (entry.AttributeNames.Any(name => entry[name] is not null))
        {
            json.WriteStartObject(SnapshotFormat.Attributes);
            foreach (var name in entry.AttributeNames)
            {
                WriteText(json, name, entry[name]);
            }

            json.WriteEndObject();
        }

        var others = entry.DependsOn.Where(other => other != entry.Parent).ToList();
        if (others.Count > 0)
        {
            json.WriteStartArray(SnapshotFormat.DependsOn);
            others.ForEach(other => json.WriteStringValue(Reference(other)));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is null)
        {
            return;
        }

        if (!text.Contains('\n', StringComparison.Ordinal))
        {
            json.WriteString(name, text);
            return;
        }

        json.WriteStartArray(name);
        foreach (var line in text.Split('\n'))
        {
            json.WriteStringValue(line);
        }

        json.WriteEndArray();
    }
}
