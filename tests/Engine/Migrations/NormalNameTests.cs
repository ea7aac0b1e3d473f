using PgMigrate.Files;
using PgMigrate.Folders;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

/// <summary>Names whose accents are composed in two ways: macOS hands them on decomposed, most others composed.</summary>
public class NormalNameTests
{
    private const string Composed = "caf\u00E9";
    private const string Decomposed = "cafe\u0301";

    [Theory]
    [InlineData("abc", "abc", true)]
    [InlineData("caf\u00E9", "cafe\u0301", true)]
    [InlineData("\u1100\u1161", "\uAC00", true)]
    [InlineData("\uAC01", "\u1100\u1161\u11A8", true)]
    [InlineData("\u1EC7", "e\u0323\u0302", true)]
    [InlineData("\u1EC7", "\u00EA\u0323", true)]
    [InlineData("a\u0316\u0301", "\u00E1\u0316", true)]
    [InlineData("\u212B", "A\u030A", true)]
    [InlineData("\u0439", "\u0438\u0306", true)]
    [InlineData("\u304C", "\u304B\u3099", true)]
    [InlineData("\uFF21", "A", false)]
    [InlineData("caf\u00E9", "caf\u00E8", false)]
    [InlineData("caf\u00E9", "cafe", false)]
    [InlineData("\uD800x", "\uD800y", false)]
    [InlineData(null, "abc", false)]
    public void Two_names_are_one_whatever_their_composition(string? left, string? right, bool areSame) =>
        Assert.Equal(areSame, NormalName.AreSame(left, right));

    [Theory]
    [InlineData("cafe\u0301", "caf\u00E9")]
    [InlineData("caf\u00E9", "caf\u00E9")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "\uD55C\uAE00")]
    [InlineData("o\u031B\u0301", "\u1EDB")]
    [InlineData("\u0958", "\u0915\u093C")]
    public void A_name_is_kept_in_its_composed_form(string name, string composed) =>
        Assert.Equal(composed, NormalName.Of(name));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_comes_back_in_the_other_form_is_the_same(bool startsComposed)
    {
        var (first, second) = startsComposed ? (Composed, Decomposed) : (Decomposed, Composed);
        await using var box = await Sandbox.CreateAsync(
            ($"001_{first}.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"), ($"x{first}.sql", "SELECT 1;"));
        box.Options = box.Options with { AllowUnversioned = true };
        await box.ApplyAllAsync();
        File.Move(box.Folder.PathOf($"001_{first}.sql"), box.Folder.PathOf($"001_{second}.sql"));
        File.Move(box.Folder.PathOf($"x{first}.sql"), box.Folder.PathOf($"x{second}.sql"));
        box.Folder.Write("002_b.sql", $"-- Depends: 001_{first}, x{first}\n\\ir lib/{first}.sql");
        box.Folder.WriteBelow($"lib/{second}.sql", "CREATE TABLE b (i int);");

        Assert.Equal(
            [nameof(MigrationState.Applied), nameof(MigrationState.Applied), nameof(MigrationState.Pending)],
            (await box.StatusAsync()).OrderBy(row => row.Pending).Select(row => row.State));
        var plan = await box.PlanAsync(Sandbox.Apply with { OutOfOrder = OutOfOrderPolicy.Apply });
        Assert.Empty(plan.Problems);
        Assert.Single((await box.RunAsync(Sandbox.Apply with { OutOfOrder = OutOfOrderPolicy.Apply })).Succeeded());
        Assert.Empty(await box.ApplyAllAsync());
        Assert.Single((await box.PlanAsync(Sandbox.Undo with { Versions = [$"001_{first}.sql"] })).Problems, problem => problem.Code == "StillNeeded");
    }

    [Fact]
    public async Task A_plan_of_sqitch_finds_its_scripts_in_the_other_form()
    {
        using var folder = new TestFolder();
        folder.Write("sqitch.plan", $"%syntax-version=1.0.0\n%project=p\n\n{Composed} 2024-01-01T00:00:00Z A <a@b.c> # x\n");
        folder.WriteBelow($"deploy/{Decomposed}.sql", "SELECT 1;");

        var content = await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);

        Assert.Empty(content.Problems);
        Assert.Single(content.Migrations);
    }

    [Fact]
    public async Task A_folder_whose_name_is_the_version_is_applied_once_in_either_form()
    {
        const string Composed = "20240131120000_caf\u00E9";
        const string Decomposed = "20240131120000_cafe\u0301";
        await using var box = await Sandbox.CreateAsync();
        box.Folder.WriteBelow($"{Decomposed}/migration.sql", "CREATE TABLE a ();");
        await box.ApplyAllAsync();
        Assert.Empty(await box.ApplyAllAsync());

        Directory.Move(box.Folder.PathOf(Decomposed), box.Folder.PathOf(Composed));

        Assert.Equal([nameof(MigrationState.Applied)], (await box.StatusAsync()).Select(row => row.State));
        Assert.Empty(await box.ApplyAllAsync());
    }
}
