namespace PgMigrate.Sql.Reading;

/// <summary>Reads CREATE, from after that word. Pure.</summary>
internal static class CreateReader
{
    /// <summary>The created object.</summary>
    public static StatementDetail Read(StatementCursor cursor)
    {
        var orReplace = cursor.Accept("OR", "REPLACE");
        cursor.AcceptAny("GLOBAL", "LOCAL");
        var persistence = cursor.AcceptAny("TEMP", "TEMPORARY") ? RelationPersistence.Temporary
            : cursor.Accept("UNLOGGED") ? RelationPersistence.Unlogged
            : RelationPersistence.Permanent;
        cursor.AcceptAny("RECURSIVE", "TRUSTED", "PROCEDURAL", "CONSTRAINT");
        if (cursor.Is("UNIQUE") || cursor.Is("INDEX"))
        {
            return ReadIndex(cursor);
        }

        var kind = ObjectKinds.Take(cursor);
        var isTemporary = persistence == RelationPersistence.Temporary;
        return kind switch
        {
            "TABLE" or "FOREIGN TABLE" => ReadTable(cursor, persistence, kind == "FOREIGN TABLE"),
            "VIEW" or "MATERIALIZED VIEW" => ReadView(cursor, orReplace, kind != "VIEW", isTemporary),
            "SEQUENCE" => Named(cursor, (name, ifNotExists) => new CreateSequence(name, ifNotExists, isTemporary)),
            "TYPE" => Named(cursor, (name, _) => new CreateType(name, cursor.Accept("AS", "ENUM"))),
            "DOMAIN" => Named(cursor, (name, _) => ReadDomain(cursor, name)),
            "FUNCTION" or "PROCEDURE" => Named(cursor, (name, _) =>
                new CreateRoutine(name, orReplace, !cursor.HasAhead("STABLE", "IMMUTABLE"))),
            _ => ReadObject(cursor, kind),
        };
    }

    private static StatementDetail Named(StatementCursor cursor, Func<RelationName, bool, StatementDetail> make)
    {
        var ifNotExists = cursor.Accept("IF", "NOT", "EXISTS");
        return cursor.TakeName() is { } name ? make(name, ifNotExists) : new OtherStatement();
    }

    private static CreateObject ReadObject(StatementCursor cursor, string kind)
    {
        var ifNotExists = cursor.Accept("IF", "NOT", "EXISTS");
        var name = cursor.Is("AUTHORIZATION") ? null : ObjectKinds.TakeName(cursor, kind);
        return new CreateObject(kind, name, ifNotExists) { Table = ObjectKinds.TakeTable(cursor, kind) };
    }

    private static CreateDomain ReadDomain(StatementCursor cursor, RelationName name)
    {
        cursor.Accept("AS");
        var type = TableReader.ReadType(cursor);
        return new CreateDomain(name, type, cursor.HasAhead("CHECK") || HasNotNull(cursor));
    }

    private static bool HasNotNull(StatementCursor cursor)
    {
        var ahead = cursor.Copy();
        while (ahead.SkipTo("NOT"))
        {
            if (ahead.Accept("NOT", "NULL"))
            {
                return true;
            }

            ahead.Skip();
        }

        return false;
    }

    private static StatementDetail ReadView(StatementCursor cursor, bool orReplace, bool isMaterialized,
        bool isTemporary) =>
        Named(cursor, (name, ifNotExists) => new CreateView(name, orReplace, ifNotExists, isMaterialized, isTemporary));

    private static StatementDetail ReadIndex(StatementCursor cursor)
    {
        var unique = cursor.Accept("UNIQUE");
        cursor.Accept("INDEX");
        var concurrently = cursor.Accept("CONCURRENTLY");
        var ifNotExists = cursor.Accept("IF", "NOT", "EXISTS");
        var name = cursor.Is("ON") ? null : cursor.TakeIdentifier();
        cursor.Accept("ON");
        var only = cursor.Accept("ONLY");
        if (cursor.TakeName() is not { } table)
        {
            return new OtherStatement();
        }

        var method = cursor.Accept("USING") ? cursor.TakeIdentifier() : null;
        var columns = cursor.TakeGroup()?.TakeParts().Select(ReadWhole).ToList();
        return new CreateIndex(name, table)
        {
            Unique = unique,
            Concurrently = concurrently,
            IfNotExists = ifNotExists,
            Only = only,
            Method = method,
            Columns = columns ?? [],
            IsPartial = cursor.HasAhead("WHERE"),
        };
    }

    private static string ReadWhole(StatementCursor part)
    {
        var start = part.Offset;
        while (!part.IsAtEnd)
        {
            part.Skip();
        }

        return part.TextFrom(start);
    }

    private static StatementDetail ReadTable(StatementCursor cursor, RelationPersistence persistence, bool isForeign) =>
        Named(cursor, (name, ifNotExists) =>
        {
            var table = new CreateTable(name, ifNotExists, persistence) { IsForeign = isForeign };
            if (cursor.Accept("OF"))
            {
                cursor.TakeName();
            }

            if (cursor.Accept("PARTITION", "OF"))
            {
                table = table with { PartitionOf = cursor.TakeName() };
            }

            table = ReadElements(cursor.TakeGroup(), table) with { IsDefaultPartition = cursor.Accept("DEFAULT") };
            return ReadOptions(cursor, table);
        });

    private static CreateTable ReadElements(StatementCursor? group, CreateTable table)
    {
        if (group is null)
        {
            return table;
        }

        var columns = new List<ColumnDefinition>();
        var constraints = new List<TableConstraint>();
        var like = new List<RelationName>();
        foreach (var part in group.TakeParts())
        {
            if (part.Accept("LIKE") && part.TakeName() is { } source)
            {
                like.Add(source);
            }
            else if (TableReader.IsConstraint(part))
            {
                constraints.AddRange(TableReader.ReadConstraint(part) is { } constraint ? [constraint] : []);
            }
            else if (TableReader.ReadColumn(part) is { } column)
            {
                columns.Add(column);
            }
        }

        return table with { Columns = columns, Constraints = constraints, Like = like };
    }

    private static CreateTable ReadOptions(StatementCursor cursor, CreateTable table)
    {
        while (!cursor.IsAtEnd)
        {
            if (cursor.Accept("INHERITS"))
            {
                table = table with { Inherits = cursor.TakeGroup()?.TakeNames() ?? [] };
            }
            else if (cursor.Accept("PARTITION", "BY"))
            {
                table = table with { IsPartitioned = true };
            }
            else if (cursor.Accept("AS"))
            {
                // The parentheses contained column names.
                return table with { IsFromQuery = true };
            }
            else
            {
                cursor.SkipOne();
            }
        }

        return table;
    }
}
