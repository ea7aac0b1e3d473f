using System.Diagnostics.CodeAnalysis;
using PgMigrate.Scripts;

namespace PgMigrate.History;

/// <summary>
/// Where a script outside a transaction stands; kept as one text, <c>apply:checksum</c> or <c>undo?:checksum</c>, where
/// the question mark says that the next statement had begun.
/// </summary>
/// <param name="Direction">Which script it is.</param>
/// <param name="IsInDoubt">True when nobody saw whether the statement after the done ones came to its end.</param>
/// <param name="Checksum">
/// SHA-256 of the statements that are done, or had begun, with their values but the secret ones.
/// </param>
public sealed record ScriptProgress(MigrationDirection Direction, bool IsInDoubt, string Checksum)
{
    /// <summary>After so many statements of a script.</summary>
    public static ScriptProgress Of(MigrationDirection direction, SqlScript script, int done, bool isInDoubt) =>
        new(direction, isInDoubt, ChecksumOf(script, isInDoubt ? done + 1 : done));

    /// <summary>How many statements had begun, when so many were done.</summary>
    public int Begun(int done) => IsInDoubt ? done + 1 : done;

    /// <summary>
    /// SHA-256 of the first statements of a script, with its values in them, but for those that are secret.
    /// </summary>
    public static string ChecksumOf(SqlScript script, int count) => script.Progress.ChecksumOf(count);

    /// <summary>Reads what is stored; null when there is nothing, or nothing that can be read.</summary>
    public static ScriptProgress? Parse(string? text)
    {
        var parts = text?.Split(':');
        return parts is [var head, var checksum] && TryReadDirection(head.TrimEnd('?'), out var direction)
            ? new ScriptProgress(direction.Value, head.EndsWith('?'), checksum)
            : null;
    }

    /// <summary>As it is stored.</summary>
    public override string ToString() =>
        $"{(Direction == MigrationDirection.Apply ? "apply" : "undo")}{(IsInDoubt ? "?" : "")}:{Checksum}";

    private static bool TryReadDirection(string word, [NotNullWhen(true)] out MigrationDirection? direction)
    {
        direction = word switch
        {
            "apply" => MigrationDirection.Apply,
            "undo" => MigrationDirection.Undo,
            _ => null,
        };
        return direction is not null;
    }
}
