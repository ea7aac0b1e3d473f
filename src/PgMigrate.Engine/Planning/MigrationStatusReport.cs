namespace PgMigrate.Planning;

/// <summary>The state of every migration, and the problems of the files.</summary>
/// <param name="Migrations">In plan order.</param>
/// <param name="Problems">Errors and warnings; files that are applied and unchanged have none.</param>
public sealed record MigrationStatusReport(
    IReadOnlyList<MigrationStatus> Migrations, IReadOnlyList<MigrationProblem> Problems);
