using System.Net;
using System.Net.Sockets;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A relay in front of a port of the loopback address that makes it far away, or slow to let others in.</summary>
internal sealed class FarRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;

    /// <param name="port">The port that is relayed to.</param>
    /// <param name="delay">How long everything takes to arrive.</param>
    /// <param name="laterLogin">How long each connection but the first waits before anything is passed on.</param>
    public FarRelay(int port, TimeSpan delay, TimeSpan laterLogin = default)
    {
        _listener.Start();
        _accepting = AcceptAsync(port, delay, laterLogin);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopped.Dispose();
    }

    private async Task AcceptAsync(int port, TimeSpan delay, TimeSpan laterLogin)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopped.Token);
                connections.Add(RelayAsync(client, port, delay, connections.Count == 0 ? TimeSpan.Zero : laterLogin));
            }
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RelayAsync(TcpClient client, int port, TimeSpan delay, TimeSpan login)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            await Task.Delay(login, _stopped.Token);
            await server.ConnectAsync(IPAddress.Loopback, port, _stopped.Token);
            await Task.WhenAny(
                PassAsync(client.GetStream(), server.GetStream(), delay),
                PassAsync(server.GetStream(), client.GetStream(), delay));
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, TimeSpan delay)
    {
        var buffer = new byte[65536];
        for (int count; (count = await from.ReadAsync(buffer, _stopped.Token)) > 0;)
        {
            await Task.Delay(delay, _stopped.Token);
            await to.WriteAsync(buffer.AsMemory(0, count), _stopped.Token);
        }
    }
}
