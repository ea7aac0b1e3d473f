using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.Json;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests;

/// <summary>Which room may use which.</summary>
public class WallsTests
{
    private const string Start = "<!-- rooms: WallsTests writes this table -->";
    private const string End = "<!-- /rooms -->";

    // A room is a folder and a namespace. Each uses itself, the model, and the rooms named here.
    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        ["Sql.Tokens"] = [],
        ["Sql.Reading"] = ["Sql.Tokens"],
        ["Sql"] = ["Sql.Tokens", "Sql.Reading"],
        ["Sql.Psql"] = ["Sql", "Sql.Tokens"],
        ["Messages"] = [],
        ["Files"] = ["Sql"],
        ["Scripts"] = ["Sql", "Sql.Psql", "Sql.Reading", "Sql.Tokens", "Files"],
        ["Migrations"] = ["Sql", "Files", "Scripts"],
        ["Migrations.Formats"] = ["Sql", "Sql.Psql", "Files", "Scripts", "Migrations"],
        ["Folders"] = ["Files", "Migrations", "Migrations.Formats"],
        ["Authoring"] = ["Sql", "Migrations", "Folders"],
        ["History"] = ["Sql", "Sql.Reading", "Sql.Tokens", "Messages", "Scripts", "Migrations"],
        ["Planning"] = ["Sql", "Sql.Reading", "Messages", "Files", "Scripts", "Migrations", "History"],
        ["Connections"] = [],
        ["Runs"] = ["Scripts", "Migrations", "History", "Planning"],
        ["Sessions"] = ["Sql", "Sql.Reading", "Scripts", "Migrations", "History", "Planning", "Connections", "Runs"],
        ["Records"] = ["Sql", "Messages", "Migrations", "History", "Planning", "Sessions"],
        ["Execution.Waiting"] = ["Sql", "Messages", "Scripts", "Planning", "Connections", "Runs", "Sessions"],
        ["Execution.Steps"] = ["Sql", "Messages", "Scripts", "Migrations", "History", "Planning", "Sessions"],
        ["Execution.Failures"] =
        [
            "Sql", "Sql.Reading", "Sql.Tokens", "Messages", "Scripts", "Migrations", "History", "Planning", "Runs", "Sessions",
            "Execution.Steps",
        ],
        ["Execution.Transactions"] =
        [
            "Sql", "Sql.Reading", "Messages", "Scripts", "Migrations", "History", "Planning", "Runs", "Sessions",
            "Execution.Waiting", "Execution.Steps", "Execution.Failures",
        ],
        ["Execution"] =
        [
            "Scripts", "Migrations", "History", "Planning", "Connections", "Runs", "Sessions", "Records",
            "Execution.Waiting", "Execution.Steps", "Execution.Transactions",
        ],
        ["Scratch"] =
        [
            "Sql", "Sql.Reading", "Sql.Psql", "Messages", "Files", "Scripts", "Connections", "Sessions",
        ],
        ["Schema.Catalog"] = ["Sql"],
        ["Schema.Diff"] = ["Schema.Catalog"],
        ["Schema.Ddl"] = ["Sql", "Schema.Catalog", "Schema.Diff"],
        ["Schema"] = ["Schema.Catalog", "Schema.Diff", "Schema.Ddl"],
        ["Migrator"] =
        [
            "Scripts", "Migrations", "Folders", "History", "Planning", "Connections", "Runs", "Sessions", "Records",
            "Execution",
        ],
        ["Autogenerate.Renames"] =
        [
            "Sql", "Sql.Reading", "Scratch", "Schema.Catalog", "Schema.Ddl",
        ],
        ["Autogenerate"] =
        [
            "Sql", "Messages", "Scripts", "Migrations", "Authoring", "History", "Planning", "Connections", "Runs",
            "Sessions", "Scratch",
            "Schema", "Schema.Catalog", "Schema.Diff", "Schema.Ddl", "Migrator", "Autogenerate.Renames",
        ],
    };

    // What the cmdlets use of the engine beyond its public surface.
    private static readonly string[] OpenToCmdlets =
    [
        "Counted", "DatabaseNames", "KnownErrors", "MigrationDraft", "MigrationDraftRequest", "MigrationFileName",
        "MigrationRow", "MigrationWriter", "PasswordMask", "SchemaFile", "SchemaFolder", "ScriptMessage", "ScriptProgress",
        "SqlStatement", "VersionRange",
    ];

    private static readonly Assembly Engine = typeof(Migrator).Assembly;

    [Fact]
    public void Each_room_uses_only_the_rooms_that_the_matrix_allows()
    {
        var violations = Uses()
            .Where(use => !Rooms[RoomOf(use.From)].Contains(RoomOf(use.To)))
            .Select(use => $"{RoomOf(use.From)} uses {RoomOf(use.To)}: {use.From.Name} uses {use.To.Name}")
            .Distinct()
            .Order(StringComparer.Ordinal);

        AssertNone(violations);
    }

    [Fact]
    public void The_matrix_allows_nothing_that_no_room_uses()
    {
        var used = Uses().Select(use => (From: RoomOf(use.From), To: RoomOf(use.To))).ToHashSet();

        var unused = Rooms
            .SelectMany(room => room.Value.Select(to => (From: room.Key, To: to)))
            .Where(one => !used.Contains(one))
            .Select(one => $"{one.From} -> {one.To}");

        AssertNone(unused);
    }

    [Fact]
    public void No_two_rooms_use_each_other_directly_or_indirectly()
    {
        var done = new HashSet<string>();
        while (Rooms.Keys.FirstOrDefault(room => !done.Contains(room) && Rooms[room].All(done.Contains)) is { } next)
        {
            done.Add(next);
        }

        Assert.Empty(Rooms.Keys.Except(done));
    }

    [Fact]
    public void Every_type_of_the_engine_is_in_a_room_of_the_matrix() => Assert.Empty(
        Engine.GetTypes()
            .Where(type => type.Namespace?.StartsWith("PgMigrate", StringComparison.Ordinal) == true)
            .Select(RoomOf)
            .Distinct()
            .Except(Rooms.Keys));

    [Fact]
    public void The_matrix_is_printed_in_architecture_md()
    {
        var page = PathOf("docs/architecture.md");
        var text = File.ReadAllText(page).ReplaceLineEndings("\n");
        var start = text.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        var printed = $"\n\n{Print()}\n";
        if (Environment.GetEnvironmentVariable("PGMIGRATE_APPROVE") == "1")
        {
            File.WriteAllText(page, text[..start] + printed + text[end..]);
            return;
        }

        Assert.Equal(printed, text[start..end]);
    }

    [Fact]
    public void The_check_of_method_bodies_finds_uses()
    {
        var uses = TypeReferences.In(Engine).Select(found => (found.From.Name, found.To.Name)).ToHashSet();

        Assert.Contains(("ApplyPlanner", "InterruptedScripts"), uses); // in a body
        Assert.Contains(("Migrator", "MigrationPlanner"), uses); // in the body of a state machine, and nowhere else
        Assert.Contains(("Migration", "SqlScript"), uses); // in a signature
    }

    [Fact]
    public void The_engine_does_not_reference_powershell() => Assert.DoesNotContain(
        Engine.GetReferencedAssemblies(),
        name => name.Name!.Contains("Management.Automation", StringComparison.Ordinal)
            || name.Name.Contains("PowerShell", StringComparison.Ordinal));

    [Fact]
    public void The_model_depends_on_neither_the_engine_nor_the_driver() => Assert.All(
        typeof(MigrationResult).Assembly.GetReferencedAssemblies(),
        name => Assert.StartsWith("System.", name.Name, StringComparison.Ordinal));

    [Fact]
    public void The_cmdlets_do_not_reference_the_driver()
    {
        var references = ReferencesOf(Newest(Path.Combine("bin", Value("Configuration")), "PgMigrate.PowerShell.dll"));

        Assert.Contains("PgMigrate.Engine", references);
        Assert.DoesNotContain("Npgsql", references);
    }

    [Fact]
    public void The_cmdlets_use_no_internals_of_the_engine_but_those_that_are_open_to_them()
    {
        using var file = new PEReader(File.OpenRead(
            Newest(Path.Combine("bin", Value("Configuration")), "PgMigrate.PowerShell.dll")));
        var metadata = file.GetMetadataReader();
        var used = metadata.TypeReferences
            .Select(metadata.GetTypeReference)
            .Where(type => type.ResolutionScope.Kind == HandleKind.AssemblyReference)
            .Select(type => Engine.GetType($"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}"))
            .Where(type => type is { IsPublic: false })
            .Select(type => type!.Name);

        Assert.Equal(OpenToCmdlets, used.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_type_of_the_driver_does_not_compile_in_the_cmdlets()
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

    private static IEnumerable<(Type From, Type To)> Uses() => TypeReferences.In(Engine)
        .Where(use => use.To.Assembly == Engine && IsOurs(use.From) && IsOurs(use.To) && RoomOf(use.From) != RoomOf(use.To));

    // What the compiler adds has no namespace.
    private static bool IsOurs(Type type) => type.Namespace?.StartsWith("PgMigrate", StringComparison.Ordinal) == true;

    private static string RoomOf(Type type) => type.Namespace == "PgMigrate" ? "Migrator" : type.Namespace!["PgMigrate.".Length..];

    // Names them all: xunit cuts a list off.
    private static void AssertNone(IEnumerable<string> found)
    {
        var all = string.Join('\n', found);
        Assert.True(all.Length == 0, all);
    }

    private static string Print()
    {
        var table = new StringBuilder("| Room | uses |\n|---|---|\n");
        foreach (var (room, uses) in Rooms)
        {
            table.Append("| ").Append(room).Append(" | ").AppendJoin(", ", uses).Append(" |\n");
        }

        return table.ToString();
    }

    private static string PathOf(string file) => Path.GetFullPath(Path.Combine(Value("CmdletsProject"), "..", "..", file));

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
