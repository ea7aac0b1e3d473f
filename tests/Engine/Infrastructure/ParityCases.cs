using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>
/// Says which observed cases of the source systems a test decides. In Pester files a tag says it: parity:P04.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ParityAttribute(params string[] ids) : Attribute
{
    public IReadOnlyList<string> Ids { get; } = ids;
}

/// <summary>The observed cases of the source systems, which live beside the project as the real inputs do.</summary>
internal static partial class ParityCases
{
    public static string? File { get; } = RealData.Folder is { } folder
        && Path.GetFullPath(Path.Combine(folder, "..", "oracle", "seed-cases.jsonl")) is var file
        && System.IO.File.Exists(file) ? file : null;

    /// <summary>Every id, in the order of the file.</summary>
    public static IReadOnlyList<string> ReadIds() => System.IO.File.ReadLines(File!)
        .Where(line => line.Trim().Length > 0)
        .Select(ReadId)
        .ToList();

    /// <summary>The ids that Pester files claim, each with its file; tags of anything but an It do not count.</summary>
    public static IReadOnlyList<(string Id, string Test)> ClaimsIn(string pesterFile, string text) =>
        PesterTest().Matches(text)
            .SelectMany(it => Tag().Matches(it.Groups["options"].Value)
                .Select(tag => (tag.Groups["id"].Value, $"{pesterFile}: {it.Groups["name"].Value}")))
            .ToList();

    /// <summary>The ids in the first column of the tables below a heading of a markdown page.</summary>
    public static IReadOnlyList<string> ListedIn(string page, string heading)
    {
        var start = page.IndexOf($"\n## {heading}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"The page has no heading '{heading}'.");
        var end = page.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return Row().Matches(page[start..(end < 0 ? page.Length : end)]).Select(row => row.Groups["id"].Value).ToList();
    }

    private static string ReadId(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("id").GetString()!;
    }

    [GeneratedRegex(
        @"^\s*It\s+(?<quote>['""])(?<name>.*?)\k<quote>(?!\k<quote>)(?<options>.*)\{\s*$", RegexOptions.Multiline)]
    private static partial Regex PesterTest();

    [GeneratedRegex(@"'parity:(?<id>\w+)'")]
    private static partial Regex Tag();

    [GeneratedRegex(@"^\| (?<id>[A-Z]\d\d) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}

/// <summary>A test that needs the observed cases and is skipped where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ParityFactAttribute : FactAttribute
{
    public ParityFactAttribute()
    {
        if (ParityCases.File is null)
        {
            Skip = "No file shared/oracle/seed-cases.jsonl above the test binaries, nor in PGMIGRATE_SHARED.";
        }
    }
}
