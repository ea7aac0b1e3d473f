using PgMigrate.Errors;
using PgMigrate.Schema.Catalog;

namespace PgMigrate.Autogenerate;

/// <summary>Objects that may differ: a kind and a pattern of whole names.</summary>
internal sealed class DriftPattern
{
    private const string AnyKind = "*";
    private readonly string _kind;
    private readonly NamePattern _name;

    private DriftPattern(string kind, string name)
    {
        _kind = kind;
        _name = new NamePattern(name);
    }

    /// <exception cref="InitializationException">It does not begin with a kind.</exception>
    public static DriftPattern Parse(string text)
    {
        var pattern = text.Trim();
        var kind = CatalogShape.Kinds.Append(AnyKind)
            .Where(k => pattern.StartsWith(k + " ", StringComparison.Ordinal)).MaxBy(k => k.Length);
        return kind is not null
            ? new DriftPattern(kind, pattern[(kind.Length + 1)..].TrimStart())
            : throw new InitializationException(
                ErrorCodes.SchemaFilterInvalid,
                $"AcceptedDrift has '{text}', which does not begin with a kind. Write a kind, or * for all, and a "
                    + "whole name with its schema, such as 'table public.audit_*'. The kinds are: "
                    + $"{string.Join(", ", CatalogShape.Kinds.Order(StringComparer.Ordinal))}.");
    }

    public bool IsMatch(CatalogObject entry) =>
        (_kind == AnyKind || _kind == entry.Kind) && _name.IsMatch(entry.Identity);
}
