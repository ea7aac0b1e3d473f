using System.Runtime.CompilerServices;
using System.Text.Json;
using PgMigrate.Connections;
using PgMigrate.Errors;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class DatabaseTargetTests
{
    private const string Secret = "S3cr3t!";

    [Theory]
    [InlineData("Host=h;Port=5433;Database=d;Username=u", "u@h:5433/d")]
    [InlineData("Server=h;User Id=u;Database=d", "u@h:5432/d")]
    [InlineData("postgresql://u@h:5433/d", "u@h:5433/d")]
    [InlineData("postgres://u:p@h/d", "u@h:5432/d")]
    [InlineData("POSTGRESQL://u@h/d", "u@h:5432/d")]
    [InlineData("postgresql+psycopg://u:p@h/d", "u@h:5432/d")]
    [InlineData("  postgresql://u@h/d \n", "u@h:5432/d")]
    [InlineData("postgresql://us%40er:p%2Fw@h/d%20b", "us@er@h:5432/d b")]
    [InlineData("postgresql://u:p@ss@h/d", "u@h:5432/d")]
    [InlineData("postgresql://u@[::1]:5433/d", "u@::1:5433/d")]
    [InlineData("postgresql://u@[::1]/d", "u@::1:5432/d")]
    [InlineData("postgresql://u@/d?host=/var/run/postgresql", "u@/var/run/postgresql:5432/d")]
    [InlineData("postgresql://u@%2Fvar%2Frun/d", "u@/var/run:5432/d")]
    [InlineData("postgresql:///d?user=u&host=h&port=5433", "u@h:5433/d")]
    [InlineData("postgresql://u@h", "u@h:5432/u")]
    [InlineData("postgresql://u@a:1,b:2/d", "u@a:1,b:2/d")]
    [InlineData("postgresql://u@h/d?dbname=e", "u@h:5432/e")]
    public void Connection_strings_are_read_in_every_common_notation(string text, string expected)
    {
        var target = Resolve(new ConnectionInput { ConnectionString = text });

        Assert.Equal(expected, target.ToString());
        Assert.Equal("-ConnectionString", target.Source);
    }

    [Theory]
    [InlineData("disable", "Disable")]
    [InlineData("allow", "Allow")]
    [InlineData("prefer", "Prefer")]
    [InlineData("require", "Require")]
    [InlineData("verify-ca", "VerifyCA")]
    [InlineData("verify-full", "VerifyFull")]
    public void Libpqs_keywords_for_tls_are_known(string word, string mode)
    {
        var fromUri = Resolve(new ConnectionInput { ConnectionString = $"postgresql://u@h/d?sslmode={word}" });
        var fromVariable = Resolve(new ConnectionInput(), ("PGSSLMODE", word));

        Assert.Equal(mode, Setting(fromUri, "SSL Mode"));
        Assert.Equal(mode, Setting(fromVariable, "SSL Mode"));
    }

    [Theory]
    [InlineData("connect_timeout=7", "Timeout", "7")]
    [InlineData("application_name=x", "Application Name", "x")]
    [InlineData("options=-c%20work_mem%3D1MB", "Options", "-c work_mem=1MB")]
    [InlineData("target_session_attrs=read-write", "Target Session Attributes", "read-write")]
    [InlineData("password=a%26b", "Password", "a&b")]
    [InlineData("client_encoding=utf8", "Database", "d")]
    [InlineData("client_encoding=auto", "Database", "d")]
    [InlineData("sslrootcert=%2Fc.pem", "Root Certificate", "/c.pem")]
    public void Parameters_of_a_uri_are_used(string parameter, string keyword, string value) => Assert.Equal(
        value, Setting(Resolve(new ConnectionInput { ConnectionString = "postgresql://u@h/d?" + parameter }), keyword));

    [Theory]
    [InlineData("postgresql://u:S3cr3t!@h:99999/d", "'99999' is not a port number")]
    [InlineData("postgresql://u:S3cr3t!@h:0/d", "'0' is not a port number")]
    [InlineData("postgresql://u:S3cr3t!@h:x/d", "'x' is not a port number")]
    [InlineData("postgresql://u:S3cr3t!%zz@h/d", "'%'")]
    [InlineData("postgresql://u:S3cr3t!%4@h/d", "'%'")]
    [InlineData("postgresql://u:S3cr3t!@h/d?sslmodus=require", "'sslmodus' is not known")]
    [InlineData("postgresql://u:S3cr3t!@h/d?sslmode=S3cr3t!", "'sslmode'")]
    [InlineData("postgresql://u:S3cr3t!@h/d?connect_timeout=S3cr3t!", "'connect_timeout'")]
    [InlineData("postgresql://u:S3cr3t!@h/d?client_encoding=latin1", "client_encoding")]
    [InlineData("postgresql://u:S3cr3t!@h/d?sslmode", "has no value")]
    [InlineData("mysql://u:S3cr3t!@h/d", "neither")]
    [InlineData("Host=h;Password=S3cr3t!;Port=x", "neither")]
    [InlineData("Host=h;Password=S3cr3t!;Timeout=S3cr3t!", "'timeout'")]
    [InlineData("Host=h;Password=abc;SCRT=1", "neither")] // the end of a password that holds a semicolon
    [InlineData("S3cr3t!", "neither")]
    public void The_error_for_an_invalid_connection_string_shows_no_secret(string text, string said)
    {
        var error = Assert.Throws<ConnectionException>(
            () => Resolve(new ConnectionInput { ConnectionString = text }));

        Assert.Equal("ConnectionInvalid", error.Code);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains("-ConnectionString", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cr", error.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("scrt", error.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("host=h port=5433 dbname=d user=u password=S3cr3t!", "u@h:5433/d")]
    [InlineData("  host = h\n dbname='d x' user=u password='S3cr3t!'", "u@h:5432/d x")]
    [InlineData("user=u password=S3cr3t! hostaddr=10.0.0.1 dbname=d sslmode=verify-full", "u@10.0.0.1:5432/d")]
    [InlineData("host=/run/pg dbname=it\\'s user=u password=S3cr3t\\!", "u@/run/pg:5432/it's")]
    public void Libpq_keywords_are_read_as_psql_does(string text, string expected)
    {
        var target = Resolve(new ConnectionInput(), ("DATABASE_URL", text));

        Assert.Equal(expected, target.ToString());
        Assert.Equal("S3cr3t!", Setting(target, "Password"));
    }

    [Theory]
    [InlineData("host=h")]
    [InlineData("host=h;password=S3cr3t!;database=d;username=u")]
    [InlineData("Host=h;Database=d x;Username=u;Application Name=a=b c=d")]
    public void Keywords_of_the_driver_are_not_read_as_libpq_keywords(string text) =>
        Assert.Equal("h", Setting(Resolve(new ConnectionInput { ConnectionString = text }), "Host"));

    [Theory]
    [InlineData("Host=127.0.0.1,Password=S3cr3t!", null, null)]
    [InlineData("Host=h port=1 dbname=d password=S3cr3t!", null, null)]
    [InlineData("host=h dbname=d pasword=S3cr3t!", null, null)]
    [InlineData(null, "postgresql://u:S3cr3t!@h/d", null)]
    [InlineData(null, "h", "postgresql://u:S3cr3t!@h/d")]
    [InlineData(null, "h", "d password=S3cr3t!")]
    public void A_connection_string_in_the_wrong_place_is_not_shown(string? text, string? host, string? database)
    {
        var error = Assert.Throws<ConnectionException>(() => Resolve(
            new ConnectionInput { ConnectionString = text, HostName = host, Database = database }));

        Assert.Equal("ConnectionInvalid", error.Code);
        Assert.DoesNotContain("S3cr", error.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("-ConnectionString", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_parts_come_before_the_variables()
    {
        var target = Resolve(
            new ConnectionInput { HostName = "h", Database = "d" },
            ("PGHOST", "other"), ("PGPORT", "5433"), ("PGDATABASE", "other"), ("PGUSER", "u"), ("PGPASSWORD", Secret),
            ("DATABASE_URL", "postgresql://x@x/x"));

        Assert.Equal("u@h:5433/d", target.ToString());
        Assert.Equal(Secret, Setting(target, "Password"));
        Assert.Equal("the parameters and PG* variables", target.Source);
    }

    [Fact]
    public void Database_url_comes_before_the_pg_variables()
    {
        var target = Resolve(
            new ConnectionInput(), ("DATABASE_URL", "postgresql://u@h/d"), ("PGHOST", "x"), ("PGDATABASE", "x"));

        Assert.Equal("u@h:5432/d", target.ToString());
        Assert.Equal("the variable DATABASE_URL", target.Source);
    }

    [Fact]
    public void Without_any_setting_the_defaults_are_those_of_psql() => Assert.Equal(
        $"{Environment.UserName}@localhost:5432/{Environment.UserName}", Resolve(new ConnectionInput()).ToString());

    [Theory]
    [InlineData("PGPORT", "x", "ConnectionInvalid")]
    [InlineData("PGPORT", "70000", "ConnectionInvalid")]
    [InlineData("PGSSLMODE", "maybe", "ConnectionInvalid")]
    public void A_variable_that_cannot_be_used_is_an_error(string variable, string value, string code)
    {
        var error = Assert.Throws<ConnectionException>(() => Resolve(new ConnectionInput(), (variable, value)));

        Assert.Equal(code, error.Code);
        Assert.Contains(variable, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_name_reads_its_variable()
    {
        var target = Resolve(
            new ConnectionInput { ConnectionName = "analytics" },
            ("DATABASE_URL_ANALYTICS", $"postgresql://u:{Secret}@h/d"), ("DATABASE_URL", "postgresql://x@x/x"));

        Assert.Equal("u@h:5432/d", target.ToString());
        Assert.Equal("the variable DATABASE_URL_ANALYTICS", target.Source);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void An_unset_connection_name_is_an_error_and_no_fallback(string? value)
    {
        var error = Assert.Throws<ConnectionException>(() => DatabaseTarget.Resolve(
            new ConnectionInput { ConnectionName = "analytics" },
            name => name == "DATABASE_URL_ANALYTICS" ? value : "postgresql://x@x/x"));

        Assert.Equal("ConnectionNameUnset", error.Code);
        Assert.Contains("DATABASE_URL_ANALYTICS", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<ConnectionInput> Contradictions =>
    [
        new ConnectionInput { ConnectionString = "Host=h", HostName = "h" },
        new ConnectionInput { ConnectionString = "Host=h", Port = 1 },
        new ConnectionInput { ConnectionString = "Host=h", Database = "d" },
        new ConnectionInput { ConnectionString = "Host=h", ConnectionName = "x" },
        new ConnectionInput { ConnectionName = "x", Database = "d" },
    ];

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Two_ways_to_name_a_database_contradict_each_other(ConnectionInput input) => Assert.Equal(
        "ConnectionAmbiguous", Assert.Throws<ConnectionException>(() => Resolve(input)).Code);

    [Fact]
    public void A_credential_and_a_tls_mode_override_any_source()
    {
        var login = new ConnectionInput { UserName = "me", Password = Secret, SslMode = SslMode.VerifyFull };
        var piped = Resolve(new ConnectionInput { ConnectionString = "Host=h;Database=d;Username=u;Password=p" });
        DatabaseTarget[] targets =
        [
            Resolve(login with { ConnectionString = "postgresql://u:p@h/d?sslmode=disable" }),
            Resolve(login with { ConnectionName = "x" }, ("DATABASE_URL_X", "postgresql://u:p@h/d")),
            Resolve(login, ("DATABASE_URL", "postgresql://u:p@h/d")),
            Resolve(login, ("PGHOST", "h"), ("PGDATABASE", "d"), ("PGUSER", "u"), ("PGPASSWORD", "p")),
            Resolve(login with { Connection = piped.Connection }),
        ];

        Assert.All(targets, target =>
        {
            Assert.Equal("me@h:5432/d", target.ToString());
            Assert.Equal(Secret, Setting(target, "Password"));
            Assert.Equal("VerifyFull", Setting(target, "SSL Mode"));
        });
    }

    [Fact]
    public void A_piped_connection_is_used_again_with_its_password()
    {
        var first = Resolve(new ConnectionInput { ConnectionString = $"postgresql://u:{Secret}@h:5433/d" });

        var second = Resolve(
            new ConnectionInput { Connection = first.Connection }, ("DATABASE_URL", "postgresql://x@x/x"));

        Assert.Equal("u@h:5433/d", second.ToString());
        Assert.Equal(Secret, Setting(second, "Password"));
        Assert.Equal("the piped object", second.Source);
    }

    [Theory]
    [InlineData("postgresql://u@h:5433/d", false)]
    [InlineData("postgresql://other@H:5433/d", false)]
    [InlineData("postgresql://u@h:5432/d", true)]
    [InlineData("postgresql://u@i:5433/d", true)]
    [InlineData("postgresql://u@h:5433/D", true)]
    public void A_piped_object_of_another_database_is_a_mismatch(string text, bool isMismatch)
    {
        var piped = Resolve(new ConnectionInput { ConnectionString = $"postgresql://u:{Secret}@h:5433/d" }).Connection;
        var input = new ConnectionInput { ConnectionString = text, Connection = piped };

        if (isMismatch)
        {
            var error = Assert.Throws<ConnectionException>(() => Resolve(input));
            Assert.Equal("TargetMismatch", error.Code);
            Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(5433, Resolve(input).Connection.Port);
        }
    }

    [Theory]
    [InlineData("postgresql://u:S3cr3t!@h/d")]
    [InlineData("Host=h;Username=u;Database=d;Password=S3cr3t!")]
    [InlineData("postgresql://u@h/d?password=S3cr3t!&sslpassword=S3cr3t!")]
    public void No_text_of_a_target_shows_its_password(string text)
    {
        var target = Resolve(new ConnectionInput { ConnectionString = text });
        var input = new ConnectionInput { ConnectionString = text, Password = Secret, UserName = "u" };

        Assert.Equal(Secret, Setting(target, "Password"));
        string[] texts =
        [
            target.ToString(), target.Source, target.Connection.ToString(), input.ToString(),
            JsonSerializer.Serialize(target), JsonSerializer.Serialize(target.Connection),
            .. OutputsWith(target.Connection).Select(output => JsonSerializer.Serialize(output, output.GetType())),
            .. OutputsWith(target.Connection).Select(output => output.ToString()!),
        ];
        Assert.All(texts, shown => Assert.DoesNotContain("S3cr3t", shown, StringComparison.Ordinal));
    }

    [Fact]
    public void The_engine_requests_kerberos_encryption_only_when_configured()
    {
        Assert.Equal("Disable", Setting(Resolve(new ConnectionInput()), "GSS Encryption Mode"));
        Assert.Equal(
            "Prefer",
            Setting(
                Resolve(new ConnectionInput { ConnectionString = "postgresql://u@h/d?gssencmode=prefer" }),
                "GSS Encryption Mode"));
    }

    private static object[] OutputsWith(Connection connection) =>
    [
        new MigrationStatus
        {
            Order = 1, Version = "1", VersionKey = "1", Name = "a", FileName = "a", Module = "m", Schema = "s", HistoryTable = "h",
            Connection = connection, State = nameof(MigrationState.Applied),
        },
        new MigrationStatusSummary
        {
            IsUpToDate = true, Total = 1, Applied = 1, Pending = 0, OutOfOrder = 0, Modified = 0, Missing = 0,
            Files = 1,
            Module = "m", Schema = "s", HistoryTable = "h", Connection = connection,
        },
        new MigrationLogEntry
        {
            Id = 1, At = default, Event = "applied", Module = "m", Version = "1", VersionKey = "1", FileName = "a", Actor = "x",
            Connection = connection,
        },
        new MigrationResult
        {
            Order = 1, Version = "1", VersionKey = "1", Name = "a", FileName = "a", Module = "m", Schema = "s", HistoryTable = "h",
            Connection = connection, Direction = nameof(MigrationDirection.Apply), Outcome = nameof(MigrationOutcome.Applied),
            StatementCount = 1,
        },
        new MigrationRunSummary
        {
            Status = nameof(RunStatus.Success), Results = [], Module = "m", Schema = "s", HistoryTable = "h",
            Connection = connection,
        },
    ];

    private static DatabaseTarget Resolve(ConnectionInput input, params (string Name, string Value)[] variables) =>
        DatabaseTarget.Resolve(
            input, name => Array.Find(variables, variable => variable.Name == name).Value);

    private static string? Setting(DatabaseTarget target, string keyword) => Convert.ToString(
        new Npgsql.NpgsqlConnectionStringBuilder(SettingsOf(target.Connection))[keyword],
        System.Globalization.CultureInfo.InvariantCulture);

    // Only the engine may read it; a test that looks for leaks has to know what must not leak.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_settings")]
    private static extern ref string SettingsOf(Connection connection);
}
