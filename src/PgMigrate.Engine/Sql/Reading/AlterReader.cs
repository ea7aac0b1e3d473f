namespace PgMigrate.Sql.Reading;

/// <summary>Reads ALTER, from after that word. Pure.</summary>
internal static class AlterReader
{
    /// <summary>The altered object and the actions.</summary>
    public static StatementDetail Read(StatementCursor cursor)
    {
        var kind = ObjectKinds.Take(cursor);
        return kind switch
        {
            "TABLE" or "FOREIGN TABLE" or "INDEX" or "VIEW" or "MATERIALIZED VIEW" or "SEQUENCE"
                when !cursor.Is("ALL") => ReadTable(cursor, kind),
            "TYPE" => ReadType(cursor),
            "DOMAIN" => ReadDomain(cursor),
            _ => ReadObject(cursor, kind, ObjectKinds.TakeName(cursor, kind)),
        };
    }

    private static StatementDetail ReadTable(StatementCursor cursor, string kind)
    {
        var ifExists = cursor.Accept("IF", "EXISTS");
        var only = cursor.Accept("ONLY");
        if (cursor.TakeName() is not { } table)
        {
            return new OtherStatement();
        }

        cursor.Accept("*");
        var actions = cursor.TakeParts().Select(ReadAction).ToList();
        return new AlterTable(kind, table, actions) { IfExists = ifExists, Only = only };
    }

    private static StatementDetail ReadType(StatementCursor cursor)
    {
        if (cursor.TakeName() is not { } type)
        {
            return new OtherStatement();
        }

        if (cursor.Accept("ADD", "VALUE"))
        {
            var ifNotExists = cursor.Accept("IF", "NOT", "EXISTS");
            return new AddEnumValue(type, cursor.TakeText() ?? "", ifNotExists);
        }

        if (cursor.Accept("RENAME", "VALUE"))
        {
            var value = cursor.TakeText() ?? "";
            cursor.Accept("TO");
            return new RenameEnumValue(type, value, cursor.TakeText() ?? "");
        }

        return ReadObject(cursor, "TYPE", type);
    }

    private static StatementDetail ReadDomain(StatementCursor cursor)
    {
        var domain = cursor.TakeName();
        return domain is not null && cursor.Accept("ADD") && TableReader.ReadConstraint(cursor) is { } constraint
            ? new AlterDomainAddConstraint(domain.Value, constraint)
            : ReadObject(cursor, "DOMAIN", domain);
    }

    private static AlterObject ReadObject(StatementCursor cursor, string kind, RelationName? name)
    {
        // The arguments of a function.
        cursor.TakeGroup();
        var table = ObjectKinds.TakeTable(cursor, kind);
        return new AlterObject(kind, name, $"{cursor.TakeWord()} {cursor.TakeWord()}".Trim()) { Table = table };
    }

    private static AlterTableAction ReadAction(StatementCursor cursor)
    {
        var offset = cursor.Offset;
        var action = ReadVerb(cursor.Copy()) ?? new OtherAction($"{cursor.TakeWord()} {cursor.TakeWord()}".Trim());
        return action with { Offset = offset };
    }

    private static AlterTableAction? ReadVerb(StatementCursor cursor) => cursor.TakeWord() switch
    {
        "ADD" => ReadAdd(cursor),
        "DROP" => ReadDrop(cursor),
        "ALTER" when !cursor.Is("CONSTRAINT") => ReadColumn(cursor),
        "RENAME" => ReadRename(cursor),
        "VALIDATE" when cursor.Accept("CONSTRAINT") && cursor.TakeIdentifier() is { } name =>
            new ValidateConstraint(name),
        "ATTACH" when cursor.Accept("PARTITION") && cursor.TakeName() is { } partition =>
            new AttachPartition(partition, cursor.Accept("DEFAULT")),
        "DETACH" when cursor.Accept("PARTITION") && cursor.TakeName() is { } partition =>
            new DetachPartition(partition, cursor.Accept("CONCURRENTLY"), cursor.Accept("FINALIZE")),
        "OWNER" when cursor.Accept("TO") && cursor.TakeIdentifier() is { } owner => new OwnerTo(owner),
        "SET" => ReadSet(cursor),
        _ => null,
    };

