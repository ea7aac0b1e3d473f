using PgMigrate.History;
using PgMigrate.Runs;

namespace PgMigrate.Sessions;

/// <summary>What all parts of a run work with.</summary>
/// <param name="Session">The session that holds the lock and runs the migrations.</param>
/// <param name="History">The tracking table.</param>
/// <param name="Module">The module.</param>
/// <param name="Origin">What results say of the history.</param>
internal sealed record RunContext(DatabaseSession Session, HistoryTable History, string Module, RunOrigin Origin)
{
    /// <summary>Makes the results.</summary>
    public StepResults Results { get; } = new(Origin);
}
