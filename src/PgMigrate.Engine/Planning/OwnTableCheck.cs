using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Planning;

/// <summary>
/// Finds statements that create or drop a table with the name of the tracking table or its log; pure.
/// </summary>
internal static class OwnTableCheck
{
    /// <summary>The problems of a step; only those that are certain before it runs.</summary>
    public static IEnumerable<MigrationProblem> Check(PlannedStep step, HistorySnapshot history)
    {
        if (history.Table is not { } table || step.IsRecordOnly)
        {
            yield break;
        }

        // The schema of an unqualified name is known until the file itself sets search_path.
        foreach (var (named, place, isPathKnown) in step.Script.Facts.Naming)
        {
            if (named.Names.Any(name => table.IsNamedBy(name)
                && (name.Schema is not null || (isPathKnown && history.CreatesBesideTable))))
            {
                yield return place with
                {
                    Code = ErrorCodes.HistoryTableInFile,
                    Message = Describe(named.Verb, table, history),
                    Severity = named.Verb == RelationVerb.CreateIfAbsent ? nameof(ProblemSeverity.Warning)
                        : nameof(ProblemSeverity.Error),
                };
            }
        }
    }

    private static string Describe(RelationVerb verb, HistoryTable table, HistorySnapshot history) => verb switch
    {
        RelationVerb.Drop => $"The statement drops the tracking table {table.QualifiedName} or its log, without which "
            + "no migration can be recorded. Delete the statement.",
        RelationVerb.CreateIfAbsent => $"The statement creates nothing: {table.QualifiedName} and {table.QualifiedLog} "
            + "are the tracking table of this run and its log. Delete the statement and what fills that table; or "
            + table.WayOut(history.TableExists, history.IsEmpty),
        _ => $"The statement creates {table.QualifiedName} or {table.QualifiedLog}, which are the tracking table of "
            + "this run and its log. Delete the statement and what fills that table; or "
            + table.WayOut(history.TableExists, history.IsEmpty),
    };
}
