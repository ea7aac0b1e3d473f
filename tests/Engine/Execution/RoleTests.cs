using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>A run under a role: logins come and go, what they make belongs to the role.</summary>
public class RoleTests
{
    private const string Directive = "-- pgmigrate: no-transaction\n";

    [Fact]
    public async Task Two_short_lived_logins_share_what_a_role_owns()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"),
            ("002_b.sql", "CREATE INDEX CONCURRENTLY ai ON a (i);\n-- DOWN\nDROP INDEX CONCURRENTLY ai;"),
            ("003_c.sql", Directive + "INSERT INTO a VALUES (1);\nCREATE TABLE c AS SELECT current_user::text who;\n-- DOWN\nDROP TABLE c;"));
        var (role, logins) = await CreateRolesAsync(box, 2);
        box.Options = box.Options with { Role = role };

        (await box.RunAsync(Sandbox.Apply with { Target = "1" }, TargetOf(box, logins[0]))).Succeeded();
        (await box.RunAsync(Sandbox.Apply, TargetOf(box, logins[1]))).Succeeded();

        Assert.Equal([role], await box.Database.ListAsync(
            "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'public'::regnamespace"));
        Assert.Equal(
            [logins[0], logins[1], logins[1]],
            await box.Database.ListAsync("SELECT applied_by FROM schema_migrations ORDER BY id"));
        Assert.Equal([role], await box.Database.ListAsync("SELECT who FROM c"));
        (await box.RunAsync(Sandbox.Undo with { All = true }, TargetOf(box, logins[0]))).Succeeded();
        Assert.Equal(logins, await box.Database.ListAsync(
            "SELECT actor FROM schema_migrations_log GROUP BY actor ORDER BY min(id)"));
    }

    [Fact]
    public async Task A_single_transaction_runs_completely_as_the_role()
    {
        await using var box = await Sandbox.CreateAsync();
        var (role, logins) = await CreateRolesAsync(box, 1);
        box.Folder.Write("001_a.sql", "CREATE TABLE a AS SELECT current_user::text who; RESET ROLE;");
        box.Folder.Write("002_b.sql", "INSERT INTO a SELECT current_user;");
        box.Options = box.Options with { Role = role };

        (await box.RunAsync(Sandbox.Apply with { SingleTransaction = true }, TargetOf(box, logins[0]))).Succeeded();

        Assert.Equal([role, role], await box.Database.ListAsync("SELECT who FROM a"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_changes_its_role_is_recorded_and_the_next_file_runs_as_the_role_of_the_run(bool isOutside)
    {
        await using var box = await Sandbox.CreateAsync();
        var (role, logins) = await CreateRolesAsync(box, 1);
        var (other, _) = await CreateRolesAsync(box, 0);
        await box.Database.ExecuteAsync($"GRANT {other} TO {logins[0]}");
        var text = $"CREATE TABLE a (i int);\nSET ROLE {other};\nCREATE TABLE b (i int);";
        box.Folder.Write("001_a.sql", isOutside ? Directive + text : text);
        box.Folder.Write("002_c.sql", "CREATE TABLE c (i int);");
        box.Options = box.Options with { Role = role };

        var run = await box.RunAsync(Sandbox.Apply, TargetOf(box, logins[0]));

        run.Succeeded();
        Assert.Equal([role, other, role], await box.Database.ListAsync(
            "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname IN ('a', 'b', 'c') ORDER BY relname"));
        Assert.Equal([$"role {other}"], Assert.Single(run.Events.OfType<LeftBehind>()).What);
        if (!isOutside)
        {
            Assert.Equal([$"table b ({other})"], Assert.Single(run.Events.OfType<OwnedByOthers>()).Objects);
        }
    }

    [Theory]
    [InlineData("member", "RoleDenied")]
    [InlineData("missing", "RoleNotFound")]
    [InlineData("none", "RoleNotFound")]
    public async Task A_role_that_cannot_be_set_is_an_error_before_anything_runs(string kind, string code)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        var (role, _) = await CreateRolesAsync(box, 0);
        var login = await box.CreateRoleAsync("LOGIN");
        box.Options = box.Options with { Role = kind == "member" ? role : kind == "none" ? "none" : "no_such_role" };

        var error = await Assert.ThrowsAsync<InitializationException>(() => box.OpenAsync(TargetOf(box, login)));

        Assert.Equal(code, error.Code);
        Assert.False(await box.Database.HasTableAsync("public.schema_migrations"));
        await box.WaitUntilAloneAsync();
    }

    private static async Task<(string Role, IReadOnlyList<string> Logins)> CreateRolesAsync(Sandbox box, int logins)
    {
        var role = await box.CreateRoleAsync();
        await box.Database.ExecuteAsync($"GRANT CREATE ON SCHEMA public TO {role}");
        var names = new List<string>();
        for (var i = 0; i < logins; i++)
        {
            names.Add(await box.CreateRoleAsync("LOGIN NOINHERIT"));
            await box.Database.ExecuteAsync($"GRANT {role} TO {names[i]}");
        }

        return (role, names);
    }

    private static DatabaseTarget TargetOf(Sandbox box, string login) =>
        box.Database.TargetFor(settings => settings.Username = login);
}
