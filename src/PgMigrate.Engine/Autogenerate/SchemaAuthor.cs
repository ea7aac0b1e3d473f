using System.Runtime.CompilerServices;
using PgMigrate.Autogenerate.Renames;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Scratch;

namespace PgMigrate.Autogenerate;

/// <summary>What is to be written.</summary>
public sealed record AuthorRequest
{
    /// <summary>File or folder of the SQL that describes the desired schema.</summary>
    public required string SchemaPath { get; init; }

    /// <summary>The migrations folder and the tracking table.</summary>
    public required MigratorOptions Options { get; init; }

    /// <summary>Where scratch databases are made.</summary>
    public required ScratchOptions Scratch { get; init; }

    /// <summary>What counts as a difference.</summary>
    public SchemaComparison Comparison { get; init; } = new();

    /// <summary>The database is the current state, and not the replayed folder.</summary>
    public bool FromDatabase { get; init; }

    /// <summary>Objects that were renamed: the old name and the new one, as SQL writes them.</summary>
    public IReadOnlyDictionary<string, string> Renames { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Tables that exist already are locked as briefly as possible, in several files where that takes them.
    /// </summary>
    public bool Online { get; init; }

    /// <summary>The UP part may lose rows and values.</summary>
    public bool AllowDataLoss { get; init; }
}

/// <summary>What happens while a migration is drafted.</summary>
public abstract record AuthorEvent;

/// <summary>The next part of the work.</summary>
/// <param name="Activity">What is done, in words.</param>
/// <param name="Percent">How far it is.</param>
public sealed record AuthorStage(string Activity, int Percent) : AuthorEvent;

/// <summary>Something to look at.</summary>
/// <param name="Problem">The warning with its place.</param>
public sealed record AuthorWarning(MigrationProblem Problem) : AuthorEvent;

/// <summary>The files, proved; none when there is nothing to do.</summary>
/// <param name="Files">The parts in order.</param>
public sealed record AuthorDraft(IReadOnlyList<DraftedFile> Files) : AuthorEvent;

/// <summary>One migration file.</summary>
/// <param name="Suffix">What is added to the name; empty for the only file.</param>
/// <param name="Up">The UP part.</param>
/// <param name="Down">The DOWN part.</param>
/// <param name="Changes">The changes of the UP part.</param>
public sealed record DraftedFile(string Suffix, string Up, string Down, IReadOnlyList<SchemaChange> Changes);

/// <summary>Writes the migration that brings a database to a desired schema, and proves it on a scratch
/// database.</summary>
public static class SchemaAuthor
{
    /// <summary>Drafts the files and yields what happens. Nothing is written.</summary>
    /// <exception cref="PgMigrateException">
    /// The SQL does not load, the change loses data, cannot be written, or its proof failed.
    /// </exception>
    public static async IAsyncEnumerable<AuthorEvent> DraftAsync(
        AuthorRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var server = await SchemaReplay.ResolveAsync(request.Scratch, cancellationToken).ConfigureAwait(false);
        yield return new AuthorStage(request.FromDatabase ? "Reading the database" : "Replaying the migrations", 5);
        var replay = await CurrentAsync(server, request, cancellationToken).ConfigureAwait(false);
        await using var _ = replay.ConfigureAwait(false);
        yield return new AuthorStage("Loading the desired schema", 30);
        var (desired, load) = await DesiredSchema.ReadAsync(server, request.SchemaPath, cancellationToken)
            .ConfigureAwait(false);
        foreach (var problem in load.Warnings.Concat(load.FunctionProblems))
        {
            yield return new AuthorWarning(problem);
        }

        yield return new AuthorStage("Comparing", 55);
        var options = request.Comparison.ToOptions();
        var renamed = await RenamedSchema.ApplyAsync(
            replay, desired, request.Renames, load.Renames, cancellationToken).ConfigureAwait(false);
        await using var __ = renamed.ConfigureAwait(false);
        foreach (var warning in renamed.Warnings.Concat(
            LikelyRenames.Find(renamed.Replay.Snapshot, desired, renamed.Paths)))
        {
            yield return new AuthorWarning(warning);
        }

        var changes = SchemaChanges.Make(renamed.Replay.Snapshot, desired, options);
        RequireNoLoss(changes, request.AllowDataLoss);
        if (changes.Count + renamed.Steps.Count == 0)
        {
            yield return new AuthorDraft([]);
            yield break;
        }

        yield return new AuthorStage("Proving UP and DOWN", 70);
        var (files, warnings) = await MigrationDrafter
            .DraftAsync(renamed, desired, changes, options, request.Online, cancellationToken).ConfigureAwait(false);
        foreach (var warning in warnings)
        {
            yield return new AuthorWarning(warning);
        }

        await MigrationProof.ProveAsync(replay, desired, files, options, cancellationToken).ConfigureAwait(false);
        foreach (var undropped in ScratchWarnings.Of(server))
        {
            yield return new AuthorWarning(undropped);
        }

        yield return new AuthorDraft(files);
    }

    private static async Task<SchemaReplay> CurrentAsync(
        ScratchServer server, AuthorRequest request, CancellationToken cancellationToken)
    {
        if (!request.FromDatabase)
        {
            return await SchemaReplay
                .RunAsync(server, request.Options, mayBeEmpty: true, cancellationToken).ConfigureAwait(false);
        }

        var connection = request.Scratch.Connection ?? throw new InitializationException(
            ErrorCodes.ConnectionInvalid, "-FromDatabase needs a connection. Name the database.");
        var schema = await SchemaComparer.ReadDatabaseAsync(connection, request.Options, cancellationToken)
            .ConfigureAwait(false);
        return await SchemaReplay.CopyAsync(server, (Snapshot)schema.Content, request,
            cancellationToken).ConfigureAwait(false);
    }

    private static void RequireNoLoss(IReadOnlyList<PlannedChange> changes, bool isAllowed)
    {
        var losses = changes.SelectMany(c => c.Losses).Distinct().ToList();
        if (losses.Count > 0 && !isAllowed)
        {
            throw new MigrationCreationException(
                ErrorCodes.SchemaLosesData,
                $"The change loses data: {string.Join("; ", losses)}. No file was written. Add -AllowDataLoss when "
                    + "that is meant. A rename is not guessed: name both names with -Rename.");
        }
    }
}
