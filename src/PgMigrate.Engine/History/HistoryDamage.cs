using System.Globalization;
using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.History;

/// <summary>
/// Rows that a tracking table or its log cannot hold while its constraints are there: somebody took one away and
/// changed it by hand. Nothing can be decided from them.
/// </summary>
internal static class HistoryDamage
{
    /// <summary>Refuses the row that was read when one of these columns holds NULL.</summary>
    /// <param name="reader">It stands on the row.</param>
    /// <param name="table">The quoted name of the table.</param>
    /// <param name="required">The place of each column among those read, and its name.</param>
    /// <param name="id">The row's id, if it was read.</param>
    /// <exception cref="InitializationException">There is a NULL.</exception>
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

    /// <summary>The error about a NULL.</summary>
    public static InitializationException Null(string table, string column, long? id)
    {
        var row = id is { } known ? string.Create(CultureInfo.InvariantCulture, $"id = {known}") : $"{column} IS NULL";
        return new InitializationException(
            ErrorCodes.HistoryDamaged,
            $"The table {table} was changed by hand: {column} is NULL in the row with {row}. Restore the table from a "
                + $"backup, or fill it and put its constraint back: UPDATE {table} SET {column} = … WHERE {row}; ALTER "
                + $"TABLE {table} ALTER COLUMN {column} SET NOT NULL;");
    }

    /// <summary>Refuses two rows for one version.</summary>
    /// <exception cref="InitializationException">There are two.</exception>
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
                    + $"delete the wrong ones and put its constraint back: DELETE FROM {table} WHERE id = …; ALTER "
                    + $"TABLE {table} ADD UNIQUE (module_name, version);");
        }
    }
}
