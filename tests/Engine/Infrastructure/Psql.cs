using System.Diagnostics;
using Npgsql;
using Xunit;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>psql, which runs a file as its author expects.</summary>
internal static class Psql
{
    private static readonly string? Program = Find();

    /// <summary>Why a test is skipped that compares with psql; null when it is there.</summary>
    public static string? Missing =>
        Program is null ? "psql is not installed, and this test compares with what it does." : null;

    /// <summary>Runs commands in a database and fails the test when psql does.</summary>
    public static async Task RunAsync(TestDatabase database, string commands)
    {
        var target = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var start = new ProcessStartInfo(
            Program!,
            [
                "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", target.Host!, "-p", $"{target.Port}", "-U", target.Username!,
                "-d", database.Name, "-f", "-",
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        if (target.Password is { } password)
        {
            start.Environment["PGPASSWORD"] = password;
        }

        using var psql = Process.Start(start)!;
        var output = psql.StandardOutput.ReadToEndAsync();
        var errors = psql.StandardError.ReadToEndAsync();
        await psql.StandardInput.WriteAsync(commands);
        psql.StandardInput.Close();
        await psql.WaitForExitAsync();
        await output;
        Assert.True(psql.ExitCode == 0, await errors);
    }

    private static string? Find()
    {
        string[] folders =
        [
            Environment.GetEnvironmentVariable("PGMIGRATE_POSTGRES_BIN") ?? "",
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator),
        ];
        return folders.Where(folder => folder.Length > 0)
            .SelectMany(folder => new[] { Path.Combine(folder, "psql"), Path.Combine(folder, "psql.exe") })
            .FirstOrDefault(File.Exists);
    }
}

/// <summary>A test that compares with psql.</summary>
internal sealed class PsqlFactAttribute : FactAttribute
{
    public PsqlFactAttribute() => Skip = Psql.Missing;
}
