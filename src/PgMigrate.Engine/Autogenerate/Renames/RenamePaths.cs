namespace PgMigrate.Autogenerate.Renames;

/// <summary>The names of objects before and after renames of what they are in; pure.</summary>
internal sealed class RenamePaths
{
    private readonly List<ResolvedRename> _renames = [];

    public void Add(ResolvedRename rename) => _renames.Add(rename);

    /// <summary>The path that an object of the current schema has after the renames.</summary>
    public IReadOnlyList<string> NewPathOf(NamedObject old) => Translate(old.Path, old, r => (r.Old, r.New.Path));

    /// <summary>The path that an object of the desired schema has before the renames.</summary>
    public IReadOnlyList<string> OldPathOf(NamedObject wanted)
    {
        // Its own name is the new one: only what it is in is translated.
        var owner = Translate([.. wanted.Path.SkipLast(1)], wanted, r => (r.New, r.Old.Path));
        return [.. owner, wanted.Name];
    }

    private List<string> Translate(
        IReadOnlyList<string> path,
        NamedObject self,
        Func<ResolvedRename, (NamedObject From, IReadOnlyList<string> To)> pick)
    {
        var all = _renames.ConvertAll(r => pick(r));
        if (all.Find(r => r.From == self).To is { } own && path.Count == self.Path.Count)
        {
            return [.. own];
        }

        var result = path.ToList();
        if (path.Count >= 2 && self.Path.Count == 3
            && all.Find(r => IsContainer(r.From.Kind) && r.From.Path.SequenceEqual(path.Take(2))).To is { } table)
        {
            (result[0], result[1]) = (table[0], table[1]);
        }
        else if (path.Count >= 1 && self.Path.Count > 1
            && all.Find(r => r.From.Kind == "schema" && r.From.Name == path[0]).To is { } schema)
        {
            result[0] = schema[0];
        }

        return result;
    }

    private static bool IsContainer(string kind) => kind is "table" or "foreign table" or "view" or "materialized view"
        or "domain" or "enum" or "composite type";
}
