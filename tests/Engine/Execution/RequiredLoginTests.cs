using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>A server that logs each user in by another method.</summary>
public sealed class RequiredLoginTests(LoginServer logins) : IClassFixture<LoginServer>
{
    [Theory]
    [InlineData("by_trust", "none")]
    [InlineData("by_text", "password")]
    [InlineData("by_md5", "md5")]
    public async Task Required_channel_binding_rejects_a_login_without_it_before_a_password_is_sent(string user, string method)
    {
        var error = await OpenAsync(user, "channel_binding=require");

        Assert.Equal("AuthenticationFailed", error?.Code);
        Assert.Contains($"for the authentication method '{method}'", error!.Message, StringComparison.Ordinal);
        Assert.Contains("No password was sent", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", error.Message, StringComparison.Ordinal);
        Assert.Equal("AuthenticationFailed", (await OpenAsync(user, "", ("PGCHANNELBINDING", "require")))?.Code);
    }

    [Fact]
    public async Task Channel_binding_without_tls_is_an_error_that_says_so()
    {
        var error = await OpenAsync("by_scram", "channel_binding=require&sslmode=disable");

        Assert.Equal("AuthenticationFailed", error?.Code);
        Assert.Contains("sslmode=require", error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ScramSHA256", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("by_trust", "none", null)]
    [InlineData("by_trust", "!none", "none")]
    [InlineData("by_trust", "scram-sha-256", "none")]
    [InlineData("by_text", "scram-sha-256,md5", "password")]
    [InlineData("by_text", "!password", "password")]
    [InlineData("by_text", "password", null)]
    [InlineData("by_md5", "scram-sha-256", "md5")]
    [InlineData("by_md5", "md5", null)]
    [InlineData("by_scram", "scram-sha-256", null)]
    [InlineData("by_scram", "md5", "scram-sha-256")]
    public async Task Required_methods_are_enforced(string user, string required, string? refused)
    {
        foreach (var error in new[]
        {
            await OpenAsync(user, "require_auth=" + required),
            await OpenAsync(user, "", ("PGREQUIREAUTH", required)),
        })
        {
            Assert.Equal(refused is null ? null : "AuthenticationFailed", error?.Code);
            Assert.Contains(refused ?? "", error?.Message ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_error_is_the_same_when_one_of_several_hosts_rejects_the_login()
    {
        var error = await OpenAsync("by_text", "require_auth=scram-sha-256", servers: $"127.0.0.1:1,127.0.0.1:{logins.Server.Port}");

        Assert.Equal("AuthenticationFailed", error?.Code);
        Assert.Contains("for the authentication method 'password'", error!.Message, StringComparison.Ordinal);
    }

    private async Task<ConnectionException?> OpenAsync(
        string user, string words, (string Name, string Value) variable = default, string? servers = null)
    {
        servers ??= $"127.0.0.1:{logins.Server.Port}";
        var target = DatabaseTarget.Resolve(
            new ConnectionInput { ConnectionString = $"postgresql://{user}:S3cr3t@{servers}/postgres?{words}" },
            name => name == variable.Name ? variable.Value : null);
        try
        {
            await using var migrator = await Migrator.OpenAsync(target, new MigratorOptions(), CancellationToken.None);
            return null;
        }
        catch (ConnectionException e)
        {
            Assert.DoesNotContain("S3cr3t", e.ToString(), StringComparison.Ordinal);
            return e;
        }
    }
}

/// <summary>Users by trust, in clear text, by MD5 and by SCRAM.</summary>
public sealed class LoginServer : IAsyncLifetime
{
    internal LoopbackServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await LoopbackServer.StartAsync(access:
            "host all by_text 127.0.0.1/32 password\nhost all by_md5 127.0.0.1/32 md5\n"
                + "host all by_scram 127.0.0.1/32 scram-sha-256");
        await Server.ExecuteAsync(
            "CREATE ROLE by_trust LOGIN",
            "CREATE ROLE by_text LOGIN PASSWORD 'S3cr3t'",
            "CREATE ROLE by_scram LOGIN PASSWORD 'S3cr3t'",
            "SET password_encryption = 'md5'",
            "CREATE ROLE by_md5 LOGIN PASSWORD 'S3cr3t'");
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