    private static AlterTableAction? ReadAdd(StatementCursor cursor)
    {
        if (TableReader.IsConstraint(cursor))
        {
            return TableReader.ReadConstraint(cursor) is { } constraint ? new AddConstraint(constraint) : null;
        }

        cursor.Accept("COLUMN");
        var ifNotExists = cursor.Accept("IF", "NOT", "EXISTS");
        return TableReader.ReadColumn(cursor) is { } column ? new AddColumn(column, ifNotExists) : null;
    }

    private static AlterTableAction? ReadDrop(StatementCursor cursor)
    {
        var isConstraint = cursor.Accept("CONSTRAINT");
        if (!isConstraint)
        {
            cursor.Accept("COLUMN");
        }

        var ifExists = cursor.Accept("IF", "EXISTS");
        return cursor.TakeIdentifier() is not { } name ? null
            : isConstraint ? new DropConstraint(name, ifExists, cursor.Accept("CASCADE"))
            : new DropColumn(name, ifExists, cursor.Accept("CASCADE"));
    }

    private static AlterTableAction? ReadColumn(StatementCursor cursor)
    {
        cursor.Accept("COLUMN");
        if (cursor.TakeIdentifier() is not { } column)
        {
            return null;
        }

        if (cursor.Accept("SET", "NOT", "NULL"))
        {
            return new SetNotNull(column);
        }

        if (cursor.Accept("SET", "DEFAULT"))
        {
            return new SetDefault(column, Rest(cursor));
        }

        if (cursor.Accept("SET", "EXPRESSION"))
        {
            cursor.Accept("AS");
            return new SetExpression(column, Rest(cursor));
        }

        return cursor.Accept("SET", "DATA", "TYPE") || cursor.Accept("TYPE") ? ReadNewType(cursor, column)
            : cursor.Accept("DROP", "NOT", "NULL") ? new DropNotNull(column)
            : cursor.Accept("DROP", "DEFAULT") ? new DropDefault(column)
            : cursor.Accept("ADD", "GENERATED") ? new AddIdentity(column)
            : null;
    }

    private static SetType ReadNewType(StatementCursor cursor, string column)
    {
        var type = TableReader.ReadType(cursor, "USING");
        var collation = cursor.Accept("COLLATE") ? cursor.TakeName()?.ToString() : null;
        return new SetType(column, type, collation, cursor.Accept("USING") ? Rest(cursor) : null);
    }

    private static AlterTableAction? ReadRename(StatementCursor cursor)
    {
        if (cursor.Accept("TO"))
        {
            return cursor.TakeIdentifier() is { } table ? new RenameTable(table) : null;
        }

        var isConstraint = cursor.Accept("CONSTRAINT");
        if (!isConstraint && !cursor.Is("TO", 1))
        {
            cursor.Accept("COLUMN");
        }

        return cursor.TakeIdentifier() is not { } name || !cursor.Accept("TO")
            || cursor.TakeIdentifier() is not { } next ? null
            : isConstraint ? new RenameConstraint(name, next)
            : new RenameColumn(name, next);
    }

    private static AlterTableAction? ReadSet(StatementCursor cursor) =>
        cursor.Accept("SCHEMA") ? new SetSchema(cursor.TakeIdentifier() ?? "")
        : cursor.Accept("LOGGED") ? new SetStorage("LOGGED", null)
        : cursor.Accept("UNLOGGED") ? new SetStorage("UNLOGGED", null)
        : cursor.Accept("TABLESPACE") ? new SetStorage("TABLESPACE", cursor.TakeIdentifier())
        : cursor.Accept("ACCESS", "METHOD") ? new SetStorage("ACCESS METHOD", cursor.TakeIdentifier())
        : null;

    private static string Rest(StatementCursor cursor)
    {
        var start = cursor.Offset;
        while (!cursor.IsAtEnd)
        {
            cursor.Skip();
        }

        return cursor.TextFrom(start);
    }
}
