using System.Runtime.CompilerServices;
using PgMigrate.Connections;
using PgMigrate.Errors;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>Connection strings, words and variables, read as libpq reads them; no server.</summary>
public class ConnectionReadingTests
{
    [Theory]
    [InlineData("postgres://username:otS33+tb/e4=@h/database")]
    [InlineData("postgres://qkm:kpRVYL8F6EWM-7%-d/VBHLMl@h/qkm")]
    [InlineData("postgres://username:otS33+tb/e4=@h:5432/database?sslmode=require")]
    [InlineData("postgres://username:12/otS33@h/database")]
    [InlineData("postgres://username:/otS33@h/database")]
    [InlineData("postgres://username:otS33/tb")]
    [InlineData("postgres://username:a@otS33/tb@h/database")]
    [InlineData("postgres://username:a?otS33@h/database")]
    [InlineData("postgres://username:1?otS33=2@h/database")]
    [InlineData("postgres://username:a@b?otS33@h/database")]
    [InlineData("postgres://username:a@b?otS33&tb=1@h/database")]
    [InlineData("postgres://username:a@h,otS33/b@h2/database")]
    [InlineData("postgresql+psycopg://user/name:otS33@h/database")]
    public void A_password_that_is_not_percent_encoded_is_rejected_and_not_shown(string text)
    {
        var error = Refused(text);

        Assert.Contains("percent-encoded", error.Message, StringComparison.Ordinal);
        Assert.Contains("EscapeDataString", error.Message, StringComparison.Ordinal);
        Assert.All(
            new[] { "otS33", "kpRV", "VBH", "username", "tb" },
            part => Assert.DoesNotContain(part, error.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("postgres://u:a%2Fb%40c%3Fd%23e%25f@h/d", "a/b@c?d#e%f")]
    [InlineData("postgres://u:a#b@h/d", "a#b")]
    [InlineData("postgres://u:a@b@h/d", "a@b")]
    [InlineData("postgres://u:a:b+c=&d@h/d", "a:b+c=&d")]
    [InlineData("postgres://u:p@h/d?user=u@example.org", "p")]
    [InlineData("postgres://h/d?user=u@example.org&password=p", "p")]
    public void A_password_that_is_unambiguous_is_used_unchanged(string text, string password) =>
        Assert.Equal(password, Setting(Resolve(text), "Password"));

    [Theory]
    [InlineData("Host=u:S3cr3t@h;Database=d")]
    [InlineData("Host=u:S3c/r3t;Database=d")]
    [InlineData("Host=u:S3cr3t;Database=d")]
    [InlineData("host=u:S3cr3t@h dbname=d")]
    public void A_host_that_is_part_of_a_connection_string_is_not_shown(string text) =>
        Assert.DoesNotContain("3cr3t", Refused(text).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("host=a,b port=1,5432 dbname=d user=u", "u@a:1,b:5432/d", "a,b", 1, "a:1,b:5432")]
    [InlineData("host=a,b port=5433 dbname=d user=u", "u@a:5433,b:5433/d", "a,b", 5433, "a,b")]
    [InlineData("host=a,b dbname=d user=u", "u@a:5432,b:5432/d", "a,b", 5432, "a,b")]
    [InlineData("host=a,b port=,1 dbname=d user=u", "u@a:5432,b:1/d", "a,b", 5432, "a:5432,b:1")]
    [InlineData("port=1,2 host=a,b dbname=d user=u", "u@a:1,b:2/d", "a,b", 1, "a:1,b:2")]
    [InlineData("host=,b port=1,2 dbname=d user=u", "u@localhost:1,b:2/d", "localhost,b", 1, "localhost:1,b:2")]
    [InlineData("host=/run/a,/run/b port=1,2 dbname=d user=u", "u@/run/a:1,/run/b:2/d", "/run/a,/run/b", 1, "/run/a:1,/run/b:2")]
    [InlineData("hostaddr=::1,10.0.0.1 port=1,2 dbname=d user=u", "u@::1:1,10.0.0.1:2/d", "::1,10.0.0.1", 1, "[::1]:1,10.0.0.1:2")]
    [InlineData("postgresql://u@a:1,b:5432/d", "u@a:1,b:5432/d", "a,b", 1, "a:1,b:5432")]
    [InlineData("postgresql://u@a:1,b/d", "u@a:1,b:5432/d", "a,b", 1, "a:1,b:5432")]
    [InlineData("postgresql://u@a,b:2/d", "u@a:5432,b:2/d", "a,b", 5432, "a:5432,b:2")]
    [InlineData("postgresql://u@[::1]:1,[::2]:2/d", "u@::1:1,::2:2/d", "::1,::2", 1, "[::1]:1,[::2]:2")]
    [InlineData("postgresql://u@a,b/d?port=1,2", "u@a:1,b:2/d", "a,b", 1, "a:1,b:2")]
    [InlineData("postgresql:///d?user=u&host=a,b&port=7", "u@a:7,b:7/d", "a,b", 7, "a,b")]
    [InlineData("Host=a:1,b:2;Database=d;Username=u", "u@a:1,b:2/d", "a,b", 1, "a:1,b:2")]
    [InlineData("Host=a:1,b;Port=9;Database=d;Username=u", "u@a:1,b:9/d", "a,b", 1, "a:1,b:9")]
    [InlineData("Host=a:1;Database=d;Username=u", "u@a:1/d", "a", 1, "a")]
    public void Each_host_has_its_port(string text, string shown, string names, int port, string driver)
    {
        var target = Resolve(text);

        Assert.Equal(shown, target.ToString());
        Assert.Equal((names, port), (target.Connection.HostName, target.Connection.Port));
        Assert.Equal(driver, Setting(target, "Host"));
    }

    [Theory]
    [InlineData("host=a,b port=1,2,3", "3 ports for 2 hosts")]
    [InlineData("host=a port=1,2", "2 ports for 1 host;")]
    [InlineData("host=a,b port=1,x", "'x' is not a port number")]
    [InlineData("host=a,b port=0,1", "'0' is not a port number")]
    [InlineData("host=a:x dbname=d", "not a port number")]
    [InlineData("host=a port=-1", "not a port number")]
    public void Ports_that_do_not_match_the_hosts_are_refused(string text, string said) =>
        Assert.Contains(said, Refused(text).Message, StringComparison.Ordinal);

    [Fact]
    public void The_variables_match_hosts_and_ports_as_well()
    {
        Assert.Equal("u@a:1,b:5432/d", Resolve(("PGHOST", "a,b"), ("PGPORT", "1,5432"), ("PGUSER", "u"), ("PGDATABASE", "d")));
        Assert.Equal("u@a:1,b:1/d", Resolve(("PGHOST", "a,b"), ("PGPORT", "1"), ("PGUSER", "u"), ("PGDATABASE", "d")));
        var error = Assert.Throws<ConnectionException>(() => Resolve(("PGHOST", "a"), ("PGPORT", "1,2")));
        Assert.Contains("PGPORT", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://other@A:1,B:5432/d")]
    [InlineData("host=a,b port=1,5432 dbname=d user=u")]
    [InlineData("Host=a:1,b;Database=d")]
    public void Several_hosts_are_the_same_database_in_every_notation(string text)
    {
        var piped = Resolve("postgresql://u@a:1,b:5432/d").Connection;

        Assert.True(Resolve(text).Connection.IsSameDatabase(piped));
        var again = DatabaseTarget.Resolve(new ConnectionInput { ConnectionString = text, Connection = piped }, _ => null);
        Assert.Equal("a:1,b:5432", Setting(again, "Host"), ignoreCase: true);
        Assert.Equal(
            "u@a:1,b:5432/d", DatabaseTarget.Resolve(new ConnectionInput { Connection = piped }, _ => null).ToString());
        Assert.False(Resolve("postgresql://u@a:1,b:5433/d").Connection.IsSameDatabase(piped));
        Assert.False(Resolve("postgresql://u@a:1/d").Connection.IsSameDatabase(piped));
    }

    [Theory]
    [InlineData("host")]
    [InlineData("port")]
    [InlineData("dbname")]
    [InlineData("user")]
    [InlineData("password")]
    [InlineData("passfile")]
    [InlineData("options")]
    [InlineData("application_name")]
    [InlineData("sslrootcert")]
    [InlineData("sslcert")]
    [InlineData("require_auth")]
    [InlineData("client_encoding")]
    public void An_empty_keyword_is_the_default(string word)
    {
        var me = Environment.UserName;
        Assert.Equal($"{me}@localhost:5432/{me}", Resolve($"postgresql:///?{word}=").ToString());
        Assert.Equal($"{me}@localhost:5432/{me}", Resolve($"{word}='' connect_timeout=5").ToString());
    }

    [Theory]
    [InlineData("sslmode", "disable, allow, prefer, require, verify-ca, verify-full")]
    [InlineData("sslnegotiation", "postgres, direct")]
    [InlineData("channel_binding", "disable, prefer, require")]
    [InlineData("gssencmode", "disable, prefer, require")]
    [InlineData("target_session_attrs", "read-write")]
    [InlineData("connect_timeout", "seconds")]
    public void An_empty_value_of_a_fixed_list_is_rejected_with_the_list(string word, string choices)
    {
        var error = Refused($"postgresql://u@h/d?{word}=");

        Assert.Contains($"'{word}' is empty", error.Message, StringComparison.Ordinal);
        Assert.Contains(choices, error.Message, StringComparison.Ordinal);
        Assert.Contains("not valid", Refused($"postgresql://u@h/d?{word}=2.5").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PGSSLMODE")]
    [InlineData("PGSSLNEGOTIATION")]
    [InlineData("PGCHANNELBINDING")]
    [InlineData("PGTARGETSESSIONATTRS")]
    [InlineData("PGCONNECT_TIMEOUT")]
    [InlineData("PGGSSENCMODE")]
    public void An_empty_variable_that_libpq_rejects_is_named(string variable)
    {
        var error = Assert.Throws<ConnectionException>(() => Resolve((variable, "")));

        Assert.Equal("ConnectionInvalid", error.Code);
        Assert.Contains(variable, error.Message, StringComparison.Ordinal);
        Assert.Throws<ConnectionException>(() => Resolve((variable, ""), ("DATABASE_URL", "postgresql://u@h/d")));
    }

    [Fact]
    public void Any_other_empty_variable_is_an_unset_one_as_for_psql()
    {
        var me = Environment.UserName;
        Assert.Equal(
            $"{me}@localhost:5432/{me}",
            Resolve(
                ("PGHOST", ""), ("PGHOSTADDR", ""), ("PGPORT", ""), ("PGUSER", ""), ("PGDATABASE", ""), ("PGPASSWORD", ""),
                ("PGPASSFILE", ""), ("PGOPTIONS", ""), ("PGSSLROOTCERT", ""), ("PGSSLCERT", ""), ("PGSSLKEY", ""),
                ("PGREQUIREAUTH", "")));
        var error = Assert.Throws<ConnectionException>(() => Resolve(("PGSERVICE", "")));
        Assert.Equal("ServiceNotFound", error.Code);
        Assert.Contains("empty", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\n")]
    public void An_empty_connection_variable_is_named_and_nothing_else_is_tried(string value)
    {
        var error = Assert.Throws<ConnectionException>(() => Resolve(("DATABASE_URL", value), ("PGHOST", "h")));

        Assert.Equal("ConnectionInvalid", error.Code);
        Assert.Contains("DATABASE_URL is set but empty", error.Message, StringComparison.Ordinal);
        var named = Assert.Throws<ConnectionException>(() => DatabaseTarget.Resolve(
            new ConnectionInput { ConnectionName = "x" }, name => name == "DATABASE_URL_X" ? value : null));
        Assert.Contains("DATABASE_URL_X, which is set but empty", named.Message, StringComparison.Ordinal);
        Assert.Equal(
            "h",
            DatabaseTarget.Resolve(
                new ConnectionInput { HostName = "h" }, name => name == "DATABASE_URL" ? value : null).Connection.HostName);
    }

    [Theory]
    [InlineData("require", true)]
    [InlineData("verify-ca", true)]
    [InlineData("verify-full", true)]
    [InlineData("prefer", false)]
    [InlineData("allow", false)]
    [InlineData("disable", false)]
    public void Direct_tls_needs_a_mode_that_requires_tls(string mode, bool isRight)
    {
        var text = $"postgresql://u@h/d?sslnegotiation=direct&sslmode={mode}";
        if (isRight)
        {
            Assert.Equal("Direct", Setting(Resolve(text), "SSL Negotiation"));
        }
        else
        {
            Assert.Contains("set sslmode to require", Refused(text).Message, StringComparison.Ordinal);
        }

        Assert.Contains("sslnegotiation=direct", Refused("Host=h;SSL Negotiation=Direct").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_systems_authorities_mean_full_verification()
    {
        string[] texts = ["postgresql://u@h/d?sslrootcert=system", "Host=h;Root Certificate=system", "postgresql://u@h/d?sslrootcert=system&sslmode=verify-full"];
        Assert.All(texts, text => Assert.Equal("VerifyFull", Setting(Resolve(text), "SSL Mode")));
        Assert.Equal(
            "VerifyFull",
            Setting(
                DatabaseTarget.Resolve(
                    new ConnectionInput { ConnectionString = "postgresql://u@h/d" },
                    name => name == "PGSSLROOTCERT" ? "system" : null),
                "SSL Mode"));
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("prefer")]
    [InlineData("require")]
    [InlineData("verify-ca")]
    public void The_systems_authorities_with_a_weaker_mode_are_refused(string mode)
    {
        Assert.Contains(
            "sslmode=verify-full",
            Refused($"postgresql://u@h/d?sslmode={mode}&sslrootcert=system").Message,
            StringComparison.Ordinal);
        Assert.Throws<ConnectionException>(() => Resolve(("PGSSLROOTCERT", "system"), ("PGSSLMODE", mode)));
        Assert.Throws<ConnectionException>(() => DatabaseTarget.Resolve(
            new ConnectionInput { ConnectionString = "postgresql://u@h/d?sslrootcert=system", SslMode = SslMode.Require },
            _ => null));
    }

    [Theory]
    [InlineData("", "Password,MD5,GSS,SSPI,ScramSHA256,None")]
    [InlineData("scram-sha-256", "ScramSHA256")]
    [InlineData("md5, scram-sha-256", "MD5,ScramSHA256")]
    [InlineData("!password,!md5,!none", "GSS,SSPI,ScramSHA256")]
    [InlineData("!oauth", "Password,MD5,GSS,SSPI,ScramSHA256,None")]
    [InlineData("none", "None")]
    public void Required_authentication_methods_are_read_in_libpqs_spelling(string value, string modes)
    {
        Assert.Equal(modes, Setting(Resolve($"postgresql://u@h/d?require_auth={value}"), "Require Auth"));
        Assert.Equal(
            modes,
            Setting(
                DatabaseTarget.Resolve(
                    new ConnectionInput { ConnectionString = "Host=h" }, name => name == "PGREQUIREAUTH" ? value : null),
                "Require Auth"));
    }

    [Theory]
    [InlineData("require_auth=scram", "scram-sha-256")]
    [InlineData("require_auth=md5,!none", "with and without '!'")]
    [InlineData("require_auth=oauth", "-TokenProvider")]
    [InlineData("require_auth=!password,!md5,!gss,!sspi,!scram-sha-256,!none", "every authentication method")]
    [InlineData("require_auth=password&channel_binding=require", "channel_binding=require needs scram-sha-256")]
    [InlineData("require_auth=!scram-sha-256&channel_binding=require", "channel_binding=require needs scram-sha-256")]
    public void Impossible_required_authentication_methods_are_rejected(string words, string said) =>
        Assert.Contains(said, Refused("postgresql://u@h/d?" + words).Message, StringComparison.Ordinal);

    [Fact]
    public void Channel_binding_accepts_only_the_login_that_has_it()
    {
        Assert.Equal("ScramSHA256", Setting(Resolve("postgresql://u@h/d?channel_binding=require"), "Require Auth"));
        Assert.Equal("ScramSHA256", Setting(Resolve("Host=h;Channel Binding=Require"), "Require Auth"));
        Assert.Equal(
            "ScramSHA256",
            Setting(Resolve("postgresql://u@h/d?channel_binding=require&require_auth=!password"), "Require Auth"));
    }

    [Fact]
    public void A_variable_fills_what_the_connection_string_leaves_out()
    {
        DatabaseTarget Resolved(string text) => DatabaseTarget.Resolve(
            new ConnectionInput { ConnectionString = text },
            name => name switch { "PGSSLMODE" => "require", "PGHOST" => "other", _ => null });

        Assert.Equal("Require", Setting(Resolved("postgresql://u@h/d"), "SSL Mode"));
        Assert.Equal("Disable", Setting(Resolved("Host=h;SSL Mode=Disable"), "SSL Mode"));
        Assert.Equal("h", Resolved("postgresql://u@h/d").Connection.HostName);
        Assert.Equal("localhost", Resolved("postgresql://u@/d").Connection.HostName);
    }

    [Fact]
    public void A_login_without_a_password_uses_only_a_password_of_the_same_login()
    {
        string? Password(string user, string text) => Setting(
            DatabaseTarget.Resolve(new ConnectionInput { ConnectionString = text, UserName = user }, _ => null), "Password");

        Assert.Equal("p", Password("u", "postgresql://u:p@h/d"));
        Assert.Equal("", Password("other", "postgresql://u:p@h/d") ?? "");
        Assert.Equal("p", Password("u", "Host=h;Username=u;Password=p"));
        var target = DatabaseTarget.Resolve(
            new ConnectionInput { ConnectionString = "postgresql://u:p@h/d", UserName = "other" }, _ => null);
        Assert.Equal("other@h:5432/d", target.ToString());
    }

    [Fact]
    public void Text_is_always_sent_as_utf8()
    {
        using var source = Resolve("Host=h;Encoding=latin1;Client Encoding=LATIN1").ToDataSource("test");
        var settings = new Npgsql.NpgsqlConnectionStringBuilder(source.ConnectionString);

        Assert.Equal(("UTF8", "UTF8"), (settings.Encoding, settings.ClientEncoding));
    }

    private static DatabaseTarget Resolve(string text) =>
        DatabaseTarget.Resolve(new ConnectionInput { ConnectionString = text }, _ => null);

    private static string Resolve(params (string Name, string Value)[] variables) => DatabaseTarget.Resolve(
        new ConnectionInput(), name => Array.Find(variables, variable => variable.Name == name).Value).ToString();

    private static ConnectionException Refused(string text)
    {
        var error = Assert.Throws<ConnectionException>(() => Resolve(text));
        Assert.Equal("ConnectionInvalid", error.Code);
        return error;
    }

    private static string? Setting(DatabaseTarget target, string keyword) => Convert.ToString(
        new Npgsql.NpgsqlConnectionStringBuilder(SettingsOf(target.Connection))[keyword],
        System.Globalization.CultureInfo.InvariantCulture);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_settings")]
    private static extern ref string SettingsOf(Connection connection);
}
