using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using NpgsqlTypes;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.Sessions;

/// <summary>The one connection of a run: it holds the lock, the history and the migrations.</summary>
internal sealed class DatabaseSession : IAsyncDisposable
{
    private const string ApplicationName = "PgMigrate";
    private static readonly TimeSpan EndingLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndingPause = TimeSpan.FromMilliseconds(20);
    private readonly DatabaseTarget _target;
    private readonly NpgsqlDataSource _source;
    private volatile bool _isDisposed;
    private Task _opening = Task.CompletedTask;

    private DatabaseSession(DatabaseTarget target, string? schema)
    {
        _target = target;
        Settings = new SessionSettings(this, schema);
        _source = target.ToDataSource(ApplicationName);
        Connection = _source.CreateConnection();
    }

    public NpgsqlConnection Connection { get; private set; }

    /// <summary>False once the connection is lost or closed.</summary>
    public bool IsOpen => Connection.FullState == System.Data.ConnectionState.Open;

    /// <summary>
    /// PID of the server process. A pooler reports an ID of its own; this is that one until
    /// <see cref="PoolerCheck"/> has found the real one.
    /// </summary>
    public int ProcessId { get; private set; }

    /// <summary>True when the server process is known to have another PID than the login reported.</summary>
    public bool IsBehindProxy => ProcessId != Connection.ProcessID;

    /// <summary>The host and port that were reached; one of several when several were given.</summary>
    public string Server => string.Create(CultureInfo.InvariantCulture, $"{Connection.Host}:{Connection.Port}");

    /// <summary>
    /// False when the script has set another client_encoding; the server reports it.
    /// </summary>
    public bool IsUtf8 =>
        !Connection.PostgresParameters.TryGetValue("client_encoding", out var encoding) || encoding == "UTF8";

    /// <summary>The settings of the run, to be applied again after each reset of the session.</summary>
    public SessionSettings Settings { get; }

    /// <summary>Receives notices while it is set; called from the driver's reads.</summary>
    public Action<PostgresNotice>? NoticeSink { get; set; }

    /// <summary>The role the run works as; null for that of the login.</summary>
    public string? Role { get; private set; }

    /// <summary>The text after SET or SET LOCAL that restores that role, whatever a script has set.</summary>
    public string OwnRole => Role is { } role ? $"ROLE {SqlIdentifier.Quote(role)}" : "ROLE NONE";

