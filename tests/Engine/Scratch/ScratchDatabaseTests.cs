using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Scratch;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Scratch;

/// <summary>The life of scratch databases.</summary>
public class ScratchDatabaseTests
{
    [Fact]
    public void A_name_says_when_and_from_where_it_was_made()
    {
        var time = new DateTimeOffset(2026, 11, 30, 11, 5, 9, TimeSpan.Zero);

        var name = ScratchName.Make(time, "Build-Host_01.example.org", "0a1b2c3d");

        Assert.Equal("pgmigrate_scratch_20261130t110509z_buildhost01examp_0a1b2c3d", name);
        Assert.Equal(time, ScratchName.TimeOf(name));
        Assert.True(PgMigrate.Sql.SqlIdentifier.Fits(name));
        Assert.Null(ScratchName.TimeOf("pgmigrate_scratch_mine"));
        Assert.Null(ScratchName.TimeOf("other_20261130t110509z_h_0"));
    }

    [Fact]
    public async Task It_is_there_while_it_is_used_and_gone_afterwards()
    {
        string name;
        await using (var database = await ScratchDatabase.CreateAsync(await Loading.ServerAsync(), CancellationToken.None))
        {
            name = database.Name;
            Assert.True(await Loading.ExistsAsync(name));
        }

        Assert.False(await Loading.ExistsAsync(name));
    }

    [Fact]
    public async Task It_is_dropped_while_a_session_is_in_it()
    {
        var database = await ScratchDatabase.CreateAsync(await Loading.ServerAsync(), CancellationToken.None);
        await using var session = await database.OpenAsync(CancellationToken.None);

        await database.DisposeAsync();

        Assert.False(await Loading.ExistsAsync(database.Name));
        Assert.Empty(database.Server.Undropped);
    }

    [Fact]
    public async Task A_clone_has_what_its_origin_has()
    {
        await using var database = await ScratchDatabase.CreateAsync(await Loading.ServerAsync(), CancellationToken.None);
        await SchemaLoader.LoadAsync(database, [Loading.Text("CREATE TABLE t (id int)")], CancellationToken.None);

        await using var clone = await database.CloneAsync(CancellationToken.None);

        Assert.Equal(["t"], await clone.TablesAsync());
        Assert.NotEqual(database.Name, clone.Name);
    }

