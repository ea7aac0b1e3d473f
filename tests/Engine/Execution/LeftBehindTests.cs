using PgMigrate.Runs;
using PgMigrate.Sessions;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>What a file leaves in its session is taken away, and named.</summary>
public class LeftBehindTests
{
    [Theory]
    [InlineData("SET work_mem = '9MB'; SET search_path = pg_catalog;", "setting search_path", "setting work_mem")]
    [InlineData("SELECT set_config('work_mem', '9MB', false);", "setting work_mem")]
    [InlineData("DO $$ BEGIN SET work_mem = '9MB'; END $$;", "setting work_mem")]
    [InlineData("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;", "setting default_transaction_read_only")]
    [InlineData("SET ROLE {0};", "role {0}")]
    [InlineData("SET SESSION AUTHORIZATION {0};", "session authorization {0}")]
    [InlineData("CREATE TEMP TABLE scratch (i int);", "temporary table scratch")]
    [InlineData("PREPARE p AS SELECT 1;", "prepared statement p")]
    [InlineData("LISTEN news;", "LISTEN news")]
    [InlineData("DECLARE c CURSOR WITH HOLD FOR SELECT 1;", "cursor c")]
    [InlineData("SELECT pg_advisory_lock(-42), pg_advisory_lock(1, 2);", "advisory lock -42", "advisory lock 1, 2")]
    [InlineData("SET work_mem = '9MB'; RESET work_mem; SET LOCAL search_path = pg_catalog;")]
    [InlineData("CREATE TEMP TABLE x (i int) ON COMMIT DROP; SELECT pg_advisory_xact_lock(1);")]
    [InlineData("SELECT set_config('work_mem', '9MB', true); SET LOCAL ROLE {0};")]
    [InlineData("SET lock_timeout = '5s';")] // as it was
    public async Task Leftovers_of_a_file_are_named(string text, params string[] expected)
    {
        await using var box = await Sandbox.CreateAsync();
        var role = await box.CreateRoleAsync();
        foreach (var (name, directive) in new[] { ("001_a.sql", ""), ("002_b.sql", "-- pgmigrate: no-transaction\n") })
        {
            // SET LOCAL and its like mean nothing to statements that are committed one by one.
            if (directive.Length == 0 || expected.Length > 0)
            {
                box.Folder.Write(name, directive + text.Replace("{0}", role, StringComparison.Ordinal));
            }
        }

        var run = await box.RunAsync(Sandbox.Apply);

        var results = run.Succeeded();
        var left = run.Events.OfType<LeftBehind>().ToList();
        Assert.Equal(expected.Length == 0 ? 0 : results.Count, left.Count);
        Assert.All(left, seen => Assert.Equal(
            expected.Select(name => name.Replace("{0}", role, StringComparison.Ordinal)),
            seen.What.Where(name => !name.StartsWith("role none", StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("CREATE TABLE t (i int); UPDATE t SET i = 1; ALTER TABLE t SET (fillfactor = 50);", false)]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET work_mem = '9MB' AS 'SELECT 1';", false)]
    [InlineData("SELECT 1;", false)]
    [InlineData("DO $$ BEGIN END $$;", false)]
    [InlineData("SET LOCAL work_mem = '9MB';", false)]
    [InlineData("DO $$ BEGIN set search_path = x; END $$;", true)]
    [InlineData("/* a */ SET x.y = 1;", true)]
    [InlineData("SELECT i INTO TEMP x FROM t;", true)]
    public void Only_files_that_could_leave_something_are_checked(string text, bool isWatched) =>
        Assert.Equal(isWatched, SessionLeftovers.MayLeave(Parsed.From(text).RenderedUp));

    [Fact]
    public async Task The_check_for_leftovers_costs_one_round_trip_per_run_and_none_for_plain_files()
    {
        const string Plain = "CREATE TABLE t{0} (i int);";
        const string Setting = "SET work_mem = '9MB'; CREATE TABLE t{0} (i int);";

        var plain = await CountAsync(Plain, 3);

        Assert.Equal(plain + 1, await CountAsync(Setting, 3));
        Assert.Equal(await CountAsync(Plain, 6) + 1, await CountAsync(Setting, 6));
    }

    private static async Task<int> CountAsync(string text, int files)
    {
        await using var box = await Sandbox.CreateAsync(Enumerable.Range(1, files)
            .Select(i => ($"{i}_x.sql", text.Replace("{0}", $"{i}", StringComparison.Ordinal)))
            .ToArray());
        await using var proxy = CountingProxy.For(box.Database);
        await box.ApplyAllAsync(proxy.Target);
        return proxy.RoundTrips.Count;
    }
}
