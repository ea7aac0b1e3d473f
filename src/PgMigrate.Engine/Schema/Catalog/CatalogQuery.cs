using System.Globalization;
using System.Text.RegularExpressions;
using PgMigrate.Sql;

namespace PgMigrate.Schema.Catalog;

/// <summary>
/// The queries of an embedded file. What many of them say is written once, here, and named in them:
/// <c>{privileges: acl, type, owner}</c>, <c>{grants: acl, owner}</c>, <c>{operators: tree}</c>,
/// <c>{options: list}</c> (of a foreign object, without secrets), <c>{secrets: list}</c> (the names of those),
/// <c>{no_member: catalog, oid}</c>, <c>{user_schema}</c>; <c>{14: text | other}</c> is the text from that
/// major version on, else the other.
/// </summary>
internal static partial class CatalogQuery
{
    private const string UserSchema =
        "n.nspname !~ '^pg_(toast|temp)' AND n.nspname NOT IN ('pg_catalog', 'information_schema')";

    /// <summary>The queries of a file for a server of this major version.</summary>
    public static IEnumerable<string> Read(string file, int major)
    {
        var text = EmbeddedSql.Read(file).Replace("{user_schema}", UserSchema, StringComparison.Ordinal);
        text = PrivilegesName().Replace(text, m => Privileges(m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value));
        text = GrantsName().Replace(text, m => Grants(m.Groups[1].Value, m.Groups[2].Value));
        text = MemberName().Replace(text, m => NoMember(m.Groups[1].Value, m.Groups[2].Value));
        text = OptionsName().Replace(text, m => Options(m.Groups[1].Value));
        text = SecretsName().Replace(text, m => Secrets(m.Groups[1].Value));
        text = OperatorsName().Replace(text, m => Operators(m.Groups[1].Value));
        return VersionedText().Replace(
                text,
                m => major >= int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)
                    ? m.Groups[2].Value
                    : m.Groups[3].Value)
            .Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(query => query.Length > 0);
    }

    // Null when nothing was granted or revoked, or when that came to what the server gives anyway.
    private static string Privileges(string acl, string type, string owner) =>
        $"""
        CASE WHEN {acl} IS NOT NULL THEN nullif(
         {Grants(acl, owner)},
         {Grants($"acldefault({type}, {owner})", owner)}) END
        """;

    private static string Grants(string acl, string owner) =>
        $"""
        (SELECT coalesce(string_agg(g, E'\n' ORDER BY g COLLATE "C"), 'none')
             FROM (SELECT CASE x.grantee WHEN {owner} THEN '$owner' WHEN 0 THEN 'PUBLIC'
                          ELSE quote_ident(pg_get_userbyid(x.grantee)) END || '=' || x.privilege_type
                          || CASE WHEN x.is_grantable AND x.grantee <> {owner} THEN '*' ELSE '' END AS g
                     FROM aclexplode({acl}) x) s)
        """;

    private static string NoMember(string catalog, string oid) =>
        $"NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{catalog}'::regclass AND e.objid = {oid} "
            + "AND e.deptype = 'e')";

    // A password, a key or a token by its name, or a connection string with one. They never leave the server.
    private const string IsSecret =
        """
        ((split_part(x.o, '=', 1) ~* 'passw|passphrase|pwd|secret|token|credential'
           OR split_part(x.o, '=', 1) ~* '(api|access|account|auth|encryption|master|private|sa|service|shared)_?key')
          AND split_part(x.o, '=', 1) !~* '(_id|file|path|_required)$'
         OR x.o ~ '=.*://[^/[:space:]:@]*:[^/[:space:]@]+@'
         OR x.o ~* '=(.*[[:space:];&?])?(password|passwd|pwd)[[:space:]]*=[[:space:]]*[^[:space:]]'
          AND x.o !~* '=[[:space:]]*(select|with)[[:space:]]')
        """;

    private static string Options(string list) =>
        $"(SELECT string_agg(x.o, E'\n' ORDER BY x.n) FROM unnest({list}) WITH ORDINALITY x(o, n) "
            + $"WHERE NOT {IsSecret})";

    private static string Secrets(string list) =>
        $"(SELECT string_agg(split_part(x.o, '=', 1), ', ' ORDER BY x.n) FROM unnest({list}) WITH ORDINALITY x(o, n) "
            + $"WHERE {IsSecret})";

    // Those that are not the server's own, one a line in the order of the stored tree.
    private static string Operators(string tree) =>
        "(SELECT string_agg(o.id::regoperator::text, E'\\n') FROM (SELECT m[1]::oid AS id "
            + $"FROM regexp_matches({tree}, ':opno (\\d+)', 'g') m) o WHERE o.id >= 16384)";

    [GeneratedRegex(@"\{privileges: ([\w.]+), ('\w'), ([\w.]+)\}")]
    private static partial Regex PrivilegesName();

    [GeneratedRegex(@"\{grants: (.+), ([\w.]+)\}")]
    private static partial Regex GrantsName();

    [GeneratedRegex(@"\{no_member: (\w+), ([\w.]+)\}")]
    private static partial Regex MemberName();

    [GeneratedRegex(@"\{options: ([\w.]+)\}")]
    private static partial Regex OptionsName();

    [GeneratedRegex(@"\{secrets: ([\w.]+)\}")]
    private static partial Regex SecretsName();

    [GeneratedRegex(@"\{operators: ([^{}]+)\}")]
    private static partial Regex OperatorsName();

    [GeneratedRegex(@"\{(\d+): (.*?) \| ?(.*?)\}", RegexOptions.Singleline)]
    private static partial Regex VersionedText();
}
