using System.Reflection;
using Xunit;

namespace PgMigrate.Tests;

/// <summary>What no analyzer keeps in the text of the sources.</summary>
public class SourceTextTests
{
    private const int LongestLine = 120;

    private static readonly string Sources = Path.GetFullPath(Path.Combine(
        typeof(SourceTextTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "CmdletsProject").Value!,
        ".."));

    [Fact]
    public void No_line_of_the_sources_is_longer_than_120_columns()
    {
        var separator = Path.DirectorySeparatorChar;
        var files = Directory.EnumerateFiles(Sources, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{separator}obj{separator}", StringComparison.Ordinal)
                && !file.Contains($"{separator}bin{separator}", StringComparison.Ordinal))
            .ToList();

        var found = files.SelectMany(file => File.ReadLines(file)
            .Select((line, index) => (Place: $"{Path.GetRelativePath(Sources, file)}:{index + 1}", line.Length)))
            .Where(line => line.Length > LongestLine)
            .Select(line => line.Place);

        Assert.NotEmpty(files);
        Assert.Equal("", string.Join(' ', found));
    }
}
