
namespace PgMigrate.Schema.Ddl;

/// <summary>GRANT and REVOKE from lists of <c>grantee=PRIVILEGE</c>, a star behind those with the grant
/// option.</summary>
internal static class PrivilegeText
{
    private const string Nothing = "none";

    /// <summary>The entries of an attribute; null when it says the usual ones.</summary>
    public static IReadOnlySet<string>? Parse(string? text) => text is null ? null
        : text == Nothing ? new HashSet<string>()
        : text.Split('\n').ToHashSet(StringComparer.Ordinal);

    /// <summary>The statements that turn one list into the other: revokes first, since one takes column grants
    /// along.</summary>
    public static IEnumerable<string> Changes(
        string target,
        IReadOnlySet<string> from,
        IReadOnlySet<string> to,
        string? owner,
        string columns = "")
    {
        foreach (var group in from.Except(to).GroupBy(Grantee))
        {
            var lost = group.Where(e => !to.Contains(Toggle(e)) || !e.EndsWith('*')).ToList();
            if (lost.Count > 0)
            {
                yield return $"REVOKE {Names(lost, columns)} ON {target} FROM {Role(group.Key, owner)}";
            }

            var optionOnly = group.Except(lost).ToList();
            if (optionOnly.Count > 0)
            {
                yield return $"REVOKE GRANT OPTION FOR {Names(optionOnly, columns)} ON {target} FROM "
                    + $"{Role(group.Key, owner)}";
            }
        }

        foreach (var group in to.Except(from).GroupBy(e => (Grantee(e), e.EndsWith('*'))))
        {
            // The grant option alone was taken: the privilege is still there.
            var added = group.Where(e => group.Key.Item2 || !from.Contains(Toggle(e))).ToList();
            if (added.Count > 0)
            {
                yield return $"GRANT {Names(added, columns)} ON {target} TO {Role(group.Key.Item1, owner)}"
                    + (group.Key.Item2 ? " WITH GRANT OPTION" : "");
            }
        }
    }

    private static string Toggle(string entry) => entry.EndsWith('*') ? entry[..^1] : entry + "*";

    private static string Grantee(string entry) => entry[..entry.LastIndexOf('=')];

    private static string Names(IEnumerable<string> entries, string columns) => string.Join(
        ", ", entries.Select(e => e[(e.LastIndexOf('=') + 1)..].TrimEnd('*') + columns).Order(StringComparer.Ordinal));

    private static string Role(string grantee, string? owner) =>
        grantee == "$owner" ? owner ?? "CURRENT_USER" : grantee;
}
