using System.Reflection;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Parity;

/// <summary>Every observed case of the source systems is decided by a test, or docs/parity.md says why not.</summary>
public class ParityCoverageTests
{
    private const string Different = "Cases decided otherwise";
    private const string Missing = "Cases not there yet";

    private static readonly string Root = Path.GetFullPath(Path.Combine(
        typeof(ParityCoverageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "CmdletsProject").Value!,
        "../.."));

    private static readonly IReadOnlyList<(string Id, string Test)> Claims = [.. OfXunit(), .. OfPester()];

    private static readonly string Page =
        File.ReadAllText(Path.Combine(Root, "docs", "parity.md")).ReplaceLineEndings("\n");

    [ParityFact]
    public void Every_case_is_covered_by_a_test_or_listed_with_a_reason()
    {
        var known = Claims.Select(claim => claim.Id).Concat(Listed());


        Assert.Equal([], ParityCases.ReadIds().Except(known));
    }

    [ParityFact]
    public void No_case_is_claimed_or_listed_that_does_not_exist()
    {
        var ids = ParityCases.ReadIds();

        Assert.Equal([], Claims.ExceptBy(ids, claim => claim.Id));
        Assert.Equal([], Listed().Except(ids));
    }

    [Fact]
    public void No_case_is_listed_twice() => Assert.Equal(Listed().Distinct(), Listed());

    [Fact]
    public void A_case_with_different_behaviour_is_tested_as_listed()
    {
        var tested = Claims.Select(claim => claim.Id);

        Assert.Equal([], ParityCases.ListedIn(Page, Different).Except(tested));
    }

    [Fact]
    public void A_missing_case_is_claimed_by_no_test()
    {
        var missing = ParityCases.ListedIn(Page, Missing);

        Assert.Equal([], Claims.IntersectBy(missing, claim => claim.Id));
    }

    [Fact]
    public void A_claim_is_on_a_test() => Assert.Empty(typeof(ParityCoverageTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(
            BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(method => method.GetCustomAttribute<ParityAttribute>() is { } claim
            && (claim.Ids.Count == 0 || method.GetCustomAttribute<FactAttribute>() is not { Skip: null }))
        .Select(method => method.Name));

    [Fact]
    public void A_tag_is_read_from_the_its_of_a_pester_file_alone() => Assert.Equal(
        [("P04", "f: applies 'all'"), ("P10", "f: applies 'all'"), ("C05", "f: stops <_>")],
        ParityCases.ClaimsIn("f", """
            # parity:A01
            Describe 'x' -Tag 'parity:A02' {
                It "applies 'all'" -Tag 'parity:P04', 'parity:P10' {
                    'parity:A03'
                }
                # It 'is off' -Tag 'parity:A04' {
                It 'stops <_>' -Tag 'parity:C05' -ForEach 1, 2 {
                It 'waits' -Skip -Tag 'slow' {
            """));

    private static List<string> Listed() =>
        [.. ParityCases.ListedIn(Page, Different), .. ParityCases.ListedIn(Page, Missing)];

    private static IEnumerable<(string Id, string Test)> OfXunit() =>
        from type in typeof(ParityCoverageTests).Assembly.GetTypes()
        from method in type.GetMethods()
        from id in method.GetCustomAttribute<ParityAttribute>()?.Ids ?? []
        select (id, $"{type.Name}.{method.Name}");

    private static IEnumerable<(string Id, string Test)> OfPester() =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, "tests", "Pester"), "*.Tests.ps1")
        from claim in ParityCases.ClaimsIn(Path.GetFileName(file), File.ReadAllText(file).ReplaceLineEndings("\n"))
        select claim;
}
