namespace PgMigrate.Sql;

/// <summary>One query as psql would send it: a statement with the block comments right before it.</summary>
/// <param name="Text">
/// The source text from <paramref name="Offset"/> on, where a blank replaces each backslash that psql leaves out, so
/// that positions reported by the server hold.
/// </param>
/// <param name="Offset">Where the text starts in the script, in UTF-16 units.</param>
/// <param name="Line">The line of the first token, from 1; a block comment before it may start earlier.</param>
public sealed record SqlStatement(string Text, int Offset, int Line);
