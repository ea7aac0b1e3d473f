using PgMigrate.Autogenerate;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>Secrets in options of foreign objects are in no object, file or statement.</summary>
public class SecretOptionTests
{
    private const string Secret = "Xy7secretXy7";

    private const string Foreign =
        $"""
        CREATE FOREIGN DATA WRAPPER w OPTIONS (api_key '{Secret}', plain 'kept-w');
        CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'kept-host', conn_string 'tcp://me:{Secret}@host/db', datasource 'PG:host=x password={Secret}', passfile '/kept/path', sslpassword '{Secret}');
        CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS ("user" 'kept-user', password '{Secret}', password_required 'kept-false', token '{Secret}', vault_access_key_id 'kept-id');
        CREATE FOREIGN TABLE t (id int OPTIONS (secret_column '{Secret}', column_name 'kept-column')) SERVER s OPTIONS (query 'SELECT 1 FROM kept WHERE password = 5', aws_secret_access_key '{Secret}');
        """;

    [Fact]
    public async Task Options_that_may_be_secrets_are_left_out_and_the_others_are_kept()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(Foreign);
        var schema = await ReadAsync(database);

        var file = SchemaComparer.ExportSnapshot(schema);
        var sql = SchemaComparer.ExportText(schema, new SchemaComparison());
        foreach (var text in new[]
        {
            file, sql, string.Join("\n", schema.Objects.Select(o => o.Definition)),
            string.Join("\n", SchemaComparer.ExportFiles(schema, new SchemaComparison()).Select(f => f.Text)),
        })
        {
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
            foreach (var kept in new[] { "w", "host", "user", "false", "id", "column" })
            {
                Assert.Contains($"kept-{kept}", text, StringComparison.Ordinal);
            }

            Assert.Contains("/kept/path", text, StringComparison.Ordinal);
            Assert.Contains("FROM kept WHERE password = 5", text, StringComparison.Ordinal);
        }

        Assert.Contains(
            "-- Not written, since it may be a secret: option password, token of user mapping FOR PUBLIC SERVER s.", sql, StringComparison.Ordinal);
        await using var copy = await TestDatabase.CreateAsync();
        await copy.ExecuteAsync(sql);
        Assert.Empty(SchemaComparer.Compare(schema, await ReadAsync(copy), new SchemaComparison()));
    }

    [Fact]
    public async Task Another_password_is_no_difference_and_a_dropped_one_is_a_loss()
    {
        await using var one = await TestDatabase.CreateAsync();
        await one.ExecuteAsync(Foreign);
        await using var other = await TestDatabase.CreateAsync();
        await other.ExecuteAsync(Foreign.Replace(Secret, "another1", StringComparison.Ordinal));

        Assert.Empty(SchemaComparer.Compare(await ReadAsync(one), await ReadAsync(other), new SchemaComparison()));

        await other.ExecuteAsync("DROP USER MAPPING FOR PUBLIC SERVER s");
        var drop = Assert.Single(
            SchemaComparer.Compare(await ReadAsync(one), await ReadAsync(other), new SchemaComparison()));
        Assert.Equal(["option password, token of user mapping FOR PUBLIC SERVER s"], drop.Loses);
    }

    private static Task<PgSchema> ReadAsync(TestDatabase database) =>
        SchemaComparer.ReadDatabaseAsync(database.Target, new MigratorOptions(), CancellationToken.None);
}
