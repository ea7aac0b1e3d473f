namespace PgMigrate.Scratch;

/// <summary>What a load came to.</summary>
/// <param name="Warnings">What was left out.</param>
/// <param name="Retried">True when a statement failed at its place and ran later.</param>
/// <param name="Order">The statements in the order in which they ran.</param>
internal sealed record SchemaLoad(
    IReadOnlyList<MigrationProblem> Warnings, bool Retried, IReadOnlyList<StatementPlace> Order)
{
    /// <summary>What comments say that objects were called before.</summary>
    public IReadOnlyList<SchemaRename> Renames { get; init; } = [];

    /// <summary>Functions whose language refuses their bodies.</summary>
    public IReadOnlyList<FunctionFault> InvalidFunctions { get; init; } = [];

    /// <summary>The same as warnings, each at the statement that made the function where that is known.</summary>
    public IReadOnlyList<MigrationProblem> FunctionProblems { get; init; } = [];
}
