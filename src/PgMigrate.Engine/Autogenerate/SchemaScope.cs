using PgMigrate.Errors;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Autogenerate;

/// <summary>
/// What a comparison leaves out stays as it is: the desired schema gets it as the current one has it. So a plan knows
/// all objects, and what depends on what, and changes only what is compared.
/// </summary>
internal sealed class SchemaScope
{
    private readonly SchemaComparison _options;
    private readonly Snapshot _current;
    private readonly Snapshot _desired;
    private readonly List<NamePattern> _included;
    private readonly List<NamePattern> _excluded;
    private readonly List<DriftPattern> _accepted;
    private readonly HashSet<CatalogObject> _partitions = new(ReferenceEqualityComparer.Instance);

    private SchemaScope(PgSchema reference, PgSchema difference, SchemaComparison options)
    {
        _options = options;
        _current = (Snapshot)reference.Content;
        _desired = (Snapshot)difference.Content;
        _included = [.. options.IncludeSchemas.Select(p => new NamePattern(p))];
        _excluded = [.. options.ExcludeSchemas.Select(p => new NamePattern(p))];
        _accepted = [.. options.AcceptedDrift.Select(DriftPattern.Parse)];
        if (!options.StrictPartitions)
        {
            _partitions.UnionWith(reference.IsDatabase ? RunTimePartitions.Find(_current, _desired) : []);
            _partitions.UnionWith(difference.IsDatabase ? RunTimePartitions.Find(_desired, _current) : []);
        }
    }

    private enum Reason
    {
        None,
        Schema,
        Accepted,
        Partition,
    }

    /// <summary>The desired schema as far as it is compared, and what was left out.</summary>
    /// <exception cref="InitializationException">A filter is not valid.</exception>
    public static (Snapshot Desired, IReadOnlyList<string> LeftOut) Apply(
        PgSchema reference, PgSchema difference, SchemaComparison options)
    {
        var scope = new SchemaScope(reference, difference, options);
        scope.RequireMatches();
        return scope.IsOpen ? (scope._desired, []) : scope.Apply();
    }

    private bool IsOpen => _included.Count + _excluded.Count + _accepted.Count + _partitions.Count == 0;

    private (Snapshot Desired, IReadOnlyList<string> LeftOut) Apply()
    {
        var reasons = new Dictionary<ObjectKey, Reason>();
        foreach (var (snapshot, entry) in _current.Objects.Select(o => (_current, o))
            .Concat(_desired.Objects.Select(o => (_desired, o))))
        {
            if (ReasonOf(entry, snapshot) is var reason and not Reason.None)
            {
                reasons.TryAdd(entry.Key, reason);
            }
        }

        var kept = _desired.Objects.Where(o => !reasons.ContainsKey(o.Key))
            .Concat(_current.Objects.Where(o => reasons.ContainsKey(o.Key))).ToList();
        return (new Snapshot(_desired.ServerVersion, _desired.CurrentRole, Copy(kept)), Count(reasons));
    }

    // Of one cause, the first that applies: what is outside the schemas is not asked about further.
    private Reason ReasonOf(CatalogObject entry, Snapshot snapshot)
    {
        if (SchemaOf(entry) is var schema && ((_included.Count > 0
                && (schema is null || !_included.Exists(p => p.IsMatch(schema))))
            || (schema is not null && _excluded.Exists(p => p.IsMatch(schema)))))
        {
            return Reason.Schema;
        }

        for (var at = entry; at is not null; at = at.Parent)
        {
            if (_partitions.Contains(at))
            {
                return Reason.Partition;
            }

            if (IsAccepted(at, snapshot))
            {
                return Reason.Accepted;
            }
        }

        return Reason.None;
    }

    // A sequence goes with the table whose column owns it.
    private bool IsAccepted(CatalogObject entry, Snapshot snapshot) =>
        _accepted.Exists(p => p.IsMatch(entry))
        || (_accepted.Count > 0 && entry.Kind == "sequence"
            && snapshot.Find(new ObjectKey("sequence owner", entry.Identity)) is { } owner
            && owner.DependsOn.Where(d => d.Kind is "column" or "table")
                .Any(d => _accepted.Exists(p => p.IsMatch(d) || p.IsMatch(SnapshotOrder.RootOf(d)))));

    private static string? SchemaOf(CatalogObject entry) =>
        entry.Kind is "schema" or "publication schema" ? entry.Name : SchemaObjects.Unquoted(entry.Schema);

    private static IReadOnlyList<CatalogObject> Copy(List<CatalogObject> kept)
    {
        var copies = kept.ToDictionary(o => o.Key, o => o.Copy());
        foreach (var entry in kept)
        {
            var copy = copies[entry.Key];
            if (entry.Parent is { } parent && copies.TryGetValue(parent.Key, out var own))
            {
                copy.SetParent(own);
            }

            foreach (var other in entry.DependsOn)
            {
                if (copies.TryGetValue(other.Key, out var found))
                {
                    copy.AddDependency(found);
                }
            }
        }

        return SnapshotOrder.Arrange(copies.Values);
    }

    private List<string> Count(Dictionary<ObjectKey, Reason> reasons)
    {
        var rules = new RuleBook(_current, _desired);
        var counts = SnapshotDiff.Differences(_current, _desired, rules, _options.ToOptions())
            .Where(pair => reasons.ContainsKey(pair.Any.Key))
            .GroupBy(pair => reasons[pair.Any.Key])
            .ToDictionary(g => g.Key, g => g.Select(p => SnapshotOrder.RootOf(p.Any).Key).Distinct().Count());
        var words = new List<string>();
        Add(_included.Count + _excluded.Count > 0, Reason.Schema, "outside the chosen schemas");
        Add(_accepted.Count > 0, Reason.Accepted, "in what AcceptedDrift names");
        Add(_partitions.Count > 0, Reason.Partition, "in partitions without a definition of their own");
        return words;

        void Add(bool isAsked, Reason reason, string where)
        {
            if (isAsked)
            {
                var count = counts.GetValueOrDefault(reason);
                words.Add($"{count} {(count == 1 ? "difference" : "differences")} {where}");
            }
        }
    }

    // A misspelled name would compare nothing and find no drift.
    private void RequireMatches()
    {
        var schemas = _current.Objects.Concat(_desired.Objects).Where(o => o.Kind == "schema").Select(o => o.Name)
            .Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var pattern in _included.Where(p => !schemas.Exists(p.IsMatch)))
        {
            throw new InitializationException(
                ErrorCodes.SchemaFilterInvalid,
                $"No schema of either side matches '{pattern}'. Upper and lower case differ. The schemas are: "
                    + $"{string.Join(", ", schemas)}.");
        }
    }
}
