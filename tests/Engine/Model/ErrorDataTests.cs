using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Model;

/// <summary>What an exception knows is on it as data, whatever the driver's exception inside it is.</summary>
public class ErrorDataTests
{
    [Fact]
    public void A_blocked_plan_has_the_place_of_its_first_problem()
    {
        var exception = PlanBlockedException.For(
        [
            new MigrationProblem { Code = "A", Message = "a", FileName = "1.sql", FilePath = "/m/1.sql", Line = 3, Column = 7 },
            new MigrationProblem { Code = "B", Message = "b", FileName = "2.sql", FilePath = "/m/2.sql", Line = 1 },
        ]);

        Assert.Equal(("A", "1.sql", "/m/1.sql", 3, 7), Place(exception.Error));
        Assert.Equal(exception.Message, exception.Error.Message);
    }

    [Fact]
    public void An_error_without_a_place_has_its_code_and_message() => Assert.Equal(
        ("SchemaNotFound", null, null, null, null), Place(new InitializationException("SchemaNotFound", "m").Error));

    [Fact]
    public async Task The_server_message_is_on_the_exception_of_the_model()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { IncludeErrorDetail = true }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "DO $$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = 'the detail', HINT = 'the hint', ERRCODE = 'P0042', "
                + "TABLE = 't', COLUMN = 'c'; END $$",
            connection);
        var server = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        var exception = new ConnectionException("Any", "ours", new NpgsqlException("between", server));

        Assert.Equal(("P0042", "the detail", "the hint"), (exception.SqlState, exception.Detail, exception.Hint));
        Assert.Equal(("no", "t", "c", "ours"),
            (exception.Error.ServerMessage, exception.Error.TableName, exception.Error.ColumnName, exception.Error.Message));
        Assert.Contains("inline_code_block", exception.Error.Context!, StringComparison.Ordinal);
    }

    private static (string, string?, string?, int?, int?) Place(MigrationError error) =>
        (error.Code, error.FileName, error.FilePath, error.Line, error.Column);
}
