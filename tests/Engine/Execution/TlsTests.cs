using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>A real server with certificates of its own authority.</summary>
public sealed class TlsTests(TlsServer tls) : IClassFixture<TlsServer>
{
    [Fact]
    public async Task A_server_whose_certificate_and_name_are_right_is_trusted()
    {
        Assert.Null(await OpenAsync(settings => settings.Host = "localhost"));
        Assert.Null(await OpenAsync(settings => settings.SslMode = Npgsql.SslMode.VerifyCA));
    }

    [Fact]
    public async Task A_wrong_host_name_is_rejected_with_its_reason()
    {
        var error = await OpenAsync(_ => { }); // 127.0.0.1, which the certificate does not name

        Assert.Equal("CertificateRejected", error?.Code);
        Assert.Contains("not issued for '127.0.0.1'", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_authority_is_rejected_with_its_reason()
    {
        var error = await OpenAsync(settings =>
        {
            settings.Host = "localhost";
            settings.RootCertificate = tls.PathOf("other.crt");
        });

        Assert.Equal("CertificateRejected", error?.Code);
        Assert.Contains("PGSSLROOTCERT", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_logs_in_and_without_it_the_login_fails()
    {
        var without = await OpenAsync(settings =>
        {
            settings.Host = "localhost";
            settings.Username = "by_certificate";
        });
        var with = await OpenAsync(settings =>
        {
            settings.Host = "localhost";
            settings.Username = "by_certificate";
            settings.SslCertificate = tls.PathOf("client.crt");
            settings.SslKey = tls.PathOf("client.key");
        });

        Assert.Equal("AuthenticationFailed", without?.Code);
        Assert.Null(with);
    }

    [Fact]
    public async Task Channel_binding_can_be_required()
    {
        Assert.Null(await OpenAsync(settings => Bind(settings, Npgsql.SslMode.VerifyFull)));
        Assert.NotNull(await OpenAsync(settings => Bind(settings, Npgsql.SslMode.Disable)));

        static void Bind(NpgsqlConnectionStringBuilder settings, Npgsql.SslMode mode)
        {
            settings.Host = "localhost";
            settings.Username = "by_password";
            settings.Password = "S3cr3t!";
            settings.ChannelBinding = ChannelBinding.Require;
            settings.SslMode = mode;
        }
    }

    [Theory]
    [InlineData("by_password", "channel_binding=require&sslmode=require", null)]
    [InlineData("postgres", "channel_binding=require&sslmode=require", "AuthenticationFailed")]
    [InlineData("by_password", "sslrootcert=system", "CertificateRejected")]
    [InlineData("by_password", "sslrootcert=system&sslmode=verify-full", "CertificateRejected")]
    [InlineData("by_password", "sslmode=require", null)]
    [InlineData("by_password", "sslmode=require&sslrootcert={folder}/ca.crt", null)]
    [InlineData("by_password", "sslmode=require&sslrootcert={folder}/other.crt", "CertificateRejected")]
    [InlineData("by_password", "sslmode=verify-full&sslrootcert={folder}/ca.crt", null)]
    public async Task A_uri_is_as_strict_as_libpq(string user, string words, string? code)
    {
        var place = words.Replace("{folder}", Uri.EscapeDataString(tls.Server.Folder), StringComparison.Ordinal);
        var target = DatabaseTarget.Resolve(
            new ConnectionInput
            {
                ConnectionString = $"postgresql://{user}:S3cr3t%21@localhost:{tls.Server.Port}/postgres?{place}",
            },
            _ => null);

        Assert.Equal(code, (await OpenAsync(target))?.Code);
    }

    [PostgresFact(17)]
    public async Task Tls_can_start_directly()
    {
        var target = DatabaseTarget.Resolve(
            new ConnectionInput
            {
                ConnectionString = $"postgresql://by_password:S3cr3t%21@localhost:{tls.Server.Port}/postgres"
                    + "?sslnegotiation=direct&sslmode=require",
            },
            _ => null);

        Assert.Null(await OpenAsync(target));
    }

    private Task<ConnectionException?> OpenAsync(Action<NpgsqlConnectionStringBuilder> change)
    {
        var target = tls.Server.TargetFor(settings =>
        {
            settings.SslMode = Npgsql.SslMode.VerifyFull;
            settings.RootCertificate = tls.PathOf("ca.crt");
            change(settings);
        });
        return OpenAsync(target);
    }

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
}

/// <summary>The server, its authority, another one, and a client certificate.</summary>
public sealed class TlsServer : IAsyncLifetime
{
    internal LoopbackServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await LoopbackServer.StartAsync(
            "ssl = on\nssl_cert_file = '../server.crt'\nssl_key_file = '../server.key'\nssl_ca_file = '../ca.crt'",
            "hostssl all by_certificate 127.0.0.1/32 cert\nhostssl all by_certificate ::1/128 cert\n"
                + "host all by_password 127.0.0.1/32 scram-sha-256\nhost all by_password ::1/128 scram-sha-256",
            WriteCertificatesAsync);
        await Server.ExecuteAsync("CREATE ROLE by_certificate LOGIN", "CREATE ROLE by_password LOGIN PASSWORD 'S3cr3t!'");
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    internal string PathOf(string name) => Path.Combine(Server.Folder, name);

    private static async Task WriteCertificatesAsync(LoopbackServer server)
    {
        using var authority = Authority("Test authority");
        using var other = Authority("Another authority");
        await WriteAsync("ca.crt", authority.ExportCertificatePem());
        await WriteAsync("other.crt", other.ExportCertificatePem());
        await IssueAsync("server", "server", "localhost");
        await IssueAsync("client", "by_certificate", null);
        await PostgresServer.GiveToServerAccountAsync(Path.Combine(server.Folder, "server.key"));

        async Task IssueAsync(string file, string name, string? host)
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            if (host is not null)
            {
                var names = new SubjectAlternativeNameBuilder();
                names.AddDnsName(host);
                request.CertificateExtensions.Add(names.Build());
            }

            using var certificate = request.Create(
                authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
            await WriteAsync(file + ".crt", certificate.ExportCertificatePem());
            await WriteAsync(file + ".key", key.ExportPkcs8PrivateKeyPem());
        }

        async Task WriteAsync(string name, string text)
        {
            var path = Path.Combine(server.Folder, name);
            await File.WriteAllTextAsync(path, text);
            if (!OperatingSystem.IsWindows() && name.EndsWith(".key", StringComparison.Ordinal))
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
    }
}
