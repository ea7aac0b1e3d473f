using System.Globalization;
using System.Text.Json;
using PgMigrate.Errors;

namespace PgMigrate.Schema.Catalog;

/// <summary>Reads the file that <see cref="SnapshotWriter"/> writes. What it does not know is an error with its
/// place.</summary>
internal sealed class SnapshotParser
{
    private const string Advice = " Write the file again, with Export-PgSchema -As Snapshot.";
    private readonly string _path;
    private readonly byte[] _text;
    private readonly SnapshotEntries _entries;
    private readonly Dictionary<string, string[]> _attributes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _header = new(StringComparer.Ordinal);
    private bool _hasObjects;

    private SnapshotParser(string path, byte[] text)
    {
        _path = path;
        _text = text;
        _entries = new SnapshotEntries((offset, message) => Invalid(offset, message));
    }

    /// <summary>The snapshot, and whether it is that of a database.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="text">The file as UTF-8, without a byte order mark.</param>
    /// <exception cref="InitializationException">It is no snapshot, or one that this version cannot read.</exception>
    public static (Snapshot Snapshot, bool IsDatabase) Read(string path, byte[] text)
    {
        var parser = new SnapshotParser(path, text);
        try
        {
            return parser.Read();
        }
        catch (JsonException e)
        {
            throw parser.NoJson(e);
        }
    }

    private (Snapshot Snapshot, bool IsDatabase) Read()
    {
        var json = new Utf8JsonReader(_text);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            throw Invalid(0, "This is no snapshot of a schema. SQL is read with -SchemaPath.");
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            ReadPart(ref json);
        }

        // What follows the object is an error of the reader.
        json.Read();
        if (!_hasObjects)
        {
            throw Missing(SnapshotFormat.Objects);
        }

