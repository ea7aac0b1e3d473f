using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;
using PgMigrate.Connections;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>What the relay does with a statement that comes by.</summary>
internal enum RelayAction
{
    /// <summary>Passes it on.</summary>
    Forward,

    /// <summary>Cuts both sides before it; what came earlier has reached the server.</summary>
    Cut,

    /// <summary>Passes it on with all that follows, swallows the answer, then cuts both sides.</summary>
    CutWhenAnswered,
}

/// <summary>One turn of a client: the statements it sent before it waited for the server.</summary>
internal sealed record RoundTrip(int Session, List<string> Statements);

/// <summary>
/// A relay in front of the server that understands just enough of the protocol to count round trips and to read the
/// statements. A round trip starts when the client sends after the server has answered.
/// </summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private const int ProtocolMajor = 3;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly List<RoundTrip> _trips = [];
    private readonly List<Task> _sessions = [];
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly Func<string, RelayAction> _decide;
    private readonly Task _accepting;

    private CountingProxy(TestDatabase database, Func<string, RelayAction> decide)
    {
        _server = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        _decide = decide;
        _listener.Start();
        Target = database.TargetFor(settings =>
        {
            settings.Host = "127.0.0.1";
            settings.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            // The relay reads what goes by; asking for TLS would be one round trip more.
            settings.SslMode = Npgsql.SslMode.Disable;
        });
        _accepting = AcceptAsync();
    }

    /// <summary>The database, reached through the relay.</summary>
    public DatabaseTarget Target { get; }

    /// <summary>Those of runs; a watcher that a slow machine woke up does not count.</summary>
    public IReadOnlyList<RoundTrip> RoundTrips
    {
        get
        {
            lock (_trips)
            {
                return _trips.GroupBy(trip => trip.Session)
                    .Where(session => session.Any(trip => trip.Statements.Count > 0)
                        && !session.SelectMany(trip => trip.Statements).Any(IsWatchers))
                    .SelectMany(session => session)
                    .ToList();
            }
        }
    }

    public static CountingProxy For(TestDatabase database, Func<string, RelayAction>? decide = null) =>
        new(database, decide ?? (_ => RelayAction.Forward));

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await ((Task)_accepting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_sessions).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        for (var number = 1; ; number++)
        {
            var client = await _listener.AcceptSocketAsync(_stopped.Token);
            _sessions.Add(RelayAsync(number, client));
        }
    }

    private async Task RelayAsync(int number, Socket client)
    {
        var isPath = _server.Host!.StartsWith('/');
        using var server = isPath
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            await (isPath
                ? server.ConnectAsync(new UnixDomainSocketEndPoint($"{_server.Host}/.s.PGSQL.{_server.Port}"))
                : server.ConnectAsync(_server.Host!, _server.Port));
            var session = new Session(this, number);
            await using var stop = _stopped.Token.Register(() => Close(client, server));
            await Task.WhenAny(session.UpAsync(client, server), session.DownAsync(server, client));
            Close(client, server);
        }
    }

    private static bool IsWatchers(string statement) =>
        statement.Contains("pg_blocking_pids", StringComparison.Ordinal);

    private static void Close(Socket client, Socket server)
    {
        client.Dispose();
        server.Dispose();
    }

    /// <summary>One connection through the relay.</summary>
    private sealed class Session(CountingProxy proxy, int number)
    {
        private readonly List<byte> _pending = [];
        private bool _isStarted;
        private RoundTrip? _trip;
        private volatile bool _isClientsTurn = true;
        private volatile bool _swallows;

        /// <summary>Client to server, message by message.</summary>
        public async Task UpAsync(Socket client, Socket server)
        {
            var buffer = new byte[65536];
            while (await client.ReceiveAsync(buffer) is var count and > 0)
            {
                if (!IsFarewell(buffer.AsSpan(0, count)))
                {
                    StartTrip();
                }

                _pending.AddRange(buffer.AsSpan(0, count));
                var action = TakeMessages(out var forwarded);
                await server.SendAsync(forwarded);
                if (action == RelayAction.Cut)
                {
                    return;
                }
            }
        }

        /// <summary>Server to client; ends the session instead when the answer is to be swallowed.</summary>
        public async Task DownAsync(Socket server, Socket client)
        {
            var buffer = new byte[65536];
            while (await server.ReceiveAsync(buffer) is var count and > 0 && !_swallows)
            {
                _isClientsTurn = true;
                await client.SendAsync(buffer.AsMemory(0, count));
            }
        }

        // Terminate has no answer to wait for.
        private bool IsFarewell(ReadOnlySpan<byte> bytes) => _isStarted && bytes is [(byte)'X', 0, 0, 0, 4];

        private void StartTrip()
        {
            if (_isClientsTurn)
            {
                _isClientsTurn = false;
                _trip = new RoundTrip(number, []);
                lock (proxy._trips)
                {
                    proxy._trips.Add(_trip);
                }
            }
        }

        private RelayAction TakeMessages(out byte[] forwarded)
        {
            var bytes = _pending.ToArray();
            var end = 0;
            var action = RelayAction.Forward;
            while (action != RelayAction.Cut && LengthAt(bytes, end) is { } length && end + length <= bytes.Length)
            {
                action = Decide(bytes.AsSpan(end, length));
                _swallows |= action == RelayAction.CutWhenAnswered;
                end += action == RelayAction.Cut ? 0 : length;
            }

            forwarded = bytes[..end];
            _pending.RemoveRange(0, end);
            return action;
        }

        // The first message of a connection has no type byte.
        private int? LengthAt(byte[] bytes, int start)
        {
            var header = _isStarted ? 1 : 0;
            return bytes.Length - start < header + 4
                ? null
                : header + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(start + header));
        }

        private RelayAction Decide(ReadOnlySpan<byte> message)
        {
            if (!_isStarted)
            {
                _isStarted = BinaryPrimitives.ReadInt32BigEndian(message[4..]) >> 16 == ProtocolMajor;
                return RelayAction.Forward;
            }

            if (message[0] is not ((byte)'P' or (byte)'Q'))
            {
                return RelayAction.Forward;
            }

            var text = message[5..];
            text = message[0] == 'P' ? text[(text.IndexOf((byte)0) + 1)..] : text;
            var statement = Encoding.UTF8.GetString(text[..text.IndexOf((byte)0)]);
            _trip!.Statements.Add(statement);
            return proxy._decide(statement);
        }
    }
}
