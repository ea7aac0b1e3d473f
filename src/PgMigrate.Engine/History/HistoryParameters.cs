using Npgsql;
using NpgsqlTypes;

namespace PgMigrate.History;

/// <summary>Parameters with an explicit type, so that the server never has to infer it.</summary>
internal static class HistoryParameters
{
    public static void AddText(this NpgsqlParameterCollection parameters, string? text) =>
        parameters.Add(new NpgsqlParameter { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });

    public static void AddBigint(this NpgsqlParameterCollection parameters, long? number) =>
        parameters.Add(new NpgsqlParameter
        {
            Value = number is { } value ? value : DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Bigint,
        });
}
