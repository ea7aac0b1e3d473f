using PgMigrate.History;
using PgMigrate.Runs;

namespace PgMigrate.Sessions;

/// <summary>What all parts of a run use.</summary>
/// <param name="Session">The session that holds the lock and runs the migrations.</param>
/// <param name="History">The tracking table.</param>
/// <param name="Module">The module.</param>
/// <param name="Origin">What results say about the history.</param>
internal sealed record RunContext(DatabaseSession Session, HistoryTable History, string Module, RunOrigin Origin)
{
    /// <summary>Creates the results.</summary>
    public StepResults Results { get; } = new(Origin);
}
