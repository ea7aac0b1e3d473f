using PgMigrate.Errors;
using PgMigrate.Scratch;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Scratch;

/// <summary>What a login may not make is said before anything is loaded.</summary>
public class RightsTests
{
    [Fact]
    public async Task Every_right_that_a_login_lacks_is_named_by_line()
    {
        await using var sandbox = await Sandbox.CreateAsync();
        var role = await sandbox.CreateRoleAsync("LOGIN CREATEDB");
        var owner = await sandbox.CreateRoleAsync();
        var text = $"""
            CREATE TABLE t (id int);
            CREATE FOREIGN DATA WRAPPER w;
            CREATE FUNCTION f() RETURNS int LEAKPROOF LANGUAGE sql AS 'SELECT 1';
            ALTER TABLE t OWNER TO {owner};
            ALTER TABLE t OWNER TO {role};
            CREATE FUNCTION g() RETURNS int NOT LEAKPROOF LANGUAGE sql AS 'SELECT 1';
            CREATE TYPE y (INPUT = a, OUTPUT = b);
            CREATE TYPE z AS (a int);
            CREATE PUBLICATION p FOR ALL TABLES;
            CREATE PUBLICATION q FOR TABLE t;
            CREATE FUNCTION h() RETURNS int LANGUAGE c AS 'x', 'y';
            CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f();
            """;

        var error = await Assert.ThrowsAsync<PlanBlockedException>(() => LoadAsync(sandbox, role, text));

        Assert.All(error.Problems, problem => Assert.Equal(ErrorCodes.SchemaRightMissing, problem.Code));
        Assert.Equal([2, 3, 4, 7, 9, 11, 12], error.Problems.Select(problem => problem.Line!.Value));
        Assert.Contains($"GRANT \"{owner}\" TO \"{role}\"", error.Problems[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_without_more_than_CREATEDB_can_load_what_it_may_make()
    {
        await using var sandbox = await Sandbox.CreateAsync();
        var role = await sandbox.CreateRoleAsync("LOGIN CREATEDB");

        await LoadAsync(sandbox, role, $"CREATE SCHEMA a; CREATE TABLE a.t (id int); ALTER TABLE a.t OWNER TO {role}; DO $$ BEGIN NULL; END $$;");
    }

    private static async Task LoadAsync(Sandbox sandbox, string role, string text)
    {
        var server = await ScratchServer.ResolveAsync(
            sandbox.Database.TargetFor(settings => settings.Username = role), null, onTarget: false, _ => null, CancellationToken.None);
        await using var database = await ScratchDatabase.CreateAsync(server, CancellationToken.None);
        await SchemaLoader.LoadAsync(database, [Loading.Text(text)], CancellationToken.None);
    }
}
