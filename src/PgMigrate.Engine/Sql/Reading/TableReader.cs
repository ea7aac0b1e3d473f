using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>Reads the columns and constraints of CREATE TABLE and ALTER TABLE; pure.</summary>
internal static class TableReader
{
    private static readonly string[] ConstraintStart =
        ["CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN", "EXCLUDE", "NOT"];

    private static readonly string[] ColumnClause =
    [
        "CONSTRAINT", "NOT", "NULL", "DEFAULT", "GENERATED", "CHECK", "UNIQUE", "PRIMARY", "REFERENCES", "COLLATE",
        "STORAGE", "COMPRESSION", "DEFERRABLE", "INITIALLY", "OPTIONS", "ENFORCED",
    ];

    /// <summary>True when a constraint is next, not a column of that name.</summary>
    public static bool IsConstraint(StatementCursor cursor) => cursor.IsAny(ConstraintStart)
        && (!cursor.Is("NOT") || cursor.Is("NULL", 1));

    /// <summary>A constraint of a table or a domain; null when none is next.</summary>
    public static TableConstraint? ReadConstraint(StatementCursor cursor)
    {
        var name = cursor.Accept("CONSTRAINT") ? cursor.TakeIdentifier() : null;
        if (ReadBody(cursor, name) is not { } constraint)
        {
            return null;
        }

        while (!cursor.IsAtEnd)
        {
            constraint = ReadOption(cursor, constraint);
        }

        return constraint;
    }

    /// <summary>A column; null when no name is next.</summary>
    public static ColumnDefinition? ReadColumn(StatementCursor cursor)
    {
        if (cursor.TakeIdentifier() is not { } name)
        {
            return null;
        }

        var column = new ColumnDefinition(name, ReadType(cursor));
        var constraints = new List<TableConstraint>();
        while (!cursor.IsAtEnd)
        {
            column = ReadClause(cursor, column, constraints);
        }

        return column with { Constraints = constraints };
    }

    /// <summary>A type: everything before the first clause.</summary>
    public static string ReadType(StatementCursor cursor, params ReadOnlySpan<string> stops)
    {
        var type = "";
        var isAfterWord = false;
        while (!cursor.IsAtEnd && !cursor.IsAny(ColumnClause) && !cursor.IsAny(stops))
        {
            var isWord = cursor.Kind is SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier;
            var isPlain = cursor.Kind == SqlTokenKind.Word;
            var text = cursor.TakeText()!;
            type += (isWord && isAfterWord ? " " : "") + (isPlain ? text.ToLowerInvariant() : text);
            isAfterWord = isWord || text is ")" or "]";
        }

        return type;
    }

    /// <summary>The columns in a group.</summary>
    public static IReadOnlyList<string> ReadColumns(StatementCursor? group) =>
        group?.TakeParts().Select(part => part.TakeIdentifier()).OfType<string>().ToList() ?? [];

    private static TableConstraint? ReadBody(StatementCursor cursor, string? name) => cursor switch
    {
        _ when cursor.Accept("CHECK") => new(ConstraintKind.Check, name) { Expression = ReadGroupText(cursor) },
        _ when cursor.Accept("NOT", "NULL") => new(ConstraintKind.NotNull, name)
        {
            Columns = cursor.TakeIdentifier() is { } column ? [column] : [],
        },
        _ when cursor.Accept("UNIQUE") => ReadKey(cursor, new(ConstraintKind.Unique, name)),
        _ when cursor.Accept("PRIMARY", "KEY") => ReadKey(cursor, new(ConstraintKind.PrimaryKey, name)),
        _ when cursor.Accept("EXCLUDE") => new(ConstraintKind.Exclusion, name),
        _ when cursor.Accept("FOREIGN", "KEY") =>
            ReadReferences(cursor, new(ConstraintKind.ForeignKey, name) { Columns = ReadColumns(cursor.TakeGroup()) }),
        _ => null,
    };