    [Fact]
    public async Task Nothing_stays_when_the_making_is_stopped()
    {
        await using var sandbox = await Sandbox.CreateAsync();
        var role = await sandbox.CreateRoleAsync("LOGIN CREATEDB");
        var server = await ScratchServer.ResolveAsync(
            sandbox.Database.TargetFor(settings => settings.Username = role), null, onTarget: false, _ => null, CancellationToken.None);
        foreach (var wait in new[] { 0, 2, 5, 10, 20, 40, 80 })
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(wait));
            try
            {
                await using var database = await ScratchDatabase.CreateAsync(server, stop.Token);
            }
            catch (OperationCanceledException)
            {
                // Where it was stopped depends on the machine.
            }
        }

        Assert.Empty(server.Undropped);
        Assert.Empty(await sandbox.Database.ListAsync($"SELECT datname FROM pg_database WHERE datdba = '{role}'::regrole"));
    }

    [Fact]
    public async Task Leftovers_older_than_an_hour_without_a_session_are_dropped_and_named()
    {
        var old = ScratchName.Make(DateTimeOffset.UtcNow.AddHours(-2), "killed", "00test");
        var used = ScratchName.Make(DateTimeOffset.UtcNow.AddHours(-2), "used", "01test");
        var young = ScratchName.Make(DateTimeOffset.UtcNow.AddMinutes(-50), "young", "02test");
        await using var first = await TestDatabase.CreateAsync(old);
        await using var second = await TestDatabase.CreateAsync(used);
        await using var third = await TestDatabase.CreateAsync(young);
        await using var session = await second.ConnectAsync();
        var server = await Loading.ServerAsync();

        var dropped = await server.RemoveLeftoversAsync(CancellationToken.None);

        Assert.Equal([old], dropped);
        Assert.False(await Loading.ExistsAsync(old));
        Assert.True(await Loading.ExistsAsync(used));
        Assert.True(await Loading.ExistsAsync(young));
    }

    [Fact]
    public async Task Encoding_locale_and_settings_are_those_of_the_database_that_counts()
    {
        await using var like = await TestDatabase.CreateAsync(encoding: "LATIN1");
        await like.ExecuteAsync($"ALTER DATABASE \"{like.Name}\" SET search_path TO app, \"Odd Name\", public");
        await like.ExecuteAsync($"ALTER DATABASE \"{like.Name}\" SET timezone TO 'Asia/Tokyo'");
        await using var database = await ScratchDatabase.CreateAsync(await Loading.ServerAsync(like), CancellationToken.None);

        await SchemaLoader.LoadAsync(
            database,
            [Loading.Text("CREATE SCHEMA app; CREATE TABLE t (at timestamptz DEFAULT '2020-01-01 00:00');")],
            CancellationToken.None);

        Assert.Equal(["LATIN1"], await database.ListAsync("SELECT getdatabaseencoding()"));
        Assert.Equal(["app"], await database.ListAsync("SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 't'"));
        Assert.Equal(
            ["'2019-12-31 15:00:00+00'::timestamp with time zone"],
            await database.ListAsync("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"));
    }

    [Fact]
    public async Task A_login_without_createdb_is_told_the_way_out()
    {
        await using var sandbox = await Sandbox.CreateAsync();
        var role = await sandbox.CreateRoleAsync("LOGIN");
        var target = sandbox.Database.TargetFor(settings => settings.Username = role);

        var error = await Assert.ThrowsAsync<InitializationException>(
            () => ScratchServer.ResolveAsync(target, null, onTarget: false, _ => null, CancellationToken.None));

        Assert.Equal(ErrorCodes.ScratchDenied, error.Code);
        Assert.Contains($"ALTER ROLE \"{role}\" CREATEDB", error.Message, StringComparison.Ordinal);
        Assert.Contains("-ScratchConnection", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("db.example.org", false, false)]
    [InlineData("db.example.org", true, true)]
    [InlineData("localhost", false, true)]
    [InlineData("127.0.0.1", false, true)]
    [InlineData("::1", false, true)]
    [InlineData("/var/run/postgresql", false, true)]
    [InlineData("localhost,db.example.org", false, false)]
    public void Another_machine_is_used_only_when_that_is_asked_for(string host, bool onTarget, bool isUsed)
    {
        var connection = DatabaseTarget.Resolve(new ConnectionInput { HostName = host, Database = "app" }, _ => null);
        if (isUsed)
        {
            Assert.Same(connection, ScratchPlace.Choose(connection, null, onTarget, _ => null));
            return;
        }

        var error = Assert.Throws<InitializationException>(() => ScratchPlace.Choose(connection, null, onTarget, _ => null));
        Assert.Equal(ErrorCodes.ScratchServerMissing, error.Code);
    }

    [Fact]
    public void The_parameter_comes_before_the_variable_and_an_empty_variable_is_an_error()
    {
        var given = DatabaseTarget.Resolve(new ConnectionInput { HostName = "given", Database = "app" }, _ => null);

        Assert.Same(given, ScratchPlace.Choose(null, given, onTarget: false, _ => "postgres://variable/x"));
        Assert.Equal("variable", ScratchPlace.Choose(given, null, onTarget: true, Variable("postgres://variable/x")).Connection.HostName);
        Assert.Equal(
            ErrorCodes.ConnectionInvalid,
            Assert.Throws<ConnectionException>(() => ScratchPlace.Choose(given, null, onTarget: true, Variable(" "))).Code);
        Assert.Equal(
            ErrorCodes.ScratchServerMissing,
            Assert.Throws<InitializationException>(() => ScratchPlace.Choose(null, null, onTarget: true, Variable(null))).Code);

        static Func<string, string?> Variable(string? value) =>
            name => name == ScratchPlace.Variable ? value : null;
    }
}
