using System.Diagnostics.CodeAnalysis;
using PgMigrate.Scripts;

namespace PgMigrate.History;

/// <summary>
/// The progress of a no-transaction script; stored as one text, <c>apply:checksum</c> or <c>undo?:checksum</c>, where
/// the question mark says that the next statement had started.
/// </summary>
/// <param name="Direction">Apply or undo.</param>
/// <param name="IsInDoubt">True when the outcome of the statement after the completed ones is not known.</param>
/// <param name="Checksum">
/// SHA-256 of the statements that are completed, or had started, with their values except the secret ones.
/// </param>
internal sealed record ScriptProgress(MigrationDirection Direction, bool IsInDoubt, string Checksum)
{
    /// <summary>The progress after a number of statements of a script.</summary>
    public static ScriptProgress Of(MigrationDirection direction, SqlScript script, int done, bool isInDoubt) =>
        new(direction, isInDoubt, ChecksumOf(script, isInDoubt ? done + 1 : done));

    /// <summary>How many statements had started, when so many were completed.</summary>
    public int Begun(int done) => IsInDoubt ? done + 1 : done;

    /// <summary>
    /// SHA-256 of the first statements of a script, with its values except those that are secret.
    /// </summary>
    public static string ChecksumOf(SqlScript script, int count) => script.Progress.ChecksumOf(count);

    /// <summary>Parses the stored text; null when there is none, or it is not valid.</summary>
    public static ScriptProgress? Parse(string? text)
    {
        var parts = text?.Split(':');
        return parts is [var head, var checksum] && TryReadDirection(head.TrimEnd('?'), out var direction)
            ? new ScriptProgress(direction.Value, head.EndsWith('?'), checksum)
            : null;
    }

    /// <summary>The stored text.</summary>
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
