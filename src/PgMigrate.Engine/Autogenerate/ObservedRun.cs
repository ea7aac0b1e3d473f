using System.Runtime.CompilerServices;
using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Schema.Catalog;

namespace PgMigrate.Autogenerate;

/// <summary>
/// Runs a plan and lists in each result what the migration changed: the catalogs are read before and after it, in a
/// session of its own, while the run holds its lock.
/// </summary>
public static class ObservedRun
{
    /// <summary>Runs a plan and yields what happens; the results have their changes.</summary>
    /// <exception cref="PgMigrateException">
    /// As <see cref="Migrator.RunAsync(MigrationPlan, RunOptions, CancellationToken)"/>; or the migrations share one
    /// transaction, of which nothing is seen in between.
    /// </exception>
    public static async IAsyncEnumerable<MigrationEvent> RunAsync(
        Migrator migrator,
        MigrationPlan plan,
        RunOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(migrator);
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Steps.Count > 1 && plan.Steps.Any(step => step.SharesTransaction))
        {
            throw new InitializationException(
                ErrorCodes.ParametersContradict,
                "The changes of each migration are not seen while all share one transaction. Leave -SingleTransaction "
                    + "or -IncludeChanges out.");
        }

        var before = default(Snapshot);
        await foreach (var happened in migrator.RunAsync(plan, options, cancellationToken).ConfigureAwait(false))
        {
            if (happened is StepStarting { Position: var position } && before is null)
            {
                // While nothing has run, a catalog that cannot be read stops the run.
                before = position == 1
                    ? await ReadAsync(migrator, cancellationToken).ConfigureAwait(false)
                    : (await TryReadAsync(migrator).ConfigureAwait(false)).Snapshot;
            }

            if (happened is not StepFinished { Result: var result } || before is null)
            {
                yield return happened;
                continue;
            }

            // Not cancelled: the migration is committed, and its result must come.
            var (after, failure) = await TryReadAsync(migrator).ConfigureAwait(false);
            if (after is null)
            {
                yield return new RunWarning($"The changes of {result.FileName} could not be read: {failure}");
                yield return happened;
                // The next migration must not be credited with the changes of this one.
                before = null;
                continue;
            }

            yield return new StepFinished(result with { Changes = SchemaEffects.Of(before, after) });
            before = after;
        }
    }

    private static async Task<(Snapshot? Snapshot, string Failure)> TryReadAsync(Migrator migrator)
    {
        try
        {
            return (await ReadAsync(migrator, CancellationToken.None).ConfigureAwait(false), "");
        }
        catch (PgMigrateException e)
        {
            return (null, e.Message);
        }
        catch (NpgsqlException e)
        {
            return (null, ServerText.Of(e));
        }
    }

    private static async Task<Snapshot> ReadAsync(Migrator migrator, CancellationToken cancellationToken) =>
        (Snapshot)(await SchemaComparer.ReadDatabaseAsync(migrator.Target, migrator.Options, cancellationToken)
            .ConfigureAwait(false)).Content;
}
