namespace PgMigrate.Planning;

/// <summary>Where every migration stands, and what is wrong with the files.</summary>
/// <param name="Migrations">In plan order.</param>
/// <param name="Problems">Errors and warnings; files that are applied and unchanged have none.</param>
public sealed record MigrationStatusReport(
    IReadOnlyList<MigrationStatus> Migrations, IReadOnlyList<MigrationProblem> Problems);
