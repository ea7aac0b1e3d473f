using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Planning;

namespace PgMigrate.Records;

/// <summary>What a change of records would write, and why it must not; made for a known history.</summary>
public sealed record RecordPlan
{
    /// <summary>What was asked for.</summary>
    public required RecordChange Change { get; init; }

    /// <summary>The history it was made for; the runner compares it under the lock.</summary>
    public required HistoryFingerprint BasedOn { get; init; }

    /// <summary>The rows of folder and history that are changed, as they are before.</summary>
    internal IReadOnlyList<MigrationRow> Rows { get; init; } = [];

    /// <summary>Why it must not run; empty when it may.</summary>
    public IReadOnlyList<MigrationProblem> Problems { get; init; } = [];

    /// <summary>True when a problem forbids to run it.</summary>
    public bool IsBlocked => Problems.Count > 0;

    /// <summary>What is written into the tracking table, in order.</summary>
    internal IReadOnlyList<RecordEdit> Edits { get; init; } = [];

    /// <summary>What kind of problems they are.</summary>
    internal RecordObstacle Obstacle { get; init; }

    /// <summary>Fails when a problem forbids to run it.</summary>
    /// <exception cref="MigrationNotFoundException">A name means no migration.</exception>
    /// <exception cref="InitializationException">The login lacks a right.</exception>
    /// <exception cref="PlanBlockedException">A migration cannot be changed so.</exception>
    public void Require()
    {
        if (IsBlocked)
        {
            throw Obstacle switch
            {
                RecordObstacle.NotFound => new MigrationNotFoundException(Problems[0].Message),
                RecordObstacle.Denied => new InitializationException(Problems[0].Code, Problems[0].Message),
                _ => PlanBlockedException.For(Problems),
            };
        }
    }
}

/// <summary>Why a change of records must not run.</summary>
internal enum RecordObstacle
{
    /// <summary>The state of a migration does not allow it.</summary>
    State,

    /// <summary>A name means no migration.</summary>
    NotFound,

    /// <summary>The login lacks a right.</summary>
    Denied,
}

/// <summary>One row of the tracking table that is written or deleted.</summary>
internal abstract record RecordEdit;

/// <summary>Deletes a row.</summary>
internal sealed record DeleteRow(HistoryEntry Entry) : RecordEdit;

/// <summary>Writes a row as applied, in place of an interrupted one if there is one.</summary>
internal sealed record WriteAppliedRow(Migration Migration, HistoryEntry? Entry, string Reason) : RecordEdit;

/// <summary>Deletes the row of an interrupted migration.</summary>
internal sealed record DeleteInterruptedRow(HistoryEntry Entry, string Reason) : RecordEdit;

/// <summary>Writes a row of a baseline.</summary>
internal sealed record WriteBaselineRow(Migration Migration) : RecordEdit;