        var objects = _entries.Link();
        return (new Snapshot(ServerVersion(), Header(SnapshotFormat.Role), objects),
            Header(SnapshotFormat.Origin) == SnapshotFormat.Database);
    }

    private void ReadPart(ref Utf8JsonReader json)
    {
        var name = json.GetString()!;
        var offset = json.TokenStartIndex;
        if (name != SnapshotFormat.Format && !_header.ContainsKey(SnapshotFormat.Format))
        {
            throw Invalid(offset, "This JSON is no snapshot of a schema: it does not begin with its format.");
        }

        json.Read();
        switch (name)
        {
            case SnapshotFormat.Format or SnapshotFormat.FormatVersion or SnapshotFormat.Origin
                or SnapshotFormat.ServerVersion or SnapshotFormat.Role:
                AddHeader(ref json, name, offset);
                break;
            case SnapshotFormat.Attributes when _attributes.Count == 0:
                ReadAttributes(ref json);
                break;
            case SnapshotFormat.Objects when !_hasObjects:
                _hasObjects = true;
                ReadObjects(ref json);
                break;
            default:
                throw Invalid(offset, $"The part '{name}' is not known, or appears twice.");
        }
    }

    private void AddHeader(ref Utf8JsonReader json, string name, long offset)
    {
        var value = json.TokenType switch
        {
            JsonTokenType.String when name != SnapshotFormat.FormatVersion => json.GetString()!,
            JsonTokenType.Number when name == SnapshotFormat.FormatVersion && json.TryGetInt32(out var number) =>
                number.ToString(CultureInfo.InvariantCulture),
            _ => throw Invalid(offset, $"The value of '{name}' is not valid."),
        };
        if (!_header.TryAdd(name, value))
        {
            throw Invalid(offset, $"The part '{name}' appears twice.");
        }

        if (name == SnapshotFormat.Format && value != SnapshotFormat.Name)
        {
            throw Invalid(offset, "This JSON is no snapshot of a schema.");
        }

        if (name == SnapshotFormat.FormatVersion
            && value != SnapshotFormat.Version.ToString(CultureInfo.InvariantCulture))
        {
            throw OtherVersion(offset, $"It has format {value}, and this version of PgMigrate reads format "
                + $"{SnapshotFormat.Version}. Update PgMigrate, or write the file again with this version.");
        }
    }

    private void ReadAttributes(ref Utf8JsonReader json)
    {
        RequireHeader();
        Expect(ref json, JsonTokenType.StartObject, "a list of kinds");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var kind = string.Intern(json.GetString()!);
            var offset = json.TokenStartIndex;
            json.Read();
            Expect(ref json, JsonTokenType.String, "the names of attributes");
            var names = json.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (CatalogShape.AttributesOf(kind) is not { } known || !names.SequenceEqual(known))
            {
                throw OtherVersion(offset, $"The version of PgMigrate that wrote it reads other attributes of a "
                    + $"{kind}, so that the comparison would be wrong. Write the file again with this version.");
            }

            if (!_attributes.TryAdd(kind, known))
            {
                throw Invalid(offset, $"The kind '{kind}' appears twice.");
            }
        }
    }

    private void ReadObjects(ref Utf8JsonReader json)
    {
        RequireHeader();
        Expect(ref json, JsonTokenType.StartArray, "a list of objects");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref json, JsonTokenType.StartObject, "an object");
            _entries.Add(ReadObject(ref json));
        }
    }

    private SnapshotEntry ReadObject(ref Utf8JsonReader json)
    {
        var entry = new SnapshotEntry(json.TokenStartIndex);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            var offset = json.TokenStartIndex;
            json.Read();
            var isKnown = name switch
            {
                SnapshotFormat.Attributes => entry.Attributes.Count == 0 && ReadValues(ref json, entry),
                SnapshotFormat.DependsOn => entry.DependsOn.Count == 0 && ReadEdges(ref json, entry),
                SnapshotFormat.Kind or SnapshotFormat.Identity or SnapshotFormat.ObjectName
                    or SnapshotFormat.QuotedName or SnapshotFormat.Schema or SnapshotFormat.Parent
                    or SnapshotFormat.Owner or SnapshotFormat.Privileges or SnapshotFormat.Comment =>
                    entry.Texts.TryAdd(name, ReadText(ref json)),
                _ => false,
            };
            if (!isKnown)
            {
                throw Invalid(offset, $"The part '{name}' of an object is not known, or appears twice.");
            }
        }

        entry.Names = _attributes.GetValueOrDefault(entry.Texts.GetValueOrDefault(SnapshotFormat.Kind) ?? "");
        return entry;
    }

    private bool ReadValues(ref Utf8JsonReader json, SnapshotEntry entry)
    {
        Expect(ref json, JsonTokenType.StartObject, "a list of attributes");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            var offset = json.TokenStartIndex;
            json.Read();
            if (!entry.Attributes.TryAdd(name, ReadText(ref json)))
            {
                throw Invalid(offset, $"The attribute '{name}' appears twice.");
            }
        }

        return true;
    }

    private bool ReadEdges(ref Utf8JsonReader json, SnapshotEntry entry)
    {
        Expect(ref json, JsonTokenType.StartArray, "a list of objects");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref json, JsonTokenType.String, "kind and name of an object");
            entry.DependsOn.Add((json.GetString()!, json.TokenStartIndex));
        }

        return true;
    }

    // A text, or its lines.
    private string ReadText(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.String)
        {
            return json.GetString()!;
        }

        Expect(ref json, JsonTokenType.StartArray, "a text or its lines");
        var lines = new List<string>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref json, JsonTokenType.String, "a line of text");
            lines.Add(json.GetString()!);
        }

        return string.Join('\n', lines);
    }

    private void Expect(ref Utf8JsonReader json, JsonTokenType type, string what)
    {
        if (json.TokenType != type)
        {
            throw Invalid(json.TokenStartIndex, $"Here has to be {what}.");
        }
    }

    private void RequireHeader()
    {
        foreach (var name in new[] { SnapshotFormat.FormatVersion, SnapshotFormat.Origin, SnapshotFormat.Role })
        {
            Header(name);
        }

        ServerVersion();
    }

    private string Header(string name) => _header.GetValueOrDefault(name) ?? throw Missing(name);

    private int ServerVersion()
    {
        var parts = Header(SnapshotFormat.ServerVersion).Split('.');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            && major is > 0 and < 10000 && minor < 10000
            ? (major * 10000) + minor
            : throw Invalid(0, $"The value of '{SnapshotFormat.ServerVersion}' is not valid.");
    }

    private InitializationException Missing(string name) => Invalid(0, $"The part '{name}' is missing in front.");

    private InitializationException OtherVersion(long offset, string message) => new(
        ErrorCodes.SchemaSnapshotVersion, $"{Place(offset)}: This snapshot is of another version. {message}");

    private InitializationException Invalid(long offset, string message) =>
        new(ErrorCodes.SchemaSnapshotInvalid, $"{Place(offset)}: {message}{Advice}");

    private InitializationException NoJson(JsonException error)
    {
        var text = _text.AsSpan().TrimStart(" \t\r\n"u8).TrimEnd(" \t\r\n"u8);
        var place = $"{_path}:{error.LineNumber + 1}:{error.BytePositionInLine + 1}";
        var message = text.IsEmpty ? "The file is empty."
            : text[0] != (byte)'{' ? "This is no snapshot of a schema. SQL is read with -SchemaPath."
            : text[^1] != (byte)'}' ? "The file ends in the middle: it was cut off."
            : text.IndexOf("\n<<<<<<< "u8) >= 0 ? "The file has the marks of a merge conflict."
            : "This is no JSON.";
        return new InitializationException(ErrorCodes.SchemaSnapshotInvalid, $"{place}: {message}{Advice}", error);
    }

    private string Place(long offset)
    {
        var before = _text.AsSpan(0, (int)Math.Min(offset, _text.Length));
        var line = before.Count((byte)'\n') + 1;
        return $"{_path}:{line}:{before.Length - before.LastIndexOf((byte)'\n')}";
    }
}
