using System.Globalization;

namespace PgMigrate.Schema.Catalog;

/// <summary>
/// The one order of the objects of a snapshot, whatever order the catalogs have: by name, each table and view in front
/// of its parts, columns in their positions. A plan and a file do not depend on when an object was made.
/// </summary>
internal static class SnapshotOrder
{
    private const string Position = "position";

    /// <summary>Arranges the objects, and the dependencies of each of them.</summary>
    public static IReadOnlyList<CatalogObject> Arrange(IEnumerable<CatalogObject> objects)
    {
        var keyed = objects.Select(o => new Place(o)).ToArray();
        Array.Sort(keyed);
        var arranged = Array.ConvertAll(keyed, k => k.Entry);
        var places = new Dictionary<CatalogObject, int>(arranged.Length, ReferenceEqualityComparer.Instance);
        for (var i = 0; i < arranged.Length; i++)
        {
            places[arranged[i]] = i;
        }

        foreach (var entry in arranged)
        {
            entry.ArrangeDependencies(places);
        }

        return arranged;
    }

    /// <summary>The object that this one is a part of, such as the table of a default; itself for what is a part of
    /// none.</summary>
    public static CatalogObject RootOf(CatalogObject entry)
    {
        while (entry.Parent is { Kind: not "schema" } parent)
        {
            entry = parent;
        }

        return entry;
    }

    private readonly struct Place(CatalogObject entry) : IComparable<Place>
    {
        private readonly CatalogObject _root = RootOf(entry);

        private readonly int _position =
            entry.AttributeNames.Contains(Position)
                && int.TryParse(entry[Position], NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : 0;

        public CatalogObject Entry { get; } = entry;

        public int CompareTo(Place other)
        {
            var order = string.CompareOrdinal(_root.Identity, other._root.Identity);
            order = order != 0 ? order : string.CompareOrdinal(_root.Kind, other._root.Kind);
            order = order != 0 ? order : IsPart.CompareTo(other.IsPart);
            order = order != 0 ? order : string.CompareOrdinal(Entry.Kind, other.Entry.Kind);
            order = order != 0 ? order : _position.CompareTo(other._position);
            return order != 0 ? order : string.CompareOrdinal(Entry.Identity, other.Entry.Identity);
        }

        private bool IsPart => !ReferenceEquals(_root, Entry);
    }
}
