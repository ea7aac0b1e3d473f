using Testcontainers.PostgreSql;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A server in a container; compiled with <c>-p:UseTestcontainers=true</c>. Its own reaper ends it.</summary>
internal static class TestcontainersServer
{
    public static async Task<string> StartAsync()
    {
        var container = new PostgreSqlBuilder()
            .WithImage(Environment.GetEnvironmentVariable("PGMIGRATE_TEST_IMAGE") ?? "postgres:17-alpine")
            .WithDatabase("postgres")
            .WithUsername("postgres")
            .Build();
        await container.StartAsync();
        return container.GetConnectionString();
    }
}
