using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests;

/// <summary>Who may know whom.</summary>
public class WallsTests
{
    // Each uses only those before it.
    private static readonly string[] Order =
    [
        "PgMigrate.Sql", "PgMigrate.Migrations", "PgMigrate.History", "PgMigrate.Planning", "PgMigrate.Execution",
        "PgMigrate",
    ];

    private static readonly Assembly Engine = typeof(Migrator).Assembly;

    [Fact]
    public void Each_folder_of_the_engine_uses_only_folders_above_it()
    {
        var violations = TypeReferences.In(Engine)
            .Where(found => found.To.Assembly == Engine && RankOf(found.To) > RankOf(found.From))
            .Select(found => $"{found.From} uses {found.To}")
            .Distinct();

        Assert.Empty(violations);
    }

    [Fact]
    public void Every_type_of_the_engine_stands_in_a_known_folder() => Assert.All(
        Engine.GetTypes().Where(type => type.Namespace?.StartsWith("PgMigrate", StringComparison.Ordinal) == true),
        type => Assert.Contains(type.Namespace!, Order));

    [Fact]
    public void The_look_into_method_bodies_sees_what_it_should()
    {
        var uses = TypeReferences.In(Engine).Select(found => (found.From.Name, found.To.Name)).ToHashSet();

        Assert.Contains(("ApplyPlanner", "InterruptedScripts"), uses); // in a body
        Assert.Contains(("Migrator", "MigrationPlanner"), uses); // in the body of a state machine, and nowhere else
        Assert.Contains(("Migration", "SqlScript"), uses); // in a signature
    }

    [Fact]
    public void The_engine_has_never_heard_of_powershell() => Assert.DoesNotContain(
        Engine.GetReferencedAssemblies(),
        name => name.Name!.Contains("Management.Automation", StringComparison.Ordinal)
            || name.Name.Contains("PowerShell", StringComparison.Ordinal));

    [Fact]
    public void The_model_depends_on_nothing_of_ours_or_the_drivers() => Assert.All(
        typeof(MigrationResult).Assembly.GetReferencedAssemblies(),
        name => Assert.StartsWith("System.", name.Name, StringComparison.Ordinal));

    [Fact]
    public void The_cmdlets_never_see_the_driver()
    {
        var references = ReferencesOf(Newest(Path.Combine("bin", Value("Configuration")), "PgMigrate.PowerShell.dll"));

        Assert.Contains("PgMigrate.Engine", references);
        Assert.DoesNotContain("Npgsql", references);
    }

    [Fact]
    public void The_cmdlets_could_not_even_name_a_type_of_the_driver()
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(Newest("obj", "project.assets.json")));
        var driver = assets.RootElement.GetProperty("targets").EnumerateObject()
            .SelectMany(target => target.Value.EnumerateObject())
            .Where(package => package.Name.StartsWith("Npgsql/", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(driver);
        Assert.All(driver, package => Assert.False(
            package.Value.TryGetProperty("compile", out var compile)
                && compile.EnumerateObject().Any(file => !file.Name.EndsWith("/_._", StringComparison.Ordinal))));
    }

    private static int RankOf(Type type)
    {
        var rank = Array.IndexOf(Order, type.Namespace);
        return rank < 0 ? -1 : rank; // what the compiler adds stands nowhere
    }

    private static List<string> ReferencesOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .ToList();
    }

    private static string Newest(string folder, string fileName) =>
        Directory.GetFiles(Path.Combine(Value("CmdletsProject"), folder), fileName, SearchOption.AllDirectories)
            .OrderByDescending(File.GetLastWriteTimeUtc)
            .First();

    private static string Value(string key) => typeof(WallsTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;
}
