using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.Scratch;

/// <summary>Loads SQL that describes a schema into a scratch database.</summary>
internal static class SchemaLoader
{
    /// <summary>Reads a file, or the .sql files of a folder and its folders in ordinal order.</summary>
    /// <exception cref="PgMigrateException">The path names nothing, no .sql file, or what is no text.</exception>
    public static IReadOnlyList<SqlSource> ReadFiles(string path) => SchemaFiles.Read(path);

    /// <summary>
    /// Loads the texts in their order, each statement in a transaction of its own. A statement that fails since
    /// something is missing is tried again, with the settings of its place, until nothing moves.
    /// </summary>
    /// <param name="database">An empty scratch database.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="order">
    /// The order that a first load had found. Given, statements that had to wait run as early as they can, and not
    /// behind all others: where the two loads differ, the text does not say which schema is meant.
    /// </param>
    /// <exception cref="PlanBlockedException">What cannot be loaded, each with its place.</exception>
    public static async Task<SchemaLoad> LoadAsync(
        ScratchDatabase database,
        IReadOnlyList<SqlSource> texts,
        CancellationToken cancellationToken,
        IReadOnlyList<StatementPlace>? order = null)
    {
        var read = texts.Select((text, index) => SchemaText.Read(index, text)).ToList();
        var hints = texts.Select(RenameReader.Read).ToList();
        var arranged = LoadOrder.Arrange(read, database.Server.Like);
        var statements = arranged.All;
        ThrowIfAny(read.SelectMany(text => text.Problems)
            .Concat(hints.SelectMany(hint => hint.Problems))
            .Concat(MadeObjects.FindDropped(statements)));
        var session = await LoadSession.OpenAsync(database, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        ThrowIfAny(await session.FindMissingRightsAsync(database.Server, statements, cancellationToken)
            .ConfigureAwait(false));
        var run = new LoadRun(session, MadeObjects.Of(statements), order);
        await run.RunAsync(arranged, cancellationToken).ConfigureAwait(false);
        ThrowIfAny(run.Problems);
        var functions = await FunctionCheck.FindAsync(database, cancellationToken).ConfigureAwait(false);
        return new SchemaLoad([.. read.SelectMany(text => text.Warnings)], run.IsRetried, run.Order)
        {
            Renames = await FindRenamesAsync(session, hints, statements, cancellationToken).ConfigureAwait(false),
            InvalidFunctions = functions,
            FunctionProblems = [.. functions.Select(fault => fault.ToProblem(MakerOf(fault, statements)))],
        };
    }

    // A name without a schema is that of the schema in which its statement made the object.
    private static async Task<IReadOnlyList<SchemaRename>> FindRenamesAsync(
        LoadSession session,
        IEnumerable<RenameReader> hints,
        IReadOnlyList<LoadStatement> statements,
        CancellationToken cancellationToken)
    {
        var renames = new List<SchemaRename>();
        foreach (var (rename, statement) in hints.SelectMany(hint => hint.Of(statements)))
        {
            renames.Add(rename.Schema is not null ? rename : rename with
            {
                Schema = await session.CurrentSchemaAsync(statement, cancellationToken).ConfigureAwait(false),
            });
        }

        return renames;
    }

    private static LoadStatement? MakerOf(FunctionFault fault, IEnumerable<LoadStatement> statements)
    {
        var makers = statements.Where(one => one.Desired.Made is { Class: "routine" } made
            && made.Name.Name == fault.Name && (made.Name.Schema ?? fault.Schema) == fault.Schema).Take(2).ToList();
        return makers is [var only] ? only : null;
    }

    private static void ThrowIfAny(IEnumerable<MigrationProblem> problems)
    {
        if (problems.ToList() is { Count: > 0 } all)
        {
            throw PlanBlockedException.For(all);
        }
    }
}
