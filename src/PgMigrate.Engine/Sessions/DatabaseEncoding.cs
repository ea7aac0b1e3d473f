using System.Text;
using Npgsql;
using NpgsqlTypes;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Planning;

namespace PgMigrate.Sessions;

/// <summary>
/// Finds characters that the database cannot store, because its encoding is not UTF8. The server decides: other
/// libraries convert single characters differently.
/// </summary>
internal sealed class DatabaseEncoding(DatabaseSession session, string name)
{
    private const string Convert =
        "SELECT pg_catalog.convert($1, 'UTF8', pg_catalog.getdatabaseencoding()) IS NOT NULL";

    // Each one costs a few queries, and a text in another script can have thousands.
    private const int MostMissing = 50;

    /// <summary>Rejects names that the database cannot store.</summary>
    /// <exception cref="InitializationException">A name contains a character that the encoding lacks.</exception>
    public static async Task RequireAsync(
        DatabaseSession session,
        IEnumerable<(string Parameter, string? Value)> names,
        CancellationToken cancellationToken)
    {
        if (Of(session) is { } encoding)
        {
            await encoding.RequireAsync(names, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Rejects records of migrations that the database cannot store.</summary>
    /// <exception cref="PlanBlockedException">A record would contain such a character.</exception>
    public static async Task RequireAsync(
        DatabaseSession session, IEnumerable<MigrationRow> recorded, CancellationToken cancellationToken)
    {
        if (Of(session) is { } encoding
            && await encoding.CheckAsync(
                () => recorded.Select(row => row.Migration).OfType<Migration>().SelectMany(StorableTexts.OfRecord),
                cancellationToken).ConfigureAwait(false) is { Count: > 0 } problems)
        {
            throw PlanBlockedException.For(problems);
        }
    }

    /// <summary>Texts that the steps of a plan would send or record and the database cannot store.</summary>
    public static async Task<IReadOnlyList<MigrationProblem>> CheckAsync(
        DatabaseSession session, IReadOnlyList<PlannedStep> steps, CancellationToken cancellationToken) =>
        Of(session) is { } encoding
            ? await encoding.CheckAsync(() => steps.SelectMany(StorableTexts.Of), cancellationToken)
                .ConfigureAwait(false)
            : [];

    /// <summary>
    /// The history query without modules whose names cannot be stored: the table cannot hold them.
    /// </summary>
    public static async Task<HistoryQuery> AskableAsync(
        DatabaseSession session, HistoryQuery query, CancellationToken cancellationToken)
    {
        if (query.OtherModules.Count == 0 || Of(session) is not { } encoding)
        {
            return query;
        }

        var missing = await encoding.FindMissingAsync(query.OtherModules, cancellationToken).ConfigureAwait(false);
        return query with
        {
            OtherModules = [.. query.OtherModules.Where(module => !module.EnumerateRunes().Any(missing.Contains))],
        };
    }

    // Null for a database that can store every character, or every byte.
    private static DatabaseEncoding? Of(DatabaseSession session) =>
        session.Connection.PostgresParameters.TryGetValue("server_encoding", out var name)
        && name is not ("UTF8" or "SQL_ASCII")
            ? new DatabaseEncoding(session, name)
            : null;

    private async Task RequireAsync(
        IEnumerable<(string Parameter, string? Value)> names, CancellationToken cancellationToken)
    {
        foreach (var (parameter, value) in names)
        {
            var missing = await FindMissingAsync([value ?? ""], cancellationToken).ConfigureAwait(false);
            if (missing.Count > 0)
            {
                throw new InitializationException(
                    StorableTexts.Code,
                    StorableTexts.Describe($"-{parameter} '{value}'", missing.First(), name) + " Nothing was run.");
            }
        }
    }

    // A large file is read again for this, but only where the database is not UTF8.
    private async Task<IReadOnlyList<MigrationProblem>> CheckAsync(
        Func<IEnumerable<StorableText>> read, CancellationToken cancellationToken)
    {
        var missing = await FindMissingAsync(read().Select(text => text.Text), cancellationToken).ConfigureAwait(false);
        return missing.Count == 0
            ? []
            : [.. read().Select(text => text.FindProblem(missing, name)).OfType<MigrationProblem>()
                .DistinctBy(problem => (problem.FilePath, problem.FileName, problem.Message))];
    }

    private async Task<HashSet<Rune>> FindMissingAsync(IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        var characters = new HashSet<Rune>();
        foreach (var text in texts.Where(text => !Ascii.IsValid(text)))
        {
            foreach (var character in text.EnumerateRunes())
            {
                if (!character.IsAscii)
                {
                    characters.Add(character);
                }
            }
        }

        var missing = new HashSet<Rune>();
        await FindAsync(characters.ToArray(), missing, cancellationToken).ConfigureAwait(false);
        return missing;
    }

    // Bisects: usually there is none, and then one query is enough.
    private async Task FindAsync(
        ReadOnlyMemory<Rune> characters, HashSet<Rune> missing, CancellationToken cancellationToken)
    {
        if (characters.IsEmpty || missing.Count >= MostMissing
            || await CanStoreAsync(characters, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        if (characters.Length == 1)
        {
            missing.Add(characters.Span[0]);
            return;
        }

        var half = characters.Length / 2;
        await FindAsync(characters[..half], missing, cancellationToken).ConfigureAwait(false);
        await FindAsync(characters[half..], missing, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> CanStoreAsync(ReadOnlyMemory<Rune> characters, CancellationToken cancellationToken)
    {
        // As bytes: as text they would be converted, and rejected, on the way.
        var bytes = Encoding.UTF8.GetBytes(string.Concat(characters.ToArray()));
        var command = new NpgsqlCommand(Convert, session.Connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter { Value = bytes, NpgsqlDbType = NpgsqlDbType.Bytea });
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UntranslatableCharacter
            or PostgresErrorCodes.CharacterNotInRepertoire)
        {
            return false;
        }
    }
}
