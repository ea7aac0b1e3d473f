using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Planning;

namespace PgMigrate.Records;

/// <summary>Chooses the rows whose records are to be changed, as the user names them; pure.</summary>
internal static class RecordChoice
{
    /// <summary>The rows that these versions or names mean, each once.</summary>
    /// <exception cref="MigrationNotFoundException">One of them is neither in the folder nor in the history.</exception>
    public static List<MigrationRow> OfAll(IReadOnlyList<MigrationRow> rows, IReadOnlyList<string> versions) =>
        Of(rows, versions, version => $"'{version}' is neither a version nor a name in the folder or the history. "
            + "Get-PgMigrationStatus lists them; nothing was marked.");

    /// <summary>The same of rows that have a record.</summary>
    /// <exception cref="MigrationNotFoundException">One of them has none.</exception>
    public static List<MigrationRow> OfRecorded(
        IReadOnlyList<MigrationRow> rows, IReadOnlyList<string> versions, HistoryTable table, string module) =>
        Of([.. rows.Where(row => row.Entry is not null)], versions, version =>
            $"'{version}' has no record in {table.QualifiedName} (module {module}). Get-PgMigrationStatus lists what has; "
                + "nothing was removed.");

    /// <summary>The rows with a record in a range; none is no error.</summary>
    /// <exception cref="InitializationException">A bound is neither a version nor a name.</exception>
    public static IEnumerable<MigrationRow> InRange(IReadOnlyList<MigrationRow> rows, VersionBounds bounds)
    {
        var range = VersionRange.Of(bounds, rows);
        return rows.Where(row => row.Entry is not null && range.Holds(row.Version));
    }

    private static List<MigrationRow> Of(
        IReadOnlyList<MigrationRow> rows, IReadOnlyList<string> versions, Func<string, string> describeMissing) => versions
        .Select(version => rows.FirstOrDefault(row => row.IsNamed(version))
            ?? throw new MigrationNotFoundException(describeMissing(version)))
        .DistinctBy(row => row.Version)
        .ToList();
}
