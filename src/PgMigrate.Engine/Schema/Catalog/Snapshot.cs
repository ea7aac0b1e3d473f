namespace PgMigrate.Schema.Catalog;

/// <summary>The schema of one database at one moment.</summary>
internal sealed class Snapshot
{
    private readonly Dictionary<ObjectKey, CatalogObject> _objects;

    public Snapshot(int serverVersion, string currentRole, IReadOnlyList<CatalogObject> objects)
    {
        ServerVersion = serverVersion;
        CurrentRole = currentRole;
        Objects = objects;
        _objects = objects.ToDictionary(o => o.Key);
    }

    /// <summary>As server_version_num, such as 150018.</summary>
    public int ServerVersion { get; }

    public int Major => ServerVersion / 10000;

    /// <summary>The role that read it, quoted where it has to be.</summary>
    public string CurrentRole { get; }

    public IReadOnlyList<CatalogObject> Objects { get; }

    public CatalogObject? Find(ObjectKey key) => _objects.GetValueOrDefault(key);
}
