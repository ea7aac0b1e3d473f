using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>Comments beside objects of the desired SQL that tell their former names.</summary>
public class RenameCommentTests
{
    private const string Desired =
        """
        CREATE SCHEMA shop; -- pgmigrate: renamed-from app
        -- pgmigrate: renamed-from users
        CREATE TABLE shop.people (
            id int PRIMARY KEY,
            email text UNIQUE, -- pgmigrate: renamed-from mail
            n int,
            CONSTRAINT positive CHECK (n > 0) -- pgmigrate: renamed-from big
        );
        CREATE TYPE shop.mood AS ENUM ('sad', 'glad' /* pgmigrate: renamed-from happy */);
        """;

    private const string Current =
        """
        CREATE SCHEMA app;
        CREATE TABLE app.users (id int PRIMARY KEY, mail text UNIQUE, n int, CONSTRAINT big CHECK (n > 0));
        CREATE TYPE app.mood AS ENUM ('sad', 'happy');
        """;

    [Fact]
    public async Task Comments_of_a_schema_its_table_and_their_parts_are_followed()
    {
        var draft = await Drafting.DraftAsync(Current, Desired);

        // 18 names NOT NULL of the key, too.
        Assert.Equal(PostgresServer.Major >= 18 ? 8 : 7, draft.Up.Count);
        Assert.All(draft.Up, s => Assert.Contains(" RENAME ", s, StringComparison.Ordinal));
        Assert.Empty(draft.Warnings);
    }

    [Fact]
    public async Task Comments_that_have_been_followed_mean_nothing()
    {
        var draft = await Drafting.DraftAsync(Desired, Desired);

        Assert.Empty(draft.Files);
        Assert.Empty(draft.Warnings);
    }

    [Fact]
    public async Task A_comment_is_followed_after_that_of_its_table_was()
    {
        var draft = await Drafting.DraftAsync(
            "CREATE TABLE people (mail text)",
            "-- pgmigrate: renamed-from users\nCREATE TABLE people (\nemail text -- pgmigrate: renamed-from mail\n);");

        Assert.Equal(["ALTER TABLE public.people RENAME COLUMN mail TO email"], draft.Up);
    }

    [Fact]
    public async Task An_old_name_that_has_a_new_object_is_left_alone()
    {
        const string both = "CREATE TABLE users (a int);\n-- pgmigrate: renamed-from users\nCREATE TABLE people (b int);";

        Assert.Empty((await Drafting.DraftAsync(both, both)).Files);
    }

    [Fact]
    public async Task A_table_moves_when_the_old_name_has_another_schema() => Assert.Equal(
        ["ALTER TABLE public.t SET SCHEMA s"],
        (await Drafting.DraftAsync(
            "CREATE SCHEMA s; CREATE TABLE t (a int)",
            "CREATE SCHEMA s;\n-- pgmigrate: renamed-from public.t\nCREATE TABLE s.t (a int);")).Up);

    [Fact]
    public async Task An_overload_with_other_arguments_is_another_function()
    {
        const string of = "(int) RETURNS int LANGUAGE sql AS 'SELECT 1';\n";
        const string ofTwo = "(int, int) RETURNS int LANGUAGE sql AS 'SELECT 1';\n";
        var draft = await Drafting.DraftAsync(
            $"CREATE FUNCTION f{of}CREATE FUNCTION f{ofTwo}",
            $"-- pgmigrate: renamed-from f\nCREATE FUNCTION g{of}CREATE FUNCTION f{ofTwo}");

        Assert.Equal(["ALTER FUNCTION public.f(integer) RENAME TO g"], draft.Up);
    }

    [Fact]
    public async Task Neither_name_is_a_warning_with_its_place()
    {
        var draft = await Drafting.DraftAsync("", "\n-- pgmigrate: renamed-from users\nCREATE TABLE people (a int);");

        var warning = Assert.Single(draft.Warnings);
        Assert.Equal((ErrorCodes.SchemaRenameUnused, 2), (warning.Code, warning.Line));
    }

    [Theory]
    [InlineData(
        "CREATE TABLE a (x int); CREATE TABLE b (y text)",
        "CREATE TABLE b (x int); -- pgmigrate: renamed-from a\nCREATE TABLE a (y text); -- pgmigrate: renamed-from b",
        ErrorCodes.SchemaRenameConflict)]
    [InlineData(
        "CREATE TABLE a (x int); CREATE TABLE b (x int)", "CREATE TABLE b (x int); -- pgmigrate: renamed-from a",
        ErrorCodes.SchemaRenameConflict)]
    [InlineData("CREATE TABLE a (x int)", "CREATE TABLE b (x int, CHECK (x > 0) /* pgmigrate: renamed-from c */)", ErrorCodes.DirectiveUnknown)]
    public async Task A_comment_that_cannot_be_followed_is_refused_with_its_place(string current, string desired, string code)
    {
        var error = await Assert.ThrowsAsync<PlanBlockedException>(() => Drafting.DraftAsync(current, desired));

        Assert.Equal(code, error.Code);
        Assert.NotNull(error.Problems[0].Line);
    }
}
