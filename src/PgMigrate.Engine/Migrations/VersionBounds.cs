namespace PgMigrate.Migrations;

/// <summary>
/// The first and the last version of a range as a user writes them: versions or names, both inclusive.
/// </summary>
/// <param name="From">The first; null for no limit.</param>
/// <param name="To">The last; null for no limit.</param>
public sealed record VersionBounds(string? From, string? To)
{
    /// <summary>The bounds as parameters, for messages.</summary>
    public override string ToString() => string.Join(
        ' ', new[] { From is null ? null : $"-From {From}", To is null ? null : $"-To {To}" }.OfType<string>());
}