    /// <summary>
    /// Connects. <paramref name="schema"/>, when given, is put in front of search_path for the run.
    /// </summary>
    /// <exception cref="ConnectionException">Server not reached, login rejected, or no such database.</exception>
    public static async Task<DatabaseSession> OpenAsync(
        DatabaseTarget target, string? schema, CancellationToken cancellationToken)
    {
        DriverSettings.Apply();
        var session = new DatabaseSession(target, schema);
        try
        {
            await session.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reconnects after the connection was lost.</summary>
    public async Task ReconnectAsync(CancellationToken cancellationToken)
    {
        await Connection.DisposeAsync().ConfigureAwait(false);
        Connection = _source.CreateConnection();
        await ConnectAsync(cancellationToken).ConfigureAwait(false);
        if (_isDisposed)
        {
            // A stopped command did not wait for this: nothing else would ever close it.
            await Connection.DisposeAsync().ConfigureAwait(false);
            throw new ObjectDisposedException(nameof(DatabaseSession));
        }

        if (Role is { } role)
        {
            await TakeRoleAsync(role, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sets the role of the run.</summary>
    /// <exception cref="InitializationException">The role does not exist, or the login is not a member.</exception>
    /// <exception cref="ConnectionException">A pooler shares the session with others.</exception>
    public async Task TakeRoleAsync(string role, CancellationToken cancellationToken)
    {
        var name = SqlIdentifier.Quote(role);
        var notFound = $"There is no role {name} on {_target.Connection}. Nothing was run.";
        if (role == "none")
        {
            // Even quoted, NONE would mean the login itself.
            throw new InitializationException(ErrorCodes.RoleNotFound, notFound);
        }

        // A pooled session that is shared with others would carry the role to them.
        if (await ScalarAsync("SELECT pg_catalog.pg_backend_pid()", null, null, cancellationToken).ConfigureAwait(false)
            is int id && id != ProcessId)
        {
            await new PoolerCheck(this).ConfirmAsync(id, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            var command = new NpgsqlCommand($"SET ROLE {name}", Connection);
            await using var _ = command.ConfigureAwait(false);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            Role = role;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            var login = SqlIdentifier.Quote(_target.Connection.UserName);
            throw new InitializationException(
                ErrorCodes.RoleDenied,
                $"The login {login} may not work as the role {name}: it is not a member. GRANT {name} TO {login}; or "
                    + "remove -Role. Nothing was run.",
                e);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidParameterValue)
        {
            throw new InitializationException(ErrorCodes.RoleNotFound, notFound, e);
        }
    }

    /// <summary>The role that the login itself has started as.</summary>
    public void StayAs(string role) => Role ??= role;

    /// <summary>Records that this server process, and no other, serves the session.</summary>
    public void Adopt(int processId) => ProcessId = processId;

    /// <summary>Tries to take a lock; returns the server, and the reason when it was not taken.</summary>
    public async Task<LockAnswer> TakeLockAsync(long key, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EmbeddedSql.Read("TakeLock.sql"), Connection);
        await using var _ = command.ConfigureAwait(false);
        AddParameters(command, key, ProcessId);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new LockAnswer(reader.GetInt32(0), reader.GetBoolean(1), reader.GetBoolean(2), reader.GetBoolean(3));
    }

    /// <summary>A second connection to the same server; the caller closes it.</summary>
    public async Task<NpgsqlConnection> OpenAnotherAsync(CancellationToken cancellationToken) =>
        await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>First column of the first row; null when there is no row.</summary>
    public Task<object?> ScalarAsync(string sql, long parameter, CancellationToken cancellationToken) =>
        ScalarAsync(sql, parameter, null, cancellationToken);

    /// <summary>
    /// As <see cref="ScalarAsync(string, long, CancellationToken)"/>, with a PID as second parameter.
    /// </summary>
    public async Task<object?> ScalarAsync(
        string sql, long? parameter, int? processId, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, Connection);
        await using (command.ConfigureAwait(false))
        {
            AddParameters(command, parameter, processId);
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Cleanup that must not hide the error it follows: cannot be cancelled, never throws.</summary>
    public async Task<bool> TryExecuteAsync(string sql, long? parameter = null)
    {
        try
        {
            var command = new NpgsqlCommand(sql, Connection);
            await using (command.ConfigureAwait(false))
            {
                AddParameters(command, parameter, null);
                await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
                return true;
            }
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    /// <summary>
    /// Terminates the server process of a connection that is lost on our side: a cancel request that reaches the
    /// server between two statements is ignored, the driver gives up, and the server would work on until it checks for
    /// its client. Only a session that holds this lock is terminated, so a reused PID is safe. Never throws.
    /// </summary>
    public async Task<bool> EndLostBackendAsync(long lockKey)
    {
        using var limit = new CancellationTokenSource(EndingLimit);
        try
        {
            var connection = await _source.OpenConnectionAsync(limit.Token).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            var command = new NpgsqlCommand(EmbeddedSql.Read("EndBackend.sql"), connection);
            await using var __ = command.ConfigureAwait(false);
            AddParameters(command, lockKey, ProcessId);
            while (await command.ExecuteScalarAsync(limit.Token).ConfigureAwait(false) is true)
            {
                await Task.Delay(EndingPause, limit.Token).ConfigureAwait(false);
            }

            return true;
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or IOException or InvalidOperationException
            or OperationCanceledException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Runs a batch and ignores its results.</summary>
    public static async Task RunAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        await using (batch.ConfigureAwait(false))
        {
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the connection, and with it whatever the server still holds for it.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (!_opening.IsCompleted)
        {
            // A connection that is still opening cannot be closed.
            _ = _opening.ContinueWith(
                _ => Connection.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return;
        }

        await Connection.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    private static void AddParameters(NpgsqlCommand command, long? key, int? processId)
    {
        if (key is { } value)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint });
        }

        if (processId is { } id)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = id, NpgsqlDbType = NpgsqlDbType.Integer });
        }
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        Connection.Notice += (_, e) => NoticeSink?.Invoke(e.Notice);
        try
        {
            _opening = Connection.OpenAsync(cancellationToken);
            await _opening.WaitAsync(_target.ConnectLimit, cancellationToken).ConfigureAwait(false);
            ProcessId = Connection.ProcessID;
        }
        catch (TimeoutException e) when (!_opening.IsCompleted)
        {
            // The driver's own timeout does not cover a TLS handshake.
            throw ConnectionFailure.Stalled(_target.Connection, _target.ConnectLimit, e);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or IOException or TimeoutException
            or ArgumentException or NotSupportedException)
        {
            throw ConnectionFailure.Describe(_target.Connection, e);
        }
    }
}
