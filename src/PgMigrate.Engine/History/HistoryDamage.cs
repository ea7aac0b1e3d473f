using System.Globalization;
using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.History;

/// <summary>
/// Rows that the constraints of a tracking table or its log make impossible: the constraint was removed and the table
/// was changed by hand. No decision can rest on them.
/// </summary>
internal static class HistoryDamage
{
    /// <summary>Rejects the current row when one of these columns is NULL.</summary>
    /// <param name="reader">Positioned on the row.</param>
    /// <param name="table">The quoted name of the table.</param>
    /// <param name="required">The ordinal and the name of each column.</param>
    /// <param name="id">The id of the row, if it was read.</param>
    /// <exception cref="InitializationException">A column is NULL.</exception>
    public static void RequireFilled(
        NpgsqlDataReader reader, string table, IReadOnlyList<(int Index, string Name)> required, long? id)
    {
        foreach (var (index, name) in required)
        {
            if (reader.IsDBNull(index))
            {
                throw Null(table, name, id);
            }
        }
    }

    /// <summary>The error for a NULL.</summary>
    public static InitializationException Null(string table, string column, long? id)
    {
        var row = id is { } known ? string.Create(CultureInfo.InvariantCulture, $"id = {known}") : $"{column} IS NULL";
        return new InitializationException(
            ErrorCodes.HistoryDamaged,
            $"The table {table} was changed by hand: {column} is NULL in the row with {row}. Restore the table from a "
                + $"backup, or fill in the value and add the constraint again: UPDATE {table} SET {column} = … WHERE "
                + $"{row}; ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;");
    }

    /// <summary>Rejects two rows for one version.</summary>
    /// <exception cref="InitializationException">A version has several rows.</exception>
    public static void RequireUnique(IReadOnlyList<HistoryEntry> entries, string table)
    {
        var twice = entries.GroupBy(entry => entry.Version).FirstOrDefault(rows => rows.Count() > 1);
        if (twice is not null)
        {
            var ids = string.Join(", ", twice.Select(entry => entry.Id.ToString(CultureInfo.InvariantCulture)));
            throw new InitializationException(
                ErrorCodes.HistoryDamaged,
                $"The table {table} was changed by hand: module {SqlIdentifier.Literal(twice.First().Module)} has "
                    + $"several rows for version {twice.Key.Text} (id {ids}). Restore the table from a backup, or "
                    + $"delete the wrong ones and add the constraint again: DELETE FROM {table} WHERE id = …; ALTER "
                    + $"TABLE {table} ADD UNIQUE (module_name, version);");
        }
    }
}
