using PgMigrate.Schema.Catalog;

namespace PgMigrate.Schema.Ddl;

/// <content>What CREATE TABLE and ADD COLUMN say of a column.</content>
internal sealed partial class ColumnRule
{
    /// <summary>As CREATE TABLE and ADD COLUMN take it.</summary>
    public static string Definition(CatalogObject entry, string? value, bool withType = true)
    {
        var isPartition = entry.Parent!["is_partition"] == "true";
        var text = entry.QuotedName + (withType ? " " + entry["type"] : " WITH OPTIONS")
            + (entry["foreign_options"] is { } options ? $" OPTIONS ({OptionText.Foreign(options)})" : "")
            + (withType && entry["compression"] is { } method ? $" COMPRESSION {(method == "l" ? "lz4" : "pglz")}" : "")
            + (withType && entry["collation"] is { } collation ? $" COLLATE {collation}" : "")
            + (value is not null ? $" DEFAULT {value}" : "");
        if (entry["generated"] is { } generated)
        {
            text += $" GENERATED ALWAYS AS "
                + $"({entry["generated_expression"]}){(generated == "s" ? " STORED" : " VIRTUAL")}";
        }

        // Attaching gives a partition the identity of its parent.
        if (entry["identity_kind"] is { } kind && !(isPartition && !entry.Is("is_local")))
        {
            text += $" GENERATED {IdentityKind(kind)} AS IDENTITY{SequenceText(entry)}";
        }

        if (entry.Is("not_null") && entry["not_null_valid"] != "false")
        {
            text += (NotNullName(entry) is { } name ? $" CONSTRAINT {name}" : "") + " NOT NULL"
                + (entry["not_null_no_inherit"] == "true" ? " NO INHERIT" : "");
        }

        return text;
    }

    /// <summary>What neither CREATE TABLE nor ADD COLUMN can say.</summary>
    public static IEnumerable<string> Settings(CatalogObject entry, DdlContext context)
    {
        var column = $"ALTER {Table(entry)} ALTER COLUMN {entry.QuotedName}";
        if (entry["not_null_valid"] == "false")
        {
            yield return $"ALTER {Table(entry)} ADD CONSTRAINT {entry["not_null_name"]} NOT NULL {entry.QuotedName} "
                + "NOT VALID";
        }

        if (entry["not_null_comment"] is { } comment)
        {
            yield return $"COMMENT ON CONSTRAINT {entry["not_null_name"]} ON {entry.Parent!.Identity} IS "
                + $"{Text(comment)}";
        }

        if (entry["storage"] is { } storage)
        {
            yield return $"{column} SET STORAGE {Storage(storage)}";
        }

        if (entry["statistics"] is { } target)
        {
            yield return $"{column} SET STATISTICS {target}";
        }

        if (entry["options"] is { } options)
        {
            yield return $"{column} SET ({OptionText.List(options)})";
        }

        if (entry["identity_persistence"] is { } persistence && entry.Parent!["persistence"] is { } own
            && persistence != own)
        {
            yield return $"ALTER SEQUENCE {entry["identity_name"]} SET {(persistence == "u" ? "UNLOGGED" : "LOGGED")}";
        }

        if (context.Options.IncludePrivileges && entry["identity_privileges"] is { } privileges)
        {
            foreach (var statement in SequencePrivileges(entry, null, privileges))
            {
                yield return statement;
            }
        }
    }
}
