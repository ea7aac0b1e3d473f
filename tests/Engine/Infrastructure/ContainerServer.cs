using Testcontainers.PostgreSql;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A server in a container. Testcontainers removes it when the tests end, however they end.</summary>
internal static class ContainerServer
{
    /// <summary>True when a container engine can be reached where clients look for one.</summary>
    public static bool IsAvailable =>
        Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } || File.Exists("/var/run/docker.sock");

    public static async Task<string> StartAsync()
    {
        var image = Environment.GetEnvironmentVariable("PGMIGRATE_TEST_IMAGE") ?? "postgres:17-alpine";
        var container = new PostgreSqlBuilder(image)
            .WithDatabase("postgres")
            .WithUsername("postgres")
            .Build();
        await container.StartAsync();
        return container.GetConnectionString();
    }
}
