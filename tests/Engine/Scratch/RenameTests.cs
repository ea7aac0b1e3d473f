using PgMigrate.Errors;
using Xunit;

namespace PgMigrate.Tests.Scratch;

/// <summary>Comments that tell what an object was called before.</summary>
public class RenameTests
{
    [Fact]
    public async Task A_comment_belongs_to_the_object_or_the_column_beside_it()
    {
        var load = await Loading.LoadAsync(
            null,
            """
            CREATE SCHEMA app; SET search_path TO app;
            -- pgmigrate: renamed-from clients
            CREATE TABLE customers (
                id int PRIMARY KEY, -- pgmigrate: renamed-from "No"
                -- pgmigrate: renamed-from mail
                email text,
                other text
            );
            CREATE TABLE public.plain (id int); -- pgmigrate: renamed-from app.simple
            CREATE TYPE mood AS ENUM ('sad', 'glad' /* pgmigrate: renamed-from happy */);
            /* pgmigrate: renamed-from old_v */
            CREATE VIEW v AS SELECT 1 AS a;
            """);

        Assert.Equal(
            [
                ("app", "customers", null, "clients", 2), ("app", "customers", "id", "No", 4), ("app", "customers", "email", "mail", 5),
                ("public", "plain", null, "app.simple", 9), ("app", "mood", "glad", "happy", 10), ("app", "v", null, "old_v", 11),
            ],
            load.Renames.Select(rename => (rename.Schema!, rename.Made.Name.Name, rename.Part, rename.OldName.ToString(), rename.Place.Line!.Value)));
    }

    [Theory]
    [InlineData("CREATE TABLE t (id int);\n-- pgmigrate: renamed-from x")]
    [InlineData("-- pgmigrate: renamed-from x\nALTER TABLE t ADD COLUMN a int;")]
    [InlineData("-- pgmigrate: renamed-from two words\nCREATE TABLE t (id int);")]
    [InlineData("-- pgmigrate: renamed-from\nCREATE TABLE t (id int);")]
    public async Task A_comment_that_belongs_to_nothing_is_an_error(string text) =>
        Assert.Equal(ErrorCodes.DirectiveUnknown, (await Loading.RefusedAsync(text)).Code);
}
