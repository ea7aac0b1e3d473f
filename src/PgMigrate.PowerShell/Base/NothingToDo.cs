using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Planning;

namespace PgMigrate.PowerShell.Base;

/// <summary>Why a run has no steps, in a sentence.</summary>
internal static class NothingToDo
{
    public static string Sentence(MigrationPlan plan, Migrator migrator) =>
        (plan.Request.Direction, plan.Pending,
            plan.Problems.Count(problem => problem.Code == ErrorCodes.TemplateUntouched)) switch
        {
            (MigrationDirection.Undo, _, _) => $"Nothing to undo in {Place(migrator)}: no applied migration was "
                + "chosen.",
            (_, 0, _) => $"Nothing to do: {Place(migrator)} is up to date.",
            (_, var pending, var templates) when pending == templates =>
                $"Nothing to do in {Place(migrator)}: {Counted.Of(pending, "untouched template")} left pending.",
            (_, 1, _) => $"Nothing to do in {Place(migrator)}: the pending migration was not chosen.",
            (_, var pending, _) => $"Nothing to do in {Place(migrator)}: none of the {pending} pending migrations was "
                + "chosen.",
        };

    public static string Meanwhile(Migrator migrator) =>
        $"Nothing left to do: another run changed {Place(migrator)} while this one waited for its lock.";

    private static string Place(Migrator migrator) => $"{migrator.Module} on {migrator.Connection}";
}
