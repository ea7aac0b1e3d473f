using Npgsql;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>.pgpass and service files, read as libpq reads them.</summary>
public class LoginFilesTests
{
    private const string Services =
        """
        # of the user
        [other]
        host=elsewhere
        [main]
        host=h
        port=5433
        dbname = d
        user=u
        password=pa=ss
        [last]
        host=x
        """;

    [Theory]
    [InlineData("h:5432:d:u:secret", "secret")]
    [InlineData("*:*:*:*:secret", "secret")]
    [InlineData("h:5432:d:u:one\nh:5432:d:u:two", "one")]
    [InlineData("h:5433:d:u:no\n*:5432:*:u:yes\r\n", "yes")]
    [InlineData("H:5432:d:u:no", null)]
    [InlineData("#h:5432:d:u:no", null)]
    [InlineData("h:5432:d:u", null)]
    [InlineData("h:5432:d:u:a\\:b\\\\c", "a:b\\c")]
    [InlineData("\\*:5432:d:u:no", null)]
    [InlineData("localhost:5432:d:u:no", null)]
    [InlineData("", null)]
    public void A_line_of_pgpass_matches_as_in_libpq(string text, string? password) => Assert.Equal(
        password,
        PasswordFile.Find(
            text, new NpgsqlConnectionStringBuilder { Host = "h", Port = 5432, Database = "d", Username = "u" }));

    [Fact]
    public void A_socket_folder_is_localhost_to_pgpass() => Assert.Equal(
        "secret",
        PasswordFile.Find(
            "localhost:*:*:*:secret",
            new NpgsqlConnectionStringBuilder { Host = "/var/run/postgresql", Database = "d", Username = "u" }));

    [Theory]
    [InlineData(0b110_000_000, null)]
    [InlineData(0b110_100_000, "PasswordFileIgnored")]
    [InlineData(0b110_000_100, "PasswordFileIgnored")]
    public async Task A_password_file_that_others_can_read_is_ignored_and_the_error_says_so(int mode, string? code)
    {
        await using var server = await PasswordServerAsync();
        using var folder = new TestFolder(("pgpass", $"*:*:*:app:S3cr3t!\n"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.PathOf("pgpass"), (UnixFileMode)mode);
        }

        var error = await OpenAsync(server.TargetFor(settings =>
        {
            settings.Username = "app";
            settings.Passfile = folder.PathOf("pgpass");
        }));

        Assert.Equal(OperatingSystem.IsWindows() ? null : code, error?.Code);
        if (error is not null)
        {
            Assert.Contains("chmod 600", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("S3cr3t", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_provider_is_called_for_each_login_and_overrides_every_password()
    {
        await using var server = await PasswordServerAsync();
        var asked = 0;
        var input = new ConnectionInput
        {
            ConnectionString = server.ConnectionString + ";Username=app;Password=wrong",
            TokenProvider = _ => Task.FromResult(Interlocked.Increment(ref asked) > 0 ? "S3cr3t!" : ""),
        };
        var target = DatabaseTarget.Resolve(input, _ => null);

        Assert.Null(await OpenAsync(target));
        Assert.Null(await OpenAsync(DatabaseTarget.Resolve(
            new ConnectionInput { Connection = target.Connection }, _ => null)));

        Assert.Equal(2, asked);
        Assert.DoesNotContain("S3cr3t", System.Text.Json.JsonSerializer.Serialize(target), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_of_a_token_provider_is_the_error_of_the_connection()
    {
        await using var server = await PasswordServerAsync();
        var target = DatabaseTarget.Resolve(
            new ConnectionInput
            {
                ConnectionString = server.ConnectionString + ";Username=app",
                TokenProvider = _ => throw new ConnectionException("TokenProviderFailed", "No token today."),
            },
            _ => null);

        var error = await OpenAsync(target);

        Assert.Equal(("TokenProviderFailed", "No token today."), (error?.Code, error?.Message));
    }

    [Theory]
    [InlineData("main", "h:5433:d:u:pa=ss")]
    [InlineData("last", "x::::")]
    [InlineData("none", null)]
    public void A_service_is_the_section_of_its_name(string service, string? expected)
    {
        var words = ServiceFile.Parse(Services, service, "file");

        Assert.Equal(
            expected,
            words is null ? null : string.Join(':', new[] { "host", "port", "dbname", "user", "password" }
                .Select(word => words.FirstOrDefault(pair => pair.Word == word).Value)));
    }

    [Fact]
    public void A_line_that_cannot_be_read_is_named_and_not_shown()
    {
        var error = Assert.Throws<ConnectionException>(
            () => ServiceFile.Parse("[main]\nhost=h\npassword S3cr3t!", "main", "/f"));

        Assert.Contains("/f:3", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cr3t", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql:///?service=main", "u@h:5433/d")]
    [InlineData("postgresql://me@other/?service=main", "me@other:5433/d")]
    [InlineData("postgresql:///mine?service=main&port=5555", "u@h:5555/mine")]
    [InlineData("service=main", "u@h:5433/d")]
    [InlineData("Host=other;Service=main;Database=mine", "u@other:5433/mine")]
    public void A_connection_string_overrides_its_service(string text, string expected)
    {
        using var folder = new TestFolder(("services", Services));

        var target = Resolve(new ConnectionInput { ConnectionString = text }, ("PGSERVICEFILE", folder.PathOf("services")));

        Assert.Equal(expected, target.ToString());
    }

    [Fact]
    public void PGSERVICE_overrides_the_other_variables_and_not_the_parameters()
    {
        using var folder = new TestFolder(("pg_service.conf", Services));
        (string, string)[] variables =
        [
            ("PGSERVICE", "main"), ("PGSYSCONFDIR", folder.FullPath), ("PGSERVICEFILE", folder.PathOf("gone")),
            ("PGHOST", "variable"), ("PGUSER", "variable"),
        ];

        Assert.Equal("u@h:5433/d", Resolve(new ConnectionInput(), variables).ToString());
        Assert.Equal(
            "u@parameter:5433/d", Resolve(new ConnectionInput { HostName = "parameter" }, variables).ToString());
    }

    [Fact]
    public void An_unknown_service_is_an_error_that_lists_the_files()
    {
        using var folder = new TestFolder(("services", Services));

        var error = Assert.Throws<ConnectionException>(() => Resolve(
            new ConnectionInput(), ("PGSERVICE", "nowhere"), ("PGSERVICEFILE", folder.PathOf("services"))));

        Assert.Equal("ServiceNotFound", error.Code);
        Assert.Contains(folder.PathOf("services"), error.Message, StringComparison.Ordinal);
        Assert.Contains("[nowhere]", error.Message, StringComparison.Ordinal);
    }

    private static DatabaseTarget Resolve(ConnectionInput input, params (string Name, string Value)[] variables) =>
        DatabaseTarget.Resolve(input, name => Array.Find(variables, variable => variable.Name == name).Value);

    private static async Task<ConnectionException?> OpenAsync(DatabaseTarget target)
    {
        try
        {
            await using var migrator = await Migrator.OpenAsync(target, new MigratorOptions(), CancellationToken.None);
            return null;
        }
        catch (ConnectionException e)
        {
            return e;
        }
    }

    private static async Task<LoopbackServer> PasswordServerAsync()
    {
        var server = await LoopbackServer.StartAsync(access: "host all app 127.0.0.1/32 scram-sha-256");
        await server.ExecuteAsync("CREATE ROLE app LOGIN PASSWORD 'S3cr3t!'");
        return server;
    }
}
