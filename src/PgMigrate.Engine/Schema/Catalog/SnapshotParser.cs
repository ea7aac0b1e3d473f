using System.Globalization;
using System.Text.Json;
using PgMigrate.Errors;

namespace PgMigrate.Schema.Catalog;

/// <summary>Reads the file that <see cref="SnapshotWriter"/> writes. What it does not know is an error with its
/// place.</summary>
internal sealed class SnapshotParser
{
    private readonly byte[] _text;
    private readonly SnapshotFault _fault;
    private readonly SnapshotEntries _entries;
    private readonly Dictionary<string, string[]> _attributes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _header = new(StringComparer.Ordinal);
    private bool _hasObjects;

    private SnapshotParser(string path, byte[] text)
    {
        _text = text;
        _fault = new SnapshotFault(path, text);
        _entries = new SnapshotEntries(_fault);
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
            throw parser._fault.NoJson(e);
        }
    }

    private (Snapshot Snapshot, bool IsDatabase) Read()
    {
        var json = new Utf8JsonReader(_text);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            throw _fault.Invalid(0, "This is no snapshot of a schema. SQL is read with -SchemaPath.");
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            ReadPart(ref json);
        }

        // What follows the object is an error of the reader.
        json.Read();
        if (!_hasObjects)
        {
            throw _fault.Missing(SnapshotFormat.Objects);
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
            throw _fault.Invalid(offset, "This JSON is no snapshot of a schema: it does not begin with its format.");
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
                throw _fault.Invalid(offset, $"The part '{name}' is not known, or appears twice.");
        }
    }

    private void AddHeader(ref Utf8JsonReader json, string name, long offset)
    {
        var value = json.TokenType switch
        {
            JsonTokenType.String when name != SnapshotFormat.FormatVersion => json.GetString()!,
            JsonTokenType.Number when name == SnapshotFormat.FormatVersion && json.TryGetInt32(out var number) =>
                number.ToString(CultureInfo.InvariantCulture),
            _ => throw _fault.Invalid(offset, $"The value of '{name}' is not valid."),
        };
        if (!_header.TryAdd(name, value))
        {
            throw _fault.Invalid(offset, $"The part '{name}' appears twice.");
        }

        if (name == SnapshotFormat.Format && value != SnapshotFormat.Name)
        {
            throw _fault.Invalid(offset, "This JSON is no snapshot of a schema.");
        }

        if (name == SnapshotFormat.FormatVersion
            && value != SnapshotFormat.Version.ToString(CultureInfo.InvariantCulture))
        {
            throw _fault.OtherVersion(offset, $"It has format {value}, and this version of PgMigrate reads format "
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
                throw _fault.OtherVersion(offset, $"The version of PgMigrate that wrote it reads other attributes of a "
                    + $"{kind}, so that the comparison would be wrong. Write the file again with this version.");
            }

            if (!_attributes.TryAdd(kind, known))
            {
                throw _fault.Invalid(offset, $"The kind '{kind}' appears twice.");
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
                throw _fault.Invalid(offset, $"The part '{name}' of an object is not known, or appears twice.");
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
                throw _fault.Invalid(offset, $"The attribute '{name}' appears twice.");
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
            throw _fault.Invalid(json.TokenStartIndex, $"Here has to be {what}.");
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

    private string Header(string name) => _header.GetValueOrDefault(name) ?? throw _fault.Missing(name);

    private int ServerVersion()
    {
        var parts = Header(SnapshotFormat.ServerVersion).Split('.');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            && major is > 0 and < 10000 && minor < 10000
            ? (major * 10000) + minor
            : throw _fault.Invalid(0, $"The value of '{SnapshotFormat.ServerVersion}' is not valid.");
    }
}
