using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <content>The parts of ALTER COLUMN.</content>
internal sealed partial class ColumnRule
{
    /// <summary>
    /// The statement that makes a column NOT NULL and reads all rows for it; null when there is none.
    /// </summary>
    public static string? SetNotNull(ObjectPair pair) =>
        pair.Has("not_null") && pair.New!.Is("not_null") && pair.New["not_null_valid"] != "false"
        && pair.New["not_null_no_inherit"] != "true" && pair.New.Parent!.Kind == "table"
            ? NotNull(pair, $"ALTER {Table(pair.New)} ALTER COLUMN {pair.New.QuotedName}").FirstOrDefault()
            : null;

    // The statistics of a column go with its type.
    private static IEnumerable<string> Analyze(CatalogObject entry) => entry.Parent!.Kind == "table"
        ? [$"ANALYZE {entry.Parent.Identity} ({entry.QuotedName})"]
        : [];

    private static IEnumerable<string> NotNull(ObjectPair pair, string column)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        var table = $"ALTER {Table(wanted)}";
        if (pair.Has("not_null") || pair.Has("not_null_no_inherit"))
        {
            if (!wanted.Is("not_null") || pair.Has("not_null_no_inherit") && old.Is("not_null"))
            {
                yield return $"{column} DROP NOT NULL";
            }

            if (wanted.Is("not_null"))
            {
                var name = NotNullName(wanted);
                yield return name is not null || wanted["not_null_valid"] == "false"
                    || wanted["not_null_no_inherit"] == "true"
                    ? $"{table} ADD CONSTRAINT {wanted["not_null_name"]} NOT NULL {wanted.QuotedName}"
                        + (wanted["not_null_no_inherit"] == "true" ? " NO INHERIT" : "")
                        + (wanted["not_null_valid"] == "false" ? " NOT VALID" : "")
                    : $"{column} SET NOT NULL";
            }
        }
        else
        {
            if (pair.Has("not_null_name"))
            {
                yield return $"{table} RENAME CONSTRAINT {old["not_null_name"]} TO {wanted["not_null_name"]}";
            }

            if (pair.Has("not_null_valid"))
            {
                if (wanted["not_null_valid"] == "false")
                {
                    yield return $"{column} DROP NOT NULL";
                    yield return $"{table} ADD CONSTRAINT {wanted["not_null_name"]} NOT NULL {wanted.QuotedName} NOT "
                        + "VALID";
                }
                else
                {
                    yield return $"{table} VALIDATE CONSTRAINT {wanted["not_null_name"]}";
                }
            }
        }

        if (pair.Has("not_null_comment") && wanted["not_null_name"] is { } named)
        {
            yield return $"COMMENT ON CONSTRAINT {named} ON {wanted.Parent!.Identity} IS "
                + $"{Text(wanted["not_null_comment"])}";
        }
    }

    private static decimal Maximum(CatalogObject entry)
    {
        var words = entry["identity_options"]!.Split(' ');
        return decimal.Parse(words[Array.IndexOf(words, "MAXVALUE") + 1],
            System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string SetIdentity(CatalogObject entry, string column)
    {
        var options = entry["identity_options"]!;
        var cycle = options.EndsWith("NO CYCLE", StringComparison.Ordinal) ? "NO CYCLE" : "CYCLE";
        foreach (var word in new[] { "INCREMENT", "MINVALUE", "MAXVALUE", "CACHE", cycle })
        {
            options = options.Replace(" " + word, " SET " + word, StringComparison.Ordinal);
        }

        return $"{column} SET {options}";
    }

    private static IEnumerable<string> Identity(ObjectPair pair, string column, bool isSet)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        if (wanted["identity_kind"] is not { } kind)
        {
            yield break;
        }

        if (old["identity_kind"] is null)
        {
            yield return $"{column} ADD GENERATED {IdentityKind(kind)} AS IDENTITY{SequenceText(wanted)}";
            yield return KeepCounting(wanted);
            yield break;
        }

        if (pair.Has("identity_name"))
        {
            yield return $"ALTER SEQUENCE {old["identity_name"]} RENAME TO "
                + LastPart(wanted["identity_name"]!);
        }

        if (pair.Has("identity_kind"))
        {
            yield return $"{column} SET GENERATED {IdentityKind(kind)}";
        }

        if (pair.Has("identity_options") && !isSet)
        {
            yield return SetIdentity(wanted, column);
        }

        if (pair.Has("identity_persistence"))
        {
            yield return $"ALTER SEQUENCE {wanted["identity_name"]} SET "
                + $"{(wanted["identity_persistence"] == "u" ? "UNLOGGED" : "LOGGED")}";
        }

        if (pair.Has("identity_privileges"))
        {
            foreach (var statement in SequencePrivileges(wanted, old["identity_privileges"],
                wanted["identity_privileges"]))
            {
                yield return statement;
            }
        }
    }

    // "A.B"."c.d" is a name of two parts.
    private static string LastPart(string name)
    {
        if (!name.EndsWith('"'))
        {
            return name[(name.LastIndexOf('.') + 1)..];
        }

        var start = name.Length - 2;
        while (name[start] != '"' || name[start - 1] == '"')
        {
            start -= name[start] == '"' ? 2 : 1;
        }

        return name[start..];
    }

    // Rows that are there already have numbers.
    private static string KeepCounting(CatalogObject entry) =>
        $"SELECT pg_catalog.setval({Text(entry["identity_name"])}, m) FROM (SELECT max({entry.QuotedName}) AS m FROM "
            + $"{entry.Parent!.Identity}) AS used WHERE m IS NOT NULL";

    private static IEnumerable<string> SequencePrivileges(CatalogObject entry, string? from, string? to)
    {
        var usual = new HashSet<string> { "$owner=SELECT", "$owner=UPDATE", "$owner=USAGE" };
        return PrivilegeText.Changes(
            $"SEQUENCE {entry["identity_name"]}", PrivilegeText.Parse(from) ?? usual, PrivilegeText.Parse(to)
                ?? usual, entry.Parent!.Owner);
    }

    private static IEnumerable<string> SettingChanges(ObjectPair pair, string column)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        if (pair.Has("storage") || (wanted["storage"] is not null && pair.Has("type")))
        {
            var storage = wanted["storage"] is { } chosen ? Storage(chosen) : UsualStorage(wanted["type"]!);
            yield return $"{column} SET STORAGE {storage}";
        }

        if (pair.Has("compression"))
        {
            yield return $"{column} SET COMPRESSION "
                + $"{wanted["compression"] switch { "l" => "lz4", "p" => "pglz", _ => "default" }}";
        }

        if (pair.Has("statistics"))
        {
            yield return $"{column} SET STATISTICS {wanted["statistics"] ?? "-1"}";
        }

        if (pair.Has("options"))
        {
            foreach (var change in OptionText.Changes(old["options"], wanted["options"]))
            {
                yield return $"{column} {change}";
            }
        }

        if (pair.Has("foreign_options"))
        {
            yield return $"{column} OPTIONS "
                + $"({OptionText.ForeignChanges(old["foreign_options"], wanted["foreign_options"])})";
        }
    }

    // The word DEFAULT is known from 16 on only.
    private static string UsualStorage(string type) => BaseType(type) switch
    {
        "numeric" or "cidr" or "inet" => "MAIN",
        "integer" or "bigint" or "smallint" or "boolean" or "uuid" or "date" or "real" or "double precision" => "PLAIN",
        _ => "EXTENDED",
    };
}
