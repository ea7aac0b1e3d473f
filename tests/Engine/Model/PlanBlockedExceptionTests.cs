using PgMigrate.Errors;
using Xunit;

namespace PgMigrate.Tests.Model;

public class PlanBlockedExceptionTests
{
    [Fact]
    public void One_problem_is_the_message() =>
        Assert.Equal("1.sql: no undo", new PlanBlockedException([Problem("1.sql", "no undo")]).Message);

    [Fact]
    public void A_problem_of_many_files_is_shown_once_with_a_count()
    {
        var problems = Enumerable.Range(1, 434).Select(number => Problem($"{number}.sql", "no undo")).ToList();

        var exception = new PlanBlockedException(problems);

        Assert.Equal("Nothing was run: 434 files (1.sql, 2.sql, 3.sql and 431 more): no undo", exception.Message);
        Assert.Equal(problems, exception.Problems);
        Assert.Equal("1.sql", exception.Error.FileName);
    }

    [Fact]
    public void A_few_files_are_listed_each_beside_other_problems()
    {
        var exception = new PlanBlockedException(
        [
            Problem("1.sql", "no undo"), Problem("2.sql", "no undo"), Problem("3.sql", "changed"),
            .. Enumerable.Range(4, 4).Select(number => Problem($"{number}.sql", "late")),
        ]);

        Assert.Equal(
            [
                "7 problems, nothing was run:", "- 1.sql: no undo", "- 2.sql: no undo", "- 3.sql: changed",
                "- 4 files (4.sql, 5.sql, 6.sql and 1 more): late",
            ],
            exception.Message.Split(Environment.NewLine));
    }

    private static MigrationProblem Problem(string file, string message) =>
        new() { Code = message, FileName = file, Message = message };
}
