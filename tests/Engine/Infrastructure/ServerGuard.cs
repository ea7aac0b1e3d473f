using System.Diagnostics;
using System.Globalization;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>No server outlives the tests, however they end.</summary>
internal static class ServerGuard
{
    private const string OwnerVariable = "PGMIGRATE_TEST_OWNER";

    // In the background, and deaf to signals: what ends the tests or their group must not end the guard.
    private const string Script = """
        exec 3<&0
        (trap '' HUP INT TERM; read -r _ <&3
        if [ -d "$PGM_FOLDER" ]; then cd /; "$@" -D "$PGM_DATA" -m immediate -w stop; rm -rf "$PGM_FOLDER"; fi) >/dev/null 2>&1 &
        """;

    // Kept open: their end tells the guards that this process is gone.
    private static readonly List<Process> Guards = [];

    /// <summary>Starts a process that stops this server when the test process is gone; it waits for the end of a pipe.</summary>
    public static void Start(string programs, string folder, string data)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var start = new ProcessStartInfo(
            "sh", ["-c", Script, "guard", .. PostgresServer.AsServerAccount(), Path.Combine(programs, "pg_ctl")])
        {
            RedirectStandardInput = true,
        };
        start.Environment["PGM_FOLDER"] = folder;
        start.Environment["PGM_DATA"] = data;
        Guards.Add(Process.Start(start)!);
    }

    /// <summary>Ends the tests when the build that started them is gone.</summary>
    public static void WatchOwner()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(OwnerVariable), CultureInfo.InvariantCulture, out var id))
        {
            return;
        }

        new Thread(() =>
        {
            while (IsRunning(id))
            {
                Thread.Sleep(500);
            }

            Environment.Exit(143);
        })
        { IsBackground = true }.Start();
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
