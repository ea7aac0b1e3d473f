using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Sessions;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class OpeningTests
{
    [Fact]
    public async Task A_directory_of_unix_sockets_is_a_host()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        var folder = (await box.Database.ScalarAsync<string>("SHOW unix_socket_directories"))!.Split(',')[0].Trim();
        Assert.StartsWith("/", folder, StringComparison.Ordinal);
        var target = box.Database.TargetFor(settings => settings.Host = folder);

        Assert.Single(await box.ApplyAllAsync(target));
        Assert.Contains(folder, target.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")] // yes to TLS, and then nothing
    public async Task A_silent_server_is_an_error_after_the_timeout_of_the_connection(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var end = new CancellationTokenSource();
        var serving = ServeAsync(listener, answer, end.Token);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var target = DatabaseTarget.Resolve(
            new ConnectionInput { ConnectionString = $"Host=127.0.0.1;Port={port};Username=u;Database=d;Timeout=1" }, _ => null);
        var clock = Stopwatch.StartNew();

        var error = await Assert.ThrowsAsync<ConnectionException>(
            () => DatabaseSession.OpenAsync(target, null, CancellationToken.None));

        Assert.Equal("ConnectionFailed", error.Code);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
        Assert.Contains(target.ToString(), error.Message, StringComparison.Ordinal);
        // The driver itself would wait on.
        await end.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task The_wait_for_a_locked_tracking_table_is_limited()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        await box.ApplyAllAsync();
        await using var other = await box.Database.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using var command = new Npgsql.NpgsqlCommand("LOCK TABLE schema_migrations", other, transaction);
        await command.ExecuteNonQueryAsync();

        var error = await Assert.ThrowsAsync<LockTimeoutException>(box.StatusAsync);

        Assert.Contains("schema_migrations", error.Message, StringComparison.Ordinal);
        Assert.Contains($"process {other.ProcessID}", error.Message, StringComparison.Ordinal);
        await transaction.RollbackAsync();
        Assert.Single(await box.StatusAsync());
    }

    [Fact]
    public async Task A_login_that_starts_as_another_role_writes_its_records_as_that_role()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"),
            ("002_b.sql", "-- pgmigrate: no-transaction\nCREATE TABLE b (i int);"));
        var owner = await box.CreateRoleAsync();
        var login = await box.CreateRoleAsync("LOGIN NOINHERIT");
        await box.Database.ExecuteAsync(
            $"GRANT {owner} TO {login}; ALTER ROLE {login} SET role = {owner}; CREATE SCHEMA app AUTHORIZATION {owner}");
        box.Options = box.Options with { Schema = "app" };
        var target = box.Database.TargetFor(settings => settings.Username = login);

        Assert.Equal(2, (await box.ApplyAllAsync(target)).Count);
        Assert.Equal(
            [owner, owner, owner, owner],
            await box.Database.ListAsync("SELECT tableowner::text FROM pg_tables WHERE schemaname = 'app'"));
        (await box.RunAsync(Sandbox.Undo with { Versions = ["1"] }, target)).Succeeded();
    }

    [Fact]
    public async Task Settings_of_the_database_neither_end_the_session_nor_change_how_a_file_is_read()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (t text DEFAULT 'c:\\');"), ("002_b.sql", "SELECT 1;"));
        await box.Database.ExecuteAsync($"ALTER DATABASE {box.Database.Name} SET standard_conforming_strings = off");
        if (PostgresServer.Major >= 14)
        {
            await box.Database.ExecuteAsync($"ALTER DATABASE {box.Database.Name} SET idle_session_timeout = '300ms'");
        }

        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        var applied = 0;
        await foreach (var step in migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))
        {
            if (step is StepFinished)
            {
                applied++;
                await Task.Delay(800);
            }
        }

        Assert.Equal(2, applied);
    }

    private static async Task ServeAsync(TcpListener listener, string answer, CancellationToken end)
    {
        using var client = await listener.AcceptTcpClientAsync(end);
        var stream = client.GetStream();
        var request = new byte[8];
        await stream.ReadExactlyAsync(request, end);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer), end);
        try
        {
            await Task.Delay(Timeout.Infinite, end);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
