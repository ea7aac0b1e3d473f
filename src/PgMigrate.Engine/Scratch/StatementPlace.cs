namespace PgMigrate.Scratch;

/// <summary>Which statement of a load.</summary>
/// <param name="Text">Index of its text, from 0.</param>
/// <param name="Index">Its index among the statements of that text, with those of included files, from 0.</param>
internal readonly record struct StatementPlace(int Text, int Index);
