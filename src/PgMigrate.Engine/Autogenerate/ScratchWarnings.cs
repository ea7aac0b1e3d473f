using PgMigrate.Errors;
using PgMigrate.Scratch;

namespace PgMigrate.Autogenerate;

/// <summary>Warns of scratch databases that are left.</summary>
internal static class ScratchWarnings
{
    public static IEnumerable<MigrationProblem> Of(ScratchServer server) => server.Undropped.Select(left =>
        new MigrationProblem
        {
            Code = ErrorCodes.ScratchNotDropped,
            Severity = nameof(ProblemSeverity.Warning),
            Message = $"The scratch database {left.Name} could not be dropped: {left.Reason} Drop it yourself.",
        });
}
