using PgMigrate.Errors;
using Xunit;

namespace PgMigrate.Tests.Scratch;

/// <summary>Bodies of functions are not looked at while they are loaded, and then by their languages.</summary>
public class FunctionCheckTests
{
    [Fact]
    public async Task A_body_that_its_language_refuses_is_named_with_its_line()
    {
        var load = await Loading.LoadAsync(
            null,
            "CREATE FUNCTION good() RETURNS int LANGUAGE sql AS 'SELECT id FROM t';\nCREATE TABLE t (id int);\n"
                + "CREATE FUNCTION bad() RETURNS int LANGUAGE sql AS 'SELECT id FROM missing';\n"
                + "CREATE FUNCTION worse() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1 END';");

        Assert.False(load.Retried);
        Assert.Equal(["bad", "worse"], load.InvalidFunctions.Select(fault => fault.Name));
        Assert.Equal([3, 4], load.FunctionProblems.Select(problem => problem.Line!.Value));
        Assert.All(load.FunctionProblems, problem => Assert.Equal(ErrorCodes.FunctionBodyInvalid, problem.Code));
        Assert.Contains("missing", load.FunctionProblems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_is_read_with_the_search_path_of_its_function_or_of_its_schema()
    {
        var load = await Loading.LoadAsync(
            null,
            "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (id int); CREATE FUNCTION a.f() RETURNS int LANGUAGE sql AS 'SELECT id FROM t';"
                + "CREATE FUNCTION b.g() RETURNS int LANGUAGE sql SET search_path TO a AS 'SELECT id FROM t';"
                + "CREATE FUNCTION b.h() RETURNS int LANGUAGE sql AS 'SELECT id FROM t';"
                + "CREATE FUNCTION a.i() RETURNS int LANGUAGE sql SET search_path TO b AS 'SELECT id FROM t';"
                + "CREATE PROCEDURE a.p() LANGUAGE sql AS 'SELECT id FROM t';"
                + "CREATE FUNCTION a.tr() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';");

        Assert.Equal(["i", "h"], load.InvalidFunctions.Select(fault => fault.Name));
    }
}