    private static TableConstraint ReadKey(StatementCursor cursor, TableConstraint key)
    {
        if (cursor.Accept("USING", "INDEX"))
        {
            return cursor.Is("TABLESPACE") ? key : key with { UsingIndex = cursor.TakeIdentifier() };
        }

        if (cursor.Accept("NULLS"))
        {
            cursor.AcceptAny("NOT", "DISTINCT");
        }

        return key with { Columns = ReadColumns(cursor.TakeGroup()) };
    }

    private static TableConstraint ReadReferences(StatementCursor cursor, TableConstraint key) =>
        cursor.Accept("REFERENCES")
            ? key with { References = cursor.TakeName(), ReferencedColumns = ReadColumns(cursor.TakeGroup()) }
            : key;

    private static TableConstraint ReadOption(StatementCursor cursor, TableConstraint constraint)
    {
        if (cursor.Accept("NOT", "VALID"))
        {
            return constraint with { NotValid = true };
        }

        if (cursor.Accept("NOT", "ENFORCED"))
        {
            return constraint with { NotEnforced = true };
        }

        cursor.SkipOne();
        return constraint;
    }

    private static ColumnDefinition ReadClause(
        StatementCursor cursor, ColumnDefinition column, List<TableConstraint> constraints)
    {
        var name = cursor.Accept("CONSTRAINT") ? cursor.TakeIdentifier() : null;
        if (cursor.Accept("NOT", "NULL"))
        {
            return column with { NotNull = true };
        }

        if (cursor.Accept("NOT", "ENFORCED") && constraints.Count > 0)
        {
            constraints[^1] = constraints[^1] with { NotEnforced = true };
        }
        else if (cursor.Accept("DEFAULT"))
        {
            return column with { Default = ReadExpression(cursor) };
        }
        else if (cursor.Accept("COLLATE"))
        {
            return column with { Collation = cursor.TakeName()?.ToString() };
        }
        else if (cursor.Accept("GENERATED"))
        {
            return column with { Generation = ReadGeneration(cursor) };
        }
        else if (cursor.Is("REFERENCES"))
        {
            constraints.Add(ReadReferences(cursor, new(ConstraintKind.ForeignKey, name) { Columns = [column.Name] }));
        }
        else if (cursor.Accept("UNIQUE"))
        {
            constraints.Add(new(ConstraintKind.Unique, name) { Columns = [column.Name] });
        }
        else if (cursor.Accept("PRIMARY", "KEY"))
        {
            constraints.Add(new(ConstraintKind.PrimaryKey, name) { Columns = [column.Name] });
        }
        else if (cursor.Accept("CHECK"))
        {
            constraints.Add(new(ConstraintKind.Check, name) { Expression = ReadGroupText(cursor) });
        }
        else
        {
            cursor.SkipOne();
        }

        return column;
    }

    // ALWAYS | BY DEFAULT, then AS IDENTITY or AS (expression) STORED | VIRTUAL; VIRTUAL is the default from 18 on.
    private static ColumnGeneration ReadGeneration(StatementCursor cursor)
    {
        cursor.AcceptAny("ALWAYS", "BY", "DEFAULT", "AS");
        if (cursor.Accept("IDENTITY"))
        {
            cursor.TakeGroup();
            return ColumnGeneration.Identity;
        }

        cursor.TakeGroup();
        return cursor.Accept("STORED") ? ColumnGeneration.Stored : ColumnGeneration.Virtual;
    }

    // The first token is part of the value, even if it is NULL or NOT.
    private static string ReadExpression(StatementCursor cursor)
    {
        var start = cursor.Offset;
        cursor.SkipOne();
        while (!cursor.IsAtEnd && !cursor.IsAny(ColumnClause))
        {
            cursor.SkipOne();
        }

        return cursor.TextFrom(start);
    }

    private static string? ReadGroupText(StatementCursor cursor)
    {
        var start = cursor.Offset;
        return cursor.TakeGroup() is null ? null : cursor.TextFrom(start);
    }
}
