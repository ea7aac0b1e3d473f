namespace PgMigrate.Schema.Catalog;

/// <summary>What an object is called on every server: its kind, and its name as SQL writes it.</summary>
internal readonly record struct ObjectKey(string Kind, string Identity)
{
    public override string ToString() => $"{Kind} {Identity}";
}
