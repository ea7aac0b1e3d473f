using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>What a statement needs beside the rights of an owner of the database.</summary>
/// <param name="Kind">What it needs.</param>
/// <param name="Name">The role or the extension; for a superuser, what only one may make.</param>
internal readonly record struct DesiredRight(DesiredRightKind Kind, string Name);

/// <summary>The kinds of such rights.</summary>
internal enum DesiredRightKind
{
    /// <summary>Only a superuser may do it.</summary>
    Superuser,

    /// <summary>Only a member of the role may.</summary>
    Member,

    /// <summary>Only a superuser, unless the extension is trusted.</summary>
    Extension,
}

/// <summary>Tells which rights a statement needs, as far as its text tells; pure.</summary>
internal static class RightReader
{
    /// <summary>The right that CREATE or ALTER needs; null for those that an owner has.</summary>
    public static DesiredRight? Read(StatementCursor cursor) => cursor switch
    {
        _ when cursor.HasAhead("OWNER") => ReadOwner(cursor),
        _ when cursor.Accept("CREATE") => ReadCreate(cursor),
        _ when cursor.Accept("ALTER", "FUNCTION") && HasLeakproof(cursor) => Superuser("a LEAKPROOF function"),
        _ => null,
    };

    private static DesiredRight? ReadOwner(StatementCursor cursor)
    {
        cursor.SkipTo("OWNER");
        return cursor.Accept("OWNER", "TO")
            && !cursor.IsAny("CURRENT_USER", "SESSION_USER", "CURRENT_ROLE")
            && cursor.TakeIdentifier() is { } role
                ? new DesiredRight(DesiredRightKind.Member, role)
                : null;
    }

    private static DesiredRight? ReadCreate(StatementCursor cursor)
    {
        cursor.Accept("OR", "REPLACE");
        cursor.AcceptAny("TRUSTED", "PROCEDURAL");
        var kind = ObjectKinds.Take(cursor);
        return kind switch
        {
            "EXTENSION" => ReadExtension(cursor),
            "FOREIGN DATA WRAPPER" => Superuser("a foreign data wrapper"),
            "EVENT TRIGGER" => Superuser("an event trigger"),
            "ACCESS METHOD" => Superuser("an access method"),
            "OPERATOR CLASS" or "OPERATOR FAMILY" => Superuser("an operator class or family"),
            "TEXT SEARCH PARSER" or "TEXT SEARCH TEMPLATE" => Superuser("a text search parser or template"),
            "LANGUAGE" => Superuser("a language"),
            "TYPE" when IsBaseType(cursor) => Superuser("a base type"),
            "CAST" when cursor.HasAhead("WITHOUT") => Superuser("a cast without a function"),
            "PUBLICATION" when cursor.HasAhead("ALL") || cursor.HasAhead("TABLES") =>
                Superuser("a publication of all tables, or of those of a schema"),
            "FUNCTION" or "PROCEDURE" => ReadRoutine(cursor),
            _ => null,
        };
    }

    private static DesiredRight? ReadExtension(StatementCursor cursor)
    {
        cursor.Accept("IF", "NOT", "EXISTS");
        return cursor.TakeIdentifier() is { } name ? new DesiredRight(DesiredRightKind.Extension, name) : null;
    }

    private static bool IsBaseType(StatementCursor cursor)
    {
        cursor.TakeName();
        return cursor.TakeGroup()?.TakeParts().Any(part => part.Is("INPUT")) == true;
    }

    private static DesiredRight? ReadRoutine(StatementCursor cursor)
    {
        if (HasLeakproof(cursor))
        {
            return Superuser("a LEAKPROOF function");
        }

        if (!cursor.SkipTo("LANGUAGE"))
        {
            return null;
        }

        cursor.Skip();
        var language = cursor.Kind == SqlTokenKind.StringConstant
            ? cursor.TakeText()!.Trim('\'')
            : cursor.TakeIdentifier();
        return language?.ToUpperInvariant() is "C" or "INTERNAL"
            ? Superuser($"a function in the language {language}")
            : null;
    }

    private static bool HasLeakproof(StatementCursor cursor)
    {
        var ahead = cursor.Copy();
        var isNot = false;
        while (!ahead.IsAtEnd && !ahead.Is("AS") && !ahead.Is("RETURN"))
        {
            if (ahead.Is("LEAKPROOF") && !isNot)
            {
                return true;
            }

            isNot = ahead.Is("NOT");
            ahead.SkipOne();
        }

        return false;
    }

    private static DesiredRight Superuser(string what) => new(DesiredRightKind.Superuser, what);
}
