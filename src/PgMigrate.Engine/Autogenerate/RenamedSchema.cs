using Npgsql;
using PgMigrate.Autogenerate.Renames;
using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Schema.Catalog;
using PgMigrate.Scratch;

namespace PgMigrate.Autogenerate;

/// <summary>
/// The current schema with the renames that were asked for, made in a copy of it, so that the server itself changes
/// everything that has the old names.
/// </summary>
internal sealed class RenamedSchema : IAsyncDisposable
{
    private readonly List<RenameStep> _steps = [];
    private ScratchDatabase? _clone;

    private RenamedSchema(SchemaReplay replay) => Replay = replay;

    /// <summary>The schema to compare with the desired one.</summary>
    public SchemaReplay Replay { get; private set; }

    /// <summary>The statements that made it, in order.</summary>
    public IReadOnlyList<RenameStep> Steps => _steps;

    /// <summary>Hints that are not followed.</summary>
    public IReadOnlyList<MigrationProblem> Warnings { get; private set; } = [];

    /// <summary>The renames, for names before them.</summary>
    public RenamePaths Paths { get; private set; } = new();

    /// <summary>The current schema as it is.</summary>
    public static RenamedSchema Without(SchemaReplay current) => new(current);

    /// <summary>Makes the renames of -Rename and of the comments in a copy.</summary>
    /// <exception cref="PlanBlockedException">Hints that cannot be followed, all of them.</exception>
    public static async Task<RenamedSchema> ApplyAsync(
        SchemaReplay current,
        Snapshot desired,
        IReadOnlyDictionary<string, string> asked,
        IReadOnlyList<SchemaRename> comments,
        CancellationToken cancellationToken)
    {
        var schema = new RenamedSchema(current);
        if (asked.Count + comments.Count == 0)
        {
            return schema;
        }

        try
        {
            var wanted = new NameIndex(desired);
            var names = new NameIndex(current.Snapshot);
            var resolver = new RenameResolver(names, wanted, current.Options.Schema ?? "public");
            resolver.Resolve(asked, comments);
            ThrowIfAny(resolver.Problems);
            schema.Warnings = resolver.Warnings;
            schema.Paths = resolver.Paths;
            await schema.MakeAsync(names, resolver.Renames, resolver.SchemaBefore, cancellationToken)
                .ConfigureAwait(false);
            if (schema.Steps.Count > 0)
            {
                names = new NameIndex(schema.Replay.Snapshot);
                var derived = DerivedRenames.Find(names, wanted, resolver.Renames);
                await schema.MakeAsync(names, derived, r => r.Schema, cancellationToken).ConfigureAwait(false);
            }

            return schema;
        }
        catch
        {
            await schema.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The renames as changes.</summary>
    public IEnumerable<SchemaChange> Changes => _steps.GroupBy(s => (object?)s.Rename ?? s).Select(ToChange);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_clone is not null)
        {
            await _clone.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task MakeAsync(
        NameIndex names,
        IReadOnlyList<ResolvedRename> renames,
        Func<NamedObject, string?> schemaBefore,
        CancellationToken cancellationToken)
    {
        if (renames.Count == 0)
        {
            return;
        }

        var (steps, problems) = RenameSequencer.Order(names, renames, schemaBefore);
        ThrowIfAny(problems);
        _clone ??= await Replay.Database.CloneAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await SchemaReplay.ExecuteAsync(_clone, steps.Select(s => s.Up), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e)
        {
            throw Refused(e, steps);
        }

        _steps.AddRange(steps);
        var snapshot = await SchemaReplay.ReadAsync(_clone, Replay.Options, cancellationToken).ConfigureAwait(false);
        Replay = SchemaReplay.Of(_clone, snapshot, Replay.Options);
    }

    private static PlanBlockedException Refused(PostgresException error, IReadOnlyList<RenameStep> steps)
    {
        var statement = error.BatchCommand?.CommandText;
        var hint = steps.FirstOrDefault(s => s.Up == statement)?.Rename?.Hint;
        var what = statement is null ? "a rename" : $"'{statement}'";
        var message = $"PostgreSQL refuses {what}: {ServerText.Of(error)} "
            + "Leave the rename out, or make it in a migration of its own.";
        return PlanBlockedException.For(
            [hint?.Problem(ErrorCodes.SchemaRenameInvalid, message)
                ?? new MigrationProblem { Code = ErrorCodes.SchemaRenameInvalid, Message = message }]);
    }

    private static SchemaChange ToChange(IEnumerable<RenameStep> group)
    {
        var steps = group.ToList();
        var rename = steps[0].Rename;
        return rename is null
            ? new SchemaChange
            {
                Kind = "schema",
                Action = "Create",
                Name = steps[0].Up["CREATE SCHEMA ".Length..],
                Statements = [steps[0].Up],
            }
            : new SchemaChange
            {
                Kind = rename.New.Kind,
                Action = "Rename",
                Name = rename.New.IsPartOfType ? rename.New.Text : rename.New.Entry.Identity,
                Table = rename.New.Entry.Parent is { Kind: not "schema" } parent ? parent.Identity : null,
                Detail = $"was {rename.Old.Text}",
                Statements = [.. steps.Select(s => s.Up)],
            };
    }

    private static void ThrowIfAny(IReadOnlyList<MigrationProblem> problems)
    {
        if (problems.Count > 0)
        {
            throw PlanBlockedException.For(problems);
        }
    }
}
