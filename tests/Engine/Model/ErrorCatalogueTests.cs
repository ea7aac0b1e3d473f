using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using PgMigrate.Errors;
using Xunit;

namespace PgMigrate.Tests.Model;

/// <summary>The catalogue of ids, the page that lists them, and the sources that use them.</summary>
public partial class ErrorCatalogueTests
{
    private const string Page = "docs/cmdlets/about_PgMigrate_Errors.help.txt";
    private const int Width = 76;

    private static readonly string[] Codes = [.. typeof(ErrorCodes).GetFields().Select(field => (string)field.GetValue(null)!)];

    // Every folder whose ids come from the catalogue.
    private static readonly string[] Folders = ["src"];

    [Fact]
    public void Every_id_has_one_entry_and_every_entry_an_id() =>
        Assert.Equal(Codes.Order(StringComparer.Ordinal), ErrorCatalogue.All.Select(entry => entry.Code).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_entry_says_what_happened_and_what_to_do_in_a_sentence() => Assert.All(ErrorCatalogue.All, entry =>
    {
        Assert.Matches(@"^[A-Z'].*\.$", entry.Meaning);
        Assert.Matches(@"^[A-Z'].*\.$", entry.NextStep);
        Assert.Contains(entry.Page, new[] { "about_PgMigrate", "about_PgMigrate_Files", "about_PgMigrate_Settings" });
        Assert.True(entry.Exception is null || entry.Exception.IsAssignableTo(typeof(PgMigrateException)), entry.Code);
    });

    [Fact]
    public void An_id_is_found_by_its_code()
    {
        Assert.Equal("ResourceBusy", ErrorCatalogue.Find(ErrorCodes.LockTimeout)!.Category);
        Assert.Null(ErrorCatalogue.Find("42P07"));
    }

    [Fact]
    public void No_source_writes_an_id_as_a_literal() => Assert.Empty(Folders
        .SelectMany(folder => Directory.EnumerateFiles(PathOf(folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !Built().IsMatch(file))
        .SelectMany(file => Literal().Matches(File.ReadAllText(file))
            .Select(match => match.Groups[1].Value)
            .Where(Codes.Contains)
            .Select(code => $"{Path.GetFileName(file)}: \"{code}\"")));

    [Fact]
    public void The_page_of_errors_lists_the_catalogue()
    {
        var page = PathOf(Page);
        var expected = Print();
        if (Environment.GetEnvironmentVariable("PGMIGRATE_APPROVE") == "1")
        {
            File.WriteAllText(page, expected);
        }

        Assert.Equal(expected, File.ReadAllText(page).ReplaceLineEndings("\n"));
    }

    private static string Print()
    {
        var text = new StringBuilder("""
            TOPIC
                about_PgMigrate_Errors

            SHORT DESCRIPTION
                The ids of errors and warnings, and what to do about each.

            LONG DESCRIPTION
                An id is the first part of FullyQualifiedErrorId, Code of an exception, and
                Code of a problem. Ids are stable across releases. The message of an error
                says what to do in its case; this page says what an id means.

                Each entry names the exception in the namespace PgMigrate.Errors, and the
                category of the error record. A problem that is found in a plan or a folder
                is also listed in Problems of the run's summary.

            ERRORS

            """);
        foreach (var entry in ErrorCatalogue.All.OrderBy(entry => entry.Code, StringComparer.Ordinal))
        {
            text.Append("    ").Append(entry.Code).Append('\n');
            Wrap(text, $"{entry.Meaning} {entry.NextStep}");
            Wrap(text, entry.Exception is { } exception
                ? $"{exception.Name}, {entry.Category}. See {entry.Page}."
                : $"A warning. See {entry.Page}.");
            text.Append('\n');
        }

        return text.Append("SEE ALSO\n    about_PgMigrate\n    about_PgMigrate_Files\n").ToString().ReplaceLineEndings("\n");
    }

    private static void Wrap(StringBuilder text, string sentence)
    {
        var line = "       ";
        foreach (var word in sentence.Split(' '))
        {
            if (line.Length + word.Length >= Width)
            {
                text.Append(line).Append('\n');
                line = "       ";
            }

            line += $" {word}";
        }

        text.Append(line).Append('\n');
    }

    private static string PathOf(string file) => Path.GetFullPath(Path.Combine(
        typeof(ErrorCatalogueTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "CmdletsProject").Value!,
        "..", "..", file));

    // A parameter of that name is none.
    [GeneratedRegex("(?<!\"lock_timeout\" => )\"([A-Z][A-Za-z]+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"[\\/](obj|bin)[\\/]")]
    private static partial Regex Built();
}
