#nullable enable
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace PgMigrate.Faults;

/// <summary>
/// A relay in front of a server that stops a run at a boundary: right before one statement, or between the server's work
/// on it and its answer. It reads messages, not segments. Compiled by the Pester suite; TLS has to be off.
/// </summary>
public sealed class FaultRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Pair> _pairs = [];
    private readonly object _gate = new();
    private readonly ManualResetEventSlim _flows = new(true);
    private readonly ManualResetEventSlim _reached = new(false);
    private readonly ManualResetEventSlim _let = new(false);
    private readonly int _serverPort;
    private string[] _path = [];
    private int _place;
    private bool _withholdsAnswer;
    private bool _dropsHeld;
    private volatile bool _isDisposed;

    /// <summary>Listens on a free port of the loopback address.</summary>
    public FaultRelay(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Start(Accept);
    }

    /// <summary>Where clients connect to.</summary>
    public int Port { get; }

    /// <summary>Process id of the backend whose client is held.</summary>
    public int HeldBackend { get; private set; }

    /// <summary>
    /// Holds the client right before the last of these statements, once those before it have come by in this order. Each
    /// is given by its first words. With <paramref name="withholdsAnswer"/> the server gets it, and its answer is held.
    /// </summary>
    public void HoldAt(string[] path, bool withholdsAnswer)
    {
        lock (_gate)
        {
            _path = path;
            _withholdsAnswer = withholdsAnswer;
        }
    }

    /// <summary>Waits until a client is held.</summary>
    public bool WaitHeld(int milliseconds) => _reached.Wait(milliseconds);

    /// <summary>Passes on what was held, and all that follows.</summary>
    public void Release() => _let.Set();

    /// <summary>Throws away what was held, and passes on all that follows.</summary>
    public void ReleaseWithoutIt()
    {
        _dropsHeld = true;
        _let.Set();
    }

    /// <summary>Passes nothing on from now, in either direction, for old and new connections; the sockets stay open.</summary>
    public void Stall() => _flows.Reset();

    /// <summary>Ends a stall.</summary>
    public void Heal() => _flows.Set();

    /// <summary>Resets all connections, as a network does that forgot them. New ones are welcome.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _dropsHeld = true;
            foreach (var pair in _pairs)
            {
                pair.Reset();
            }

            _pairs.Clear();
        }

        _let.Set();
        _flows.Set();
    }

    /// <summary>As <see cref="Cut"/>, and no new connection is possible.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _listener.Stop();
        Cut();
    }

    private static void Start(Action work) => new Thread(() =>
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A side is gone, and with it the connection.
        }
    })
    { IsBackground = true }.Start();

    private void Accept()
    {
        while (!_isDisposed)
        {
            var client = _listener.AcceptSocket();
            _flows.Wait();
            var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
            var pair = new Pair(this, client, server);
            try
            {
                server.Connect(IPAddress.Loopback, _serverPort);
            }
            catch (SocketException)
            {
                // The server is down.
                pair.Reset();
                continue;
            }

            lock (_gate)
            {
                _pairs.Add(pair);
            }

            Start(pair.Up);
            Start(pair.Down);
        }
    }

    // True when the client is to be held at this statement.
    private bool IsReachedBy(string statement)
    {
        lock (_gate)
        {
            if (_place == _path.Length || !statement.TrimStart().StartsWith(_path[_place], StringComparison.Ordinal))
            {
                return false;
            }

            return ++_place == _path.Length;
        }
    }

    /// <summary>One connection through the relay.</summary>
    private sealed class Pair(FaultRelay relay, Socket client, Socket server)
    {
        private const int ProtocolMajor = 3;
        private bool _isStarted;
        private int _backend;
        private volatile bool _holdsAnswer;

        /// <summary>Client to server, message by message.</summary>
        public void Up()
        {
            try
            {
                var stream = new List<byte>();
                var buffer = new byte[65536];
                for (int count; (count = client.Receive(buffer)) > 0;)
                {
                    stream.AddRange(buffer.AsSpan(0, count));
                    Pass(stream);
                }
            }
            finally
            {
                // A side that was reset is gone for the other one, too.
                Close();
            }
        }

        /// <summary>Server to client.</summary>
        public void Down()
        {
            try
            {
                var buffer = new byte[65536];
                for (int count; (count = server.Receive(buffer)) > 0;)
                {
                    ReadBackend(buffer.AsSpan(0, count));
                    if (_holdsAnswer)
                    {
                        _holdsAnswer = false;
                        Hold();
                        count = relay._dropsHeld ? 0 : count;
                    }

                    relay._flows.Wait();
                    Send(client, buffer.AsSpan(0, count));
                }
            }
            finally
            {
                Close();
            }
        }

        /// <summary>Ends both sides the hard way.</summary>
        public void Reset()
        {
            foreach (var side in new[] { client, server })
            {
                try
                {
                    side.LingerState = new LingerOption(true, 0);
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    // Gone already.
                }

                side.Dispose();
            }
        }

        private void Close()
        {
            client.Dispose();
            server.Dispose();
        }

        private void Pass(List<byte> stream)
        {
            var bytes = stream.ToArray();
            var (sent, end) = (0, 0);
            while (LengthAt(bytes, end) is { } length && end + length <= bytes.Length)
            {
                if (Statement(bytes.AsSpan(end, length)) is { } statement && relay.IsReachedBy(statement))
                {
                    if (relay._withholdsAnswer)
                    {
                        _holdsAnswer = true;
                    }
                    else
                    {
                        // What came before it reaches the server, and the server works on it.
                        relay._flows.Wait();
                        Send(server, bytes.AsSpan(sent, end - sent));
                        sent = end;
                        Hold();
                    }
                }

                end += length;
            }

            relay._flows.Wait();
            Send(server, bytes.AsSpan(sent, end - sent));
            stream.RemoveRange(0, end);
        }

        private void Hold()
        {
            relay.HeldBackend = _backend;
            relay._reached.Set();
            relay._let.Wait();
        }

        private static void Send(Socket side, ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[side.Send(bytes)..];
            }
        }

        // BackendKeyData comes once, in the answer to the login: 'K', length 12, process id, secret.
        private void ReadBackend(ReadOnlySpan<byte> answer)
        {
            var key = _backend == 0 ? answer.IndexOf([(byte)'K', (byte)0, (byte)0, (byte)0, (byte)12]) : -1;
            if (key >= 0 && answer.Length >= key + 13)
            {
                _backend = BinaryPrimitives.ReadInt32BigEndian(answer[(key + 5)..]);
            }
        }

        // The first message of a connection has no type byte.
        private int? LengthAt(byte[] bytes, int start)
        {
            var header = _isStarted ? 1 : 0;
            return bytes.Length - start < header + 4
                ? null
                : header + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(start + header));
        }

        private string? Statement(ReadOnlySpan<byte> message)
        {
            if (!_isStarted)
            {
                _isStarted = BinaryPrimitives.ReadInt32BigEndian(message[4..]) >> 16 == ProtocolMajor;
                return null;
            }

            if (message[0] is not ((byte)'P' or (byte)'Q'))
            {
                return null;
            }

            var text = message[5..];
            text = message[0] == 'P' ? text[(text.IndexOf((byte)0) + 1)..] : text;
            return Encoding.UTF8.GetString(text[..text.IndexOf((byte)0)]);
        }
    }
}
