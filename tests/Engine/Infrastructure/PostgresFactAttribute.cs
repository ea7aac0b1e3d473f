using Xunit;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A test of something that PostgreSQL has from a major on; an older server skips it and says so.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute(int since)
    {
        Since = since;
        Skip = PostgresServer.ReasonBefore(since);
    }

    public int Since { get; }
}
