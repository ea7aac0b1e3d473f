namespace PgMigrate.Scripts;

/// <summary>What a script of a migration is for.</summary>
public enum ScriptPartKind
{
    /// <summary>Applies the migration.</summary>
    Up,

    /// <summary>Undoes it.</summary>
    Down,
}
