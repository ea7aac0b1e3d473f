using System.Text;
using PgMigrate.Authoring;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;
using PgMigrate.Scratch;

namespace PgMigrate.Autogenerate;

/// <summary>
/// Runs drafted files in a copy of the current state, as an apply and an undo would, and compares what comes of it.
/// </summary>
internal static class MigrationProof
{
    private const string OwnModule = "pgmigrate_proof";

    /// <summary>Fails unless UP reaches the desired schema and DOWN the current one.</summary>
    /// <exception cref="MigrationCreationException">One of both does not.</exception>
    public static async Task ProveAsync(
        SchemaReplay current,
        Snapshot desired,
        IReadOnlyList<DraftedFile> files,
        CompareOptions options,
        CancellationToken cancellationToken)
    {
        var clone = await current.Database.CloneAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = clone.ConfigureAwait(false);
        using var folder = new ProofFolder(files);
        // A history of its own: that of the replay stays as it is.
        var own = current.Options with
        {
            FolderPaths = [folder.Path],
            Module = OwnModule,
            Role = null,
            CreateSchema = true
        };
        await RunAsync(clone, own, MigrationDirection.Apply, cancellationToken).ConfigureAwait(false);
        var reached = await SchemaReplay.ReadAsync(clone, own, cancellationToken).ConfigureAwait(false);
        Require("UP", reached, desired, options);
        await RunAsync(clone, own, MigrationDirection.Undo, cancellationToken).ConfigureAwait(false);
        reached = await SchemaReplay.ReadAsync(clone, own, cancellationToken).ConfigureAwait(false);
        Require("DOWN", reached, current.Snapshot, options);
    }

    private static async Task RunAsync(
        ScratchDatabase clone,
        MigratorOptions options,
        MigrationDirection direction,
        CancellationToken cancellationToken)
    {
        try
        {
            await SchemaReplay.ApplyAsync(clone.Target, options, direction, cancellationToken).ConfigureAwait(false);
        }
        catch (PgMigrateException e)
        {
            var way = direction == MigrationDirection.Apply ? "UP" : "DOWN";
            throw new MigrationCreationException(
                ErrorCodes.SchemaProofFailed,
                $"The {way} part that was drafted fails on a copy of the schema, so that no file was written: "
                    + $"{e.Message} "
                    + "Write this change yourself, in a migration of its own, and compare again after it.",
                e);
        }
    }

    private static void Require(string way, Snapshot reached, Snapshot wanted, CompareOptions options)
    {
        if (DifferenceText.Of(reached, wanted, options) is { } left)
        {
            throw new MigrationCreationException(
                ErrorCodes.SchemaProofFailed,
                $"The {way} part that was drafted does not reach the {(way == "UP" ? "desired" : "current")} schema on "
                    + $"a copy, so that no file was written. It leaves different: {left}. Write this change yourself, "
                    + "in a migration of its own, and compare again after it.");
        }
    }

    // The files as they will be written, in a folder that only this login can read.
    private sealed class ProofFolder : IDisposable
    {
        public ProofFolder(IReadOnlyList<DraftedFile> files)
        {
            Path = Directory.CreateTempSubdirectory("pgmigrate-proof-").FullName;
            for (var i = 0; i < files.Count; i++)
            {
                var request = new MigrationDraftRequest(
                    "proof", MigrationNumbering.Sequential, files[i].Up, files[i].Down, null, DateTimeOffset.UnixEpoch);
                File.WriteAllText(
                    System.IO.Path.Combine(Path,
                        $"{i + 1:D3}_proof.sql"), MigrationTemplate.TextFor(request), Encoding.UTF8);
            }
        }

        public string Path { get; }

        public void Dispose()
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A temporary folder without secrets: the system clears it.
            }
        }
    }
}
