using PgMigrate.Authoring;
using PgMigrate.Planning;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.Planning;

/// <summary>A template of New-PgMigration that was not filled in stays pending.</summary>
public class TemplateTests
{
    private const string One = "001_a.sql";
    private const string Three = "003_c.sql";
    private static readonly PlanRequest All = new() { Direction = MigrationDirection.Apply };
    private static readonly string Two = "002_b.sql|" + Text();

    public static TheoryData<string> Templates =>
    [
        Text(),
        Text(request => request with { Description = "what it does" }),
        Text(request => request with { Down = "DROP TABLE t;" }),
        Text(request => request with { InTransaction = true }),
        Text(request => request with { DependsOn = ["001_a"] }),
        Text().Replace("\n", "\r\n", StringComparison.Ordinal),
        Text().Replace("-- UP\n", "-- UP\n-- still to think about\n", StringComparison.Ordinal),
        Text().Replace("-- Write", "-- CREATE TABLE t (id int);\n   -- Write", StringComparison.Ordinal),
    ];

    public static TheoryData<string> Others =>
    [
        Text(request => request with { Content = "SELECT 1;" }),
        Text(request => request with { Content = "-- nothing to do on this branch" }),
        Text().Replace("-- DOWN", "SELECT 1;\n-- DOWN", StringComparison.Ordinal),
        "SELECT '\n-- Write here what changes the schema.\n';",
        "-- UP\n-- on purpose nothing\n-- DOWN\n-- Write here what reverts it, or delete this section.\n",
    ];

    [Theory]
    [MemberData(nameof(Templates))]
    public void An_untouched_template_stays_pending_with_a_warning_that_names_it(string text)
    {
        var plan = MigrationPlanner.Plan(Folder(One, "002_b.sql|" + text, Three), None, All);

        Assert.Equal("001_a.sql 003_c.sql", plan.Names());
        Assert.Equal("Warning:TemplateUntouched", plan.ProblemCodes());
        Assert.Equal("002_b.sql", plan.Problems[0].FileName);
        Assert.Equal(3, plan.Pending);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void A_file_that_was_filled_in_or_emptied_on_purpose_is_applied(string text) =>
        Assert.Equal("001_a.sql 002_b.sql", MigrationPlanner.Plan(Folder(One, "002_b.sql|" + text), None, All).Names());

    [Fact]
    public void A_template_is_never_late()
    {
        var plan = MigrationPlanner.Plan(Folder(One, Two, Three), Of(One, Three), All);

        Assert.True(plan.IsEmpty);
        Assert.False(plan.IsBlocked);
        Assert.Equal(
            MigrationState.Pending, MigrationComparison.Of(Folder(One, Two, Three).Migrations, Of(One, Three)).Rows[1].State);
    }

    [Fact]
    public void A_template_is_not_a_skipped_predecessor_and_does_not_count_as_a_step() => Assert.Equal(
        ("003_c.sql", "Warning:TemplateUntouched"),
        MigrationPlanner.Plan(Folder(Two, Three), None, All with { Steps = 1 }) is var plan ? (plan.Names(), plan.ProblemCodes()) : default);

    [Theory]
    [InlineData("1", "001_a.sql", "")]
    [InlineData("2", "001_a.sql", "Warning:TemplateUntouched")]
    public void A_target_before_a_template_gives_no_warning(string target, string steps, string problems)
    {
        var plan = MigrationPlanner.Plan(Folder(One, Two, Three), None, All with { Target = target });

        Assert.Equal((steps, problems), (plan.Names(), plan.ProblemCodes()));
    }

    [Fact]
    public void A_file_that_depends_on_a_template_is_blocked()
    {
        var plan = MigrationPlanner.Plan(Folder(Two, "003_c.sql|-- Depends: 002_b\nSELECT 1;"), None, All);

        Assert.Contains("Error:DependencyNotChosen", plan.ProblemCodes(), StringComparison.Ordinal);
        Assert.Contains("untouched template", plan.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_equal_templates_are_not_a_renumbered_file()
    {
        var plan = MigrationPlanner.Plan(Folder("003_new.sql|" + Text()), Of("002_gone.sql|" + Text()), All);

        Assert.False(plan.IsBlocked);
    }

    [Fact]
    public void A_baseline_leaves_a_template_pending()
    {
        var plan = MigrationPlanner.Plan(Folder(One, Two, Three), None, All with { Baseline = "3" });

        Assert.Equal(("001_a.sql 003_c.sql", "Warning:TemplateUntouched"), (plan.Names(), plan.ProblemCodes()));
    }

    private static string Text(Func<MigrationDraftRequest, MigrationDraftRequest>? change = null)
    {
        var request = new MigrationDraftRequest("b", MigrationNumbering.Auto, null, null, null, DateTimeOffset.UnixEpoch);
        return MigrationTemplate.TextFor(change?.Invoke(request) ?? request);
    }
}
