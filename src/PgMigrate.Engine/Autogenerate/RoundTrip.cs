using System.Runtime.CompilerServices;
using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Autogenerate;

/// <summary>
/// Applies each migration to a scratch database, undoes it and applies it again: DOWN has to leave what was there
/// before UP, and UP has to run after it and make the same.
/// </summary>
public static class RoundTrip
{
    // Who owns an object and who may use it belong to what DOWN has to leave.
    private static readonly CompareOptions Everything = new() { IncludePrivileges = true, IncludeOwner = true };

    /// <summary>Tries the migrations in the order of an apply and yields what happens.</summary>
    /// <exception cref="MigrationNotFoundException">A name means no migration of the folder.</exception>
    /// <exception cref="PgMigrateException">
    /// The folder is blocked, or no scratch database can be made. What a migration itself does is yielded.
    /// </exception>
    public static async IAsyncEnumerable<RoundTripEvent> CheckAsync(
        RoundTripRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pending = await PendingAsync(request, cancellationToken).ConfigureAwait(false);
        var server = await SchemaReplay.ResolveAsync(request.Scratch, cancellationToken).ConfigureAwait(false);
        var course = new RoundTripCourse(server, request);
        await using var _ = course.ConfigureAwait(false);
        var plan = await course.PlanAsync(cancellationToken).ConfigureAwait(false);
        var steps = plan.Steps;
        var tried = Choose(plan, request.Versions, pending);
        var number = 0;
        for (var i = 0; i < steps.Count; i++)
        {
            if (!tried.Contains(steps[i]))
            {
                continue;
            }

            yield return new RoundTripStage(steps[i].Name, ++number, tried.Count);
            var problem = await course.MoveToAsync(i, cancellationToken).ConfigureAwait(false)
                ?? await TryAsync(course, steps[i], cancellationToken).ConfigureAwait(false);
            if (problem is not null)
            {
                yield return new RoundTripFinding(problem);
            }

            if (course.IsStuck)
            {
                if (tried.Count > number)
                {
                    yield return new RoundTripFinding(NotTried(steps[i], tried.Count - number));
                }

                break;
            }
        }

        foreach (var undropped in ScratchWarnings.Of(server))
        {
            yield return new RoundTripFinding(undropped);
        }
    }

    private static async Task<HashSet<MigrationVersion>?> PendingAsync(
        RoundTripRequest request, CancellationToken cancellationToken)
    {
        if (request.Versions is not null || request.Database is not { } database)
        {
            return null;
        }

        var migrator = await Migrator.OpenAsync(database, request.Options, cancellationToken).ConfigureAwait(false);
        await using var _ = migrator.ConfigureAwait(false);
        var plan = await migrator.PlanAsync(RoundTripCourse.Apply(request), cancellationToken).ConfigureAwait(false);
        return [.. plan.Steps.Select(step => step.Version)];
    }

    private static HashSet<PlannedStep> Choose(
        MigrationPlan plan, IReadOnlyList<string>? versions, HashSet<MigrationVersion>? pending)
    {
        var steps = plan.Steps;
        if (versions is null)
        {
            return [.. steps.Where(step => pending?.Contains(step.Version) != false)];
        }

        // A file that no apply runs, such as a template, is in the folder all the same.
        var unknown = versions.FirstOrDefault(asked => !plan.Folder.Migrations.Any(file => file.IsNamed(asked)));
        return unknown is null
            ? [.. steps.Where(step => versions.Any(step.Migration!.IsNamed))]
            : throw new MigrationNotFoundException($"'{unknown}' is neither a version nor a name in the folder.");
    }

    private static async Task<MigrationProblem?> TryAsync(
        RoundTripCourse course, PlannedStep step, CancellationToken cancellationToken)
    {
        if (step.IsRecordOnly || step.Migration!.Kind == MigrationKind.Repeatable || step.Migration.Down is null)
        {
            var failure = await course.ApplyAsync(cancellationToken).ConfigureAwait(false);
            return failure ?? (step.IsRecordOnly || step.Migration!.Kind == MigrationKind.Repeatable
                ? null
                : Problem(step, ErrorCodes.RoundTripWithoutDown, ProblemSeverity.Warning,
                    $"{step.Name} has no DOWN, so that no undo of it can be tried. Write a DOWN section."));
        }

        var before = await course.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (await course.ApplyAsync(cancellationToken).ConfigureAwait(false) is { } fails)
        {
            return fails;
        }

        var after = await course.ReadAsync(cancellationToken).ConfigureAwait(false);
        return await course.UndoAsync(step, cancellationToken).ConfigureAwait(false)
            ?? await CompareAsync(course, before, left => Problem(
                step, ErrorCodes.RoundTripDiffers, ProblemSeverity.Error,
                $"DOWN of {step.Name} leaves another schema than the one before UP: {left}. Complete the DOWN "
                    + "section."), cancellationToken).ConfigureAwait(false)
            ?? await ApplyAgainAsync(course, cancellationToken).ConfigureAwait(false)
            ?? await CompareAsync(course, after, left => Problem(
                step, ErrorCodes.RoundTripDiffers, ProblemSeverity.Error,
                $"{step.Name} makes another schema when it is applied again after its DOWN: {left}. Complete the "
                    + "DOWN section, or let UP not depend on what is there."), cancellationToken).ConfigureAwait(false);
    }

    private static async Task<MigrationProblem?> CompareAsync(
        RoundTripCourse course,
        Snapshot wanted,
        Func<string, MigrationProblem> word,
        CancellationToken cancellationToken)
    {
        var reached = await course.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (DifferenceText.Of(reached, wanted, Everything) is not { } left)
        {
            return null;
        }

        course.Restart();
        return word(left);
    }

    private static async Task<MigrationProblem?> ApplyAgainAsync(
        RoundTripCourse course, CancellationToken cancellationToken)
    {
        if (await course.ApplyAsync(cancellationToken).ConfigureAwait(false) is not { } fails)
        {
            return null;
        }

        course.Restart();
        return fails with { Message = $"It cannot be applied again after its DOWN. {fails.Message}" };
    }

    private static MigrationProblem NotTried(PlannedStep step, int count) => new()
    {
        Code = ErrorCodes.RoundTripNotTried,
        Severity = nameof(ProblemSeverity.Warning),
        Message = $"{(count == 1 ? "One migration" : $"{count} migrations")} after {step.Name} could not be tried: "
            + "nothing can be applied after it. Correct its UP section and test again.",
    };

    private static MigrationProblem Problem(
        PlannedStep step, string code, ProblemSeverity severity, string message) => new()
        {
            Code = code,
            Severity = severity.ToString(),
            Message = message,
            FileName = step.FileName,
            FilePath = step.FilePath,
        };
}
