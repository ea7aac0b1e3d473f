using PgMigrate.Errors;
using Xunit;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>Objects that are dropped and made again.</summary>
public class ReplacedObjectTests
{
    [Fact]
    public async Task A_view_keeps_its_privileges_in_both_directions()
    {
        var drafted = await Drafting.DraftAsync(
            "CREATE TABLE t (i int); CREATE VIEW v AS SELECT i FROM t; GRANT SELECT ON v TO PUBLIC",
            "CREATE TABLE t (i bigint); CREATE VIEW v AS SELECT i FROM t");

        Assert.Contains("GRANT SELECT ON TABLE public.v TO PUBLIC", drafted.Up);
        Assert.Contains("GRANT SELECT ON TABLE public.v TO PUBLIC", drafted.Down);
        var warning = Assert.Single(drafted.Warnings, w => w.Code == ErrorCodes.SchemaObjectReplaced);
        Assert.Contains("view public.v", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_keeps_what_was_taken_from_everyone()
    {
        var drafted = await Drafting.DraftAsync(
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION f() FROM PUBLIC",
            "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'");

        Assert.Contains("REVOKE EXECUTE ON FUNCTION public.f() FROM PUBLIC", drafted.Up);
        Assert.Contains("REVOKE EXECUTE ON FUNCTION public.f() FROM PUBLIC", drafted.Down);
    }

    [Fact]
    public async Task An_object_that_is_altered_needs_nothing_again()
    {
        var drafted = await Drafting.DraftAsync(
            "CREATE TABLE t (i int); GRANT SELECT ON t TO PUBLIC", "CREATE TABLE t (i int, j int)");

        Assert.DoesNotContain(drafted.Up, s => s.Contains("GRANT", StringComparison.Ordinal));
        Assert.Empty(drafted.Warnings);
    }
}
