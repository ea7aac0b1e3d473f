using Microsoft.Extensions.Logging;
using PgMigrate;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Runs;

namespace Shop;

/// <summary>Brings the database of an application up to date before it serves its first request.</summary>
public static class StartUp
{
    /// <summary>Applies what is pending, and returns how many migrations that were.</summary>
    /// <remarks>
    /// Instances may start at the same time: one applies, the others wait for its lock and find nothing to do. An error
    /// must end the start-up; what was committed before it stays.
    /// </remarks>
    public static async Task<int> MigrateAsync(
        string connectionString, string folder, ILogger logger, CancellationToken cancellationToken = default)
    {
        var input = new ConnectionInput { ConnectionString = connectionString };
        var target = DatabaseTarget.Resolve(input, Environment.GetEnvironmentVariable);
        var options = new MigratorOptions { FolderPaths = [folder] };
        try
        {
            await using var migrator = await Migrator.OpenAsync(target, options, cancellationToken);
            var request = new PlanRequest { Direction = MigrationDirection.Apply };
            var plan = await migrator.PlanAsync(request, cancellationToken);

            // RunAsync throws a blocked plan, with all of its errors. Warnings block nothing.
            foreach (var warning in plan.Problems.Where(problem => problem.Is(ProblemSeverity.Warning)))
            {
                logger.LogWarning("{Problem}", warning);
            }

            var applied = 0;
            var run = new RunOptions { LockWait = TimeSpan.FromMinutes(2) };
            await foreach (var happened in migrator.RunAsync(plan, run, cancellationToken))
            {
                applied += happened is StepFinished { Result: var result } && result.Is(MigrationOutcome.Applied)
                    ? 1
                    : 0;
                Log(logger, happened);
            }

            return applied;
        }
        catch (PgMigrateException e)
        {
            // The message names file, line and column and what to do next, and never holds the password.
            logger.LogCritical("{Code}: {Message}", e.Code, e.Message);
            throw;
        }
    }

    private static void Log(ILogger logger, MigrationEvent happened)
    {
        switch (happened)
        {
            case LockWaiting waiting:
                logger.LogInformation("Waiting for another run: {Holder}", waiting.Holder);
                break;
            case RetryScheduled retry:
                logger.LogWarning("{File} could not get a lock and is tried again", retry.Step.FileName);
                break;
            case NoticeRaised notice:
                logger.LogInformation("{Severity} of the server: {Message}", notice.Severity, notice.Message);
                break;
            case RunWarning warning:
                logger.LogWarning("{Message}", warning.Message);
                break;
            case StepFinished { Result: var result }:
                logger.LogInformation("Applied {File} in {Milliseconds:0} ms", result.FileName, result.DurationMs);
                break;
        }
    }
}
