using Npgsql;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Scratch;

/// <summary>What a scratch database takes from another one, so that the same SQL means the same in both.</summary>
/// <param name="Major">The major version of its server.</param>
/// <param name="Encoding">Its encoding.</param>
/// <param name="Collate">Its LC_COLLATE.</param>
/// <param name="CharacterType">Its LC_CTYPE.</param>
internal sealed record LikeDatabase(int Major, string Encoding, string Collate, string CharacterType)
{
    private const string Extensions =
        "SELECT extname::pg_catalog.text, extversion FROM pg_catalog.pg_extension";

    /// <summary>The provider of its locale, as the catalog writes it; null before 15.</summary>
    public string? Provider { get; init; }

    /// <summary>The locale of ICU or the built-in provider.</summary>
    public string? Locale { get; init; }

    /// <summary>Rules of ICU.</summary>
    public string? Rules { get; init; }

    /// <summary>The settings that SQL for schemas is read by, in force in a new session of it.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];

    /// <summary>The versions of its extensions, by name.</summary>
    public IReadOnlyDictionary<string, string> ExtensionVersions { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads the database of a session in which nothing was set.</summary>
    public static async Task<LikeDatabase> ReadAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(EmbeddedSql.Read("LikeDatabase.sql")));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(EmbeddedSql.Read("LikeSettings.sql")));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Extensions));
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var like = new LikeDatabase(
            session.Connection.PostgreSqlVersion.Major, reader.GetString(0), reader.GetString(1), reader.GetString(2))
        {
            Provider = Text(reader, 3),
            Locale = Text(reader, 4),
            Rules = Text(reader, 5),
        };
        return like with
        {
            Settings = await ReadPairsAsync(reader, cancellationToken).ConfigureAwait(false),
            ExtensionVersions = (await ReadPairsAsync(reader, cancellationToken).ConfigureAwait(false))
                .ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal),
        };
    }

    /// <summary>The options of CREATE DATABASE that make another one read text as this one does.</summary>
    public string CreateOptions()
    {
        var options = $" ENCODING {SqlIdentifier.Literal(Encoding)} LC_COLLATE {SqlIdentifier.Literal(Collate)} "
            + $"LC_CTYPE {SqlIdentifier.Literal(CharacterType)}";
        return (Provider, Locale) switch
        {
            ("i", { } locale) => $"{options} LOCALE_PROVIDER icu ICU_LOCALE {SqlIdentifier.Literal(locale)}"
                + (Rules is null ? "" : $" ICU_RULES {SqlIdentifier.Literal(Rules)}"),
            ("b", { } locale) => $"{options} LOCALE_PROVIDER builtin BUILTIN_LOCALE {SqlIdentifier.Literal(locale)}",
            ("c", _) => $"{options} LOCALE_PROVIDER libc",
            _ => options,
        };
    }

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static async Task<IReadOnlyList<(string Name, string Value)>> ReadPairsAsync(
        NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        var pairs = new List<(string, string)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            pairs.Add((reader.GetString(0), Text(reader, 1) ?? ""));
        }

        return pairs;
    }
}
