using System.Net.Sockets;
using Npgsql;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Scratch;

/// <summary>A database that was made for one comparison. It is dropped on every way out.</summary>
internal sealed class ScratchDatabase : IAsyncDisposable
{
    private const int MostAttempts = 3;
    private static readonly TimeSpan DropLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DropPause = TimeSpan.FromMilliseconds(200);
    private bool _isDropped;

    private ScratchDatabase(ScratchServer server, string name)
    {
        Server = server;
        Name = name;
        Target = server.Target.WithDatabase(name);
    }

    /// <summary>The server that it is on.</summary>
    public ScratchServer Server { get; }

    /// <summary>Its name, which says when and from where it was made.</summary>
    public string Name { get; }

    /// <summary>How to connect to it.</summary>
    public DatabaseTarget Target { get; }

    /// <summary>Makes an empty one, with the encoding and the locale of the database that counts.</summary>
    /// <exception cref="PgMigrateException">The server refuses it.</exception>
    public static Task<ScratchDatabase> CreateAsync(ScratchServer server, CancellationToken cancellationToken) =>
        CreateAsync(server, $"TEMPLATE template0{server.Like?.CreateOptions()}", cancellationToken);

    /// <summary>Makes a copy of this one. No session may be in it.</summary>
    /// <exception cref="PgMigrateException">The server refuses it.</exception>
    public Task<ScratchDatabase> CloneAsync(CancellationToken cancellationToken) =>
        CreateAsync(Server, $"TEMPLATE {SqlIdentifier.Quote(Name)}", cancellationToken);

    /// <summary>
    /// A session to read the catalogs in: its settings make the server write every value the same way.
    /// </summary>
    public async Task<DatabaseSession> OpenAsync(CancellationToken cancellationToken) =>
        await OpenAsync(ScratchSettings.Reading, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// A session to load SQL in: with the settings of the database that counts, and without checks of function bodies.
    /// </summary>
    public async Task<DatabaseSession> OpenForLoadAsync(CancellationToken cancellationToken) =>
        await OpenAsync(ScratchSettings.ForLoad(Server), cancellationToken).ConfigureAwait(false);

    /// <summary>Drops it; never throws. One that stays is named by its server.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDropped)
        {
            return;
        }

        _isDropped = true;
        if (await TryDropAsync(Server, Name).ConfigureAwait(false) is { } reason)
        {
            Server.AddUndropped(Name, reason);
        }
    }

    private static async Task<ScratchDatabase> CreateAsync(
        ScratchServer server, string options, CancellationToken cancellationToken)
    {
        var name = ScratchName.New();
        try
        {
            await server.ExecuteAsync($"CREATE DATABASE {SqlIdentifier.Quote(name)} {options}", cancellationToken)
                .ConfigureAwait(false);
            return new ScratchDatabase(server, name);
        }
        catch (PostgresException e) when (e.SqlState != PostgresErrorCodes.QueryCanceled)
        {
            throw server.CreateFailed(name, e);
        }
        catch
        {
            // The server may have made it before it heard that nobody waits any more.
            if (await TryDropAsync(server, name).ConfigureAwait(false) is { } reason)
            {
                server.AddUndropped(name, reason);
            }

            throw;
        }
    }

    // Returns why it could not be dropped; null when it is gone. Its own time limit, since a command that was stopped
    // has to clean up as well.
    private static async Task<string?> TryDropAsync(ScratchServer server, string name)
    {
        using var limit = new CancellationTokenSource(DropLimit);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await server.ExecuteAsync(
                    $"DROP DATABASE IF EXISTS {SqlIdentifier.Quote(name)} WITH (FORCE)", limit.Token)
                    .ConfigureAwait(false);
                return null;
            }
            catch (Exception e) when (e is NpgsqlException or PgMigrateException or SocketException or IOException
                or InvalidOperationException or OperationCanceledException or TimeoutException)
            {
                if (attempt == MostAttempts || limit.IsCancellationRequested)
                {
                    return ServerText.Of(e);
                }

                await Task.Delay(DropPause * attempt, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task<DatabaseSession> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await DatabaseSession.OpenAsync(Target, null, cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionException e)
        {
            throw new ConnectionException(
                e.Code,
                $"{e.Message} It is a scratch database that was made a moment ago: rules of pg_hba.conf and poolers "
                    + "that know only certain database names refuse it. Let it through, or name the server itself, or "
                    + "another one, with -ScratchConnection.",
                e);
        }
    }

    private async Task<DatabaseSession> OpenAsync(
        IReadOnlyList<(string Name, string Value)> settings, CancellationToken cancellationToken)
    {
        var session = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var command = new NpgsqlCommand(ScratchSettings.ToSql(settings), session.Connection);
            await using var _ = command.ConfigureAwait(false);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
