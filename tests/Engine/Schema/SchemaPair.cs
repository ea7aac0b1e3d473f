using System.Text.Json;
using PgMigrate.Tests.Infrastructure;

namespace PgMigrate.Tests.Schema;

/// <summary>A state and a desired state from the suites of other tools.</summary>
internal sealed record SchemaPair(string Id, string Current, string Desired, IReadOnlyList<string> Roles, IReadOnlyList<int> Loads, IReadOnlyList<int> SameOn)
{
    /// <summary>The folder of the pairs; null when it is absent.</summary>
    public static string? Folder { get; } = RealData.Folder is { } real
        && Directory.Exists(Path.Combine(Path.GetDirectoryName(real)!, "schema-pairs"))
            ? Path.Combine(Path.GetDirectoryName(real)!, "schema-pairs")
            : null;

    /// <summary>All pairs that load on this major.</summary>
    public static IReadOnlyList<SchemaPair> Read(int major) =>
        [.. File.ReadLines(Path.Combine(Folder!, "pairs.jsonl")).Select(Parse).Where(p => p.Loads.Contains(major))];

    private static SchemaPair Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        return new SchemaPair(
            root.GetProperty("id").GetString()!,
            root.GetProperty("a_sql").GetString()!,
            root.GetProperty("b_sql").GetString()!,
            [.. root.GetProperty("roles").EnumerateArray().Select(r => r.GetString()!)],
            Numbers(root, "loads"),
            Numbers(root, "same_on"));
    }

    private static int[] Numbers(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(v => v.GetInt32())] : [];
}
