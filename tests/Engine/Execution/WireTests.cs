using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>What goes over the wire, and what becomes of a run whose wire is cut.</summary>
public class WireTests
{
    private static readonly (string Name, string Text)[] Files =
    [
        ("001_a.sql", "CREATE TABLE a (i int);\nINSERT INTO a VALUES (1);\n-- DOWN\nDROP TABLE a;"),
        ("002_b.sql", "BEGIN ISOLATION LEVEL SERIALIZABLE; CREATE TABLE b (i int); COMMIT;\n-- DOWN\nDROP TABLE b;"),
    ];

    [Fact]
    public async Task A_plain_migration_takes_two_round_trips()
    {
        var few = await CountAsync(2);
        var many = await CountAsync(7);

        Assert.Equal(2 * (7 - 2), many - few);
    }

    [Fact]
    public async Task Nothing_to_do_takes_few_round_trips()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await box.ApplyAllAsync();
        await using var proxy = CountingProxy.For(box.Database);

        Assert.Empty((await box.RunAsync(Sandbox.Apply, proxy.Target)).Succeeded());

        // Eight with the question for TLS, which this relay does not speak, and Terminate, which is not answered.
        Assert.InRange(proxy.RoundTrips.Count, 1, 6);
        Assert.Single(proxy.RoundTrips.Select(trip => trip.Session).Distinct());
    }

    [Fact]
    public async Task The_order_on_the_wire_is_the_approved_one()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        box.Options = box.Options with { Schema = "public" };
        await box.ApplyAllAsync();
        (await box.RunAsync(Sandbox.Undo with { All = true })).Succeeded();
        await box.Database.ExecuteAsync(
            "INSERT INTO schema_migrations (module_name, version, name, filename, checksum, "
            + "execution_time_ms) VALUES ('other', '1', 'x', 'x.sql', 'x', 1)");
        await using var proxy = CountingProxy.For(box.Database);

        await box.ApplyAllAsync(proxy.Target);
        (await box.RunAsync(Sandbox.Undo, proxy.Target)).Succeeded();

        Approve("StepOrder", Describe(proxy.RoundTrips));
    }

    [Fact]
    public async Task Commit_is_never_in_the_batch_of_the_statements()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var proxy = CountingProxy.For(box.Database);

        await box.ApplyAllAsync(proxy.Target);
        (await box.RunAsync(Sandbox.Undo with { All = true }, proxy.Target)).Succeeded();

        var commits = proxy.RoundTrips.Where(trip => trip.Statements.Contains("COMMIT")).ToList();
        Assert.Equal(5, commits.Count); // the tracking table, two applied, two undone
        Assert.All(commits, trip => Assert.Equal("COMMIT", trip.Statements[0]));
        Assert.DoesNotContain(
            proxy.RoundTrips.SelectMany(trip => trip.Statements.Skip(1)),
            text => text.StartsWith("COMMIT", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("INSERT INTO a", nameof(RelayAction.Cut))]
    [InlineData("INSERT INTO a", nameof(RelayAction.CutWhenAnswered))]
    [InlineData("WITH recorded", nameof(RelayAction.CutWhenAnswered))] // the whole batch has run on the server
    public async Task A_connection_that_is_lost_in_the_batch_leaves_nothing(string statement, string action)
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var proxy = CountingProxy.For(
            box.Database,
            text => text.StartsWith(statement, StringComparison.Ordinal)
                ? Enum.Parse<RelayAction>(action)
                : RelayAction.Forward);

        var run = await box.RunAsync(Sandbox.Apply, proxy.Target);

        Assert.Equal("ConnectionLost", run.Failed<MigrationApplyException>().Code);
        Assert.Equal(nameof(MigrationOutcome.Failed), Assert.Single(run.Results).Outcome);
        await box.WaitUntilAloneAsync();
        Assert.False(await box.Database.HasTableAsync("a"));
        Assert.Empty(await box.RecordedAsync());

        Assert.Equal(2, (await box.ApplyAllAsync()).Count);
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_checked_and_found_done()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var proxy = CountingProxy.For(box.Database, CutAtSecond("COMMIT", RelayAction.CutWhenAnswered));

        var run = await box.RunAsync(Sandbox.Apply, proxy.Target);

        var error = run.Failed<ConnectionException>();
        Assert.Equal("ConnectionLost", error.Code);
        Assert.Contains("001_a.sql is committed", error.Message, StringComparison.Ordinal);
        Assert.Equal(nameof(MigrationOutcome.Applied), Assert.Single(run.Results).Outcome);
        Assert.Equal(["1"], await box.RecordedAsync());
        await box.WaitUntilAloneAsync();

        Assert.Equal(["2"], (await box.ApplyAllAsync()).Select(result => result.Version));
    }

    [Fact]
    public async Task A_commit_that_never_arrived_is_checked_and_found_not_done()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var proxy = CountingProxy.For(box.Database, CutAtSecond("COMMIT", RelayAction.Cut));

        var run = await box.RunAsync(Sandbox.Apply, proxy.Target);

        Assert.Equal("ConnectionLost", run.Failed<MigrationApplyException>().Code);
        Assert.Equal(nameof(MigrationOutcome.Failed), Assert.Single(run.Results).Outcome);
        await box.WaitUntilAloneAsync();
        Assert.False(await box.Database.HasTableAsync("a"));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    public async Task The_last_commit_of_a_no_transaction_file_whose_answer_is_lost_is_checked_as_well()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "-- pgmigrate: no-transaction\nCREATE TABLE a (i int);"));
        var commits = -1;
        await using var proxy = CountingProxy.For(box.Database, text =>
        {
            commits = text.StartsWith("CREATE TABLE a", StringComparison.Ordinal) ? 0 : commits;
            return text == "COMMIT" && commits >= 0 && ++commits == 2 ? RelayAction.CutWhenAnswered : RelayAction.Forward;
        });

        var run = await box.RunAsync(Sandbox.Apply, proxy.Target);

        Assert.Equal("ConnectionLost", run.Failed<ConnectionException>().Code);
        Assert.Equal(nameof(MigrationOutcome.Applied), Assert.Single(run.Results).Outcome);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task The_commit_of_an_undo_whose_answer_is_lost_is_checked_as_well()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await box.ApplyAllAsync();
        await using var proxy = CountingProxy.For(
            box.Database, text => text == "COMMIT" ? RelayAction.CutWhenAnswered : RelayAction.Forward);

        var run = await box.RunAsync(Sandbox.Undo, proxy.Target);

        run.Failed<ConnectionException>();
        Assert.Equal(nameof(MigrationOutcome.Undone), Assert.Single(run.Results).Outcome);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Theory]
    [InlineData(false, new[] { nameof(MigrationOutcome.Unknown) })]
    [InlineData(true, new[] { nameof(MigrationOutcome.Unknown), nameof(MigrationOutcome.Unknown) })]
    public async Task A_commit_that_cannot_be_checked_has_an_unknown_outcome(bool isShared, string[] outcomes)
    {
        await using var box = await Sandbox.CreateAsync(Files[0], ("002_b.sql", "CREATE TABLE b (i int);"));
        var isGone = false;
        await using var proxy = CountingProxy.For(box.Database, text =>
        {
            isGone |= text.StartsWith("WITH recorded", StringComparison.Ordinal);
            return text == "COMMIT" && isGone ? RelayAction.CutWhenAnswered
                : isGone && text.Contains("pg_try_advisory_lock", StringComparison.Ordinal) ? RelayAction.Cut
                : RelayAction.Forward;
        });

        var run = await box.RunAsync(Sandbox.Apply with { SingleTransaction = isShared }, proxy.Target);

        Assert.Equal("CommitOutcomeUnknown", run.Failed<MigrationApplyException>().Code);
        Assert.Equal(outcomes, run.Results.Select(result => result.Outcome));
        Assert.All(run.Results, result => Assert.Equal("CommitOutcomeUnknown", result.Error!.Code));
    }

    // The first COMMIT is that of the tracking table.
    private static Func<string, RelayAction> CutAtSecond(string statement, RelayAction action)
    {
        var seen = 0;
        return text => text == statement && ++seen == 2 ? action : RelayAction.Forward;
    }

    private static async Task<int> CountAsync(int files)
    {
        await using var box = await Sandbox.CreateAsync(Enumerable.Range(1, files)
            .Select(number => (
                $"{number}_x.sql", $"CREATE TABLE t{number} (i int);\nINSERT INTO t{number} VALUES (1);"))
            .ToArray());
        await using var proxy = CountingProxy.For(box.Database);
        Assert.Equal(files, (await box.ApplyAllAsync(proxy.Target)).Count);
        return proxy.RoundTrips.Count;
    }

    private static string Describe(IReadOnlyList<RoundTrip> trips)
    {
        var text = new StringBuilder();
        foreach (var (trip, number) in trips.Select((trip, index) => (trip, index + 1)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{number}. round trip\n");
            // What watches the client differs between platforms.
            foreach (var statement in trip.Statements.Where(statement =>
                !statement.StartsWith("SET client_connection_check_interval", StringComparison.Ordinal)
                && !statement.StartsWith("SET tcp_keepalives", StringComparison.Ordinal)))
            {
                var line = Regex.Replace(Regex.Replace(statement, "--[^\n]*", ""), @"\s+", " ").Trim();
                text.Append("   ").Append(line.Length > 80 ? line[..79] + "…" : line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static void Approve(string name, string received)
    {
        var approved = Path.Combine(AppContext.BaseDirectory, "Execution", name + ".approved.txt");
        var path = Path.Combine(AppContext.BaseDirectory, "Execution", name + ".received.txt");
        if (!File.Exists(approved) || File.ReadAllText(approved) != received)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, received);
            Assert.Fail($"What goes over the wire is not what {approved} says. If the change is meant, read {path} and "
                + "copy it over the approved file in the source.");
        }
    }
}
