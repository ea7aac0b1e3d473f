using PgMigrate;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Runs;

namespace Shop;

/// <summary>Brings the database of an application up to date before it serves its first request.</summary>
public static class StartUp
{
    /// <summary>Applies what is pending, and answers how many migrations that were.</summary>
    /// <remarks>
    /// Instances that start at the same time are no danger: one applies, the others wait for its lock and find nothing
    /// to do. An error must end the start-up; what was committed before it stays.
    /// </remarks>
    public static async Task<int> MigrateAsync(
        string connectionString, string folder, TextWriter log, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var input = new ConnectionInput { ConnectionString = connectionString };
        var target = DatabaseTarget.Resolve(input, Environment.GetEnvironmentVariable);
        var options = new MigratorOptions { FolderPaths = [folder] };
        try
        {
            await using var migrator = await Migrator.OpenAsync(target, options, cancellationToken);
            var request = new PlanRequest { Direction = MigrationDirection.Apply };
            var plan = await migrator.PlanAsync(request, cancellationToken);

            // A blocked plan is thrown by RunAsync, with all of its errors; its warnings are ours to show.
            foreach (var warning in plan.Problems.Where(problem => problem.Is(ProblemSeverity.Warning)))
            {
                await log.WriteLineAsync($"warning: {warning}");
            }

            var applied = 0;
            var run = new RunOptions { LockWait = TimeSpan.FromMinutes(2) };
            await foreach (var happened in migrator.RunAsync(plan, run, cancellationToken))
            {
                switch (happened)
                {
                    case LockWaiting waiting:
                        await log.WriteLineAsync($"waiting for {waiting.Holder}");
                        break;
                    case StepFinished { Result: var result } when result.Is(MigrationOutcome.Applied):
                        applied++;
                        await log.WriteLineAsync($"applied {result.FileName} in {result.DurationMs:0} ms");
                        break;
                }
            }

            return applied;
        }
        catch (PgMigrateException e)
        {
            // The message names file, line and column and what to do next, and never holds the password.
            await log.WriteLineAsync($"{e.Code}: {e.Message}");
            throw;
        }
    }
}
