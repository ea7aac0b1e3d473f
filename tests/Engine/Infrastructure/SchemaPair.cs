using System.Text.Json;
using Npgsql;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A state and a desired state from the suites of other tools.</summary>
internal sealed record SchemaPair
{
    public required string Id { get; init; }

    public required string Current { get; init; }

    public required string Desired { get; init; }

    /// <summary>Statements that create the roles that both name.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Majors on which the current state loads, and on which the desired one does.</summary>
    public required (IReadOnlyList<int> Current, IReadOnlyList<int> Desired) Loads { get; init; }

    /// <summary>Majors on which the two are the same.</summary>
    public required IReadOnlyList<int> SameOn { get; init; }

    /// <summary>The folder of the pairs; null when it is absent.</summary>
    public static string? Folder { get; } = RealData.Folder is { } real
        && Directory.Exists(Path.Combine(Path.GetDirectoryName(real)!, "schema-pairs"))
            ? Path.Combine(Path.GetDirectoryName(real)!, "schema-pairs")
            : null;

    public static IEnumerable<SchemaPair> ReadAll() =>
        File.ReadLines(Path.Combine(Folder!, "pairs.jsonl")).Select(Parse);

    /// <summary>Creates their roles. Roles belong to the server: they stay, as those of the suites do.</summary>
    public static async Task CreateRolesAsync(IEnumerable<SchemaPair> pairs)
    {
        await using var connection = new NpgsqlConnection(await PostgresServer.ConnectionStringAsync());
        await connection.OpenAsync();
        foreach (var statement in pairs.SelectMany(pair => pair.Roles).Distinct())
        {
            try
            {
                await using var command = new NpgsqlCommand(statement, connection);
                await command.ExecuteNonQueryAsync();
            }
            catch (PostgresException e) when (e.SqlState
                is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
            {
                // Two suites use the same name; two tests may create it at once.
            }
        }
    }

    private static SchemaPair Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var both = Numbers(root, "loads") ?? [];
        return new SchemaPair
        {
            Id = root.GetProperty("id").GetString()!,
            Current = root.GetProperty("a_sql").GetString()!,
            Desired = root.GetProperty("b_sql").GetString()!,
            Roles = [.. root.GetProperty("roles").EnumerateArray().Select(role => role.GetString()!)],
            Loads = (Numbers(root, "a_loads") ?? both, Numbers(root, "b_loads") ?? both),
            SameOn = Numbers(root, "same_on") ?? [],
        };
    }

    private static int[]? Numbers(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(one => one.GetInt32())] : null;
}
