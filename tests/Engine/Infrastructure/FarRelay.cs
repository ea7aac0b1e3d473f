using System.Net;
using System.Net.Sockets;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A relay in front of a port of the loopback address that makes it far away: all takes a while to arrive.</summary>
internal sealed class FarRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;

    public FarRelay(int port, TimeSpan delay)
    {
        _listener.Start();
        _accepting = AcceptAsync(port, delay);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopped.Dispose();
    }

    private async Task AcceptAsync(int port, TimeSpan delay)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stopped.Token), port, delay));
            }
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RelayAsync(TcpClient client, int port, TimeSpan delay)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
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
