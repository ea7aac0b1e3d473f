using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Planning;

namespace PgMigrate.Records;

/// <summary>Chooses rows whose records are to be changed; pure.</summary>
internal static class RecordChoice
{
    /// <summary>The rows with a record in a range; none is no error.</summary>
    /// <exception cref="InitializationException">A bound is neither a version nor a name.</exception>
    public static IEnumerable<MigrationRow> InRange(IReadOnlyList<MigrationRow> rows, VersionBounds bounds)
    {
        var range = VersionRange.Of(bounds, rows);
        return rows.Where(row => row.Entry is not null && range.Holds(row.Version));
    }
}
