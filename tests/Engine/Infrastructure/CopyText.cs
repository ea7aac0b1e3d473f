using System.Text;
using PgMigrate.Sql;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>What COPY reads, as text.</summary>
internal static class CopyText
{
    /// <summary>Goes through the rows; empty when there are none.</summary>
    public static string Of(SqlRows? rows) =>
        Encoding.UTF8.GetString([.. rows?.Parts.SelectMany(part => part.ToArray()) ?? []]);
}
