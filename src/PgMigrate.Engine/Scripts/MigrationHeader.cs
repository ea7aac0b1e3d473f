using System.Text;
using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>The header lines and directives of a file.</summary>
internal sealed record MigrationHeader
{
    private const string KnownDirectives = "no-transaction, out-of-order";

    private static readonly (string Start, string Tool)[] ForeignMarks =
    [
        ("+goose", "goose"),
        ("migrate:up", "dbmate"),
        ("migrate:down", "dbmate"),
        ("+migrate", "sql-migrate"),
        ("Up Migration", "node-pg-migrate"),
        ("Down Migration", "node-pg-migrate"),
        ("//@UNDO", "MyBatis Migrations"),
        ("liquibase formatted sql", "Liquibase"),
    ];

    private bool _hasForeignMark;

    public string? Description { get; private set; }

    public IReadOnlyList<string> DependsOn { get; private set; } = [];

    public bool AllowsOutOfOrder { get; private set; }

    /// <summary>The transaction mode of the no-transaction directive.</summary>
    public ScriptTransaction Transaction { get; private set; } = ScriptTransaction.Wrapped;

    public List<MigrationProblem> Problems { get; } = [];

    /// <summary>True when there was a directive about how the file is run.</summary>
    public bool IsAddressed =>
        AllowsOutOfOrder || DependsOn.Count > 0 || Problems.Count > 0 || Transaction != ScriptTransaction.Wrapped;

    /// <summary>
    /// False when the file certainly has no header line: scanning the bytes is cheaper than parsing them.
    /// </summary>
    public static bool MayStandIn(ReadOnlySpan<byte> bytes)
    {
        for (var rest = bytes; rest.IndexOf((byte)':') is var colon and >= 0; rest = rest[(colon + 1)..])
        {
            var before = rest[..colon];
            if (EndsWith(before, "depends"u8) || EndsWith(before, "description"u8))
            {
                return true;
            }
        }

        return false;

        static bool EndsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
            text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[^word.Length..], word);
    }

    /// <summary>Adds a comment outside of statements, by the rules of the file's format.</summary>
    public void Add(SqlSource source, SqlComment comment, FormatRules rules)
    {
        if (rules.HasHeader)
        {
            AddLine(source, comment);
        }
        else
        {
            AddDirective(source, comment, rules.OwnMark);
        }
    }

    // Only directives count. A marker of another tool is still rejected.
    private void AddDirective(SqlSource source, SqlComment comment, string ownMark)
    {
        var line = source.Text.AsSpan(comment.Offset, comment.Length).TrimStart('-').Trim();
        if (TryTake(line, "pgmigrate:", out var value))
        {
            ReadDirective(source, comment, value);
        }
        else if (!line.StartsWith(ownMark, StringComparison.Ordinal))
        {
            RefuseForeignMark(
                source, comment, line, "Delete the markers, and write the file as the other files of the folder are "
                    + "written.");
        }
    }

    private void AddLine(SqlSource source, SqlComment comment)
    {
        var line = source.Text.AsSpan(comment.Offset, comment.Length).TrimStart('-').Trim();
        if (TryTake(line, "Description:", out var value))
        {
            Description ??= value;
        }
        else if (TryTake(line, "Depends:", out value))
        {
            ReadDependencies(value);
        }
        else if (TryTake(line, "pgmigrate:", out value) || TryTake(line, "pgdbm:", out value))
        {
            ReadDirective(source, comment, value);
        }
        else
        {
            RefuseForeignMark(source, comment, line, "Replace the markers by lines '-- UP' and '-- DOWN'.");
        }
    }

    private void ReadDependencies(string value)
    {
        if (value.Length == 0 || value is "(none)" || value.Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        DependsOn = [.. DependsOn, .. WithoutNotes(value).Split(',', StringSplitOptions.TrimEntries
            | StringSplitOptions.RemoveEmptyEntries)];
    }

    // Each name may have a note in parentheses; commas in it do not separate names.
    private static string WithoutNotes(string value)
    {
        var names = new StringBuilder(value.Length);
        var depth = 0;
        for (var index = 0; index < value.Length; index++)
        {
            // A name can contain parentheses; a note has a blank before it.
            var unit = value[index];
            depth += unit == '(' && (depth > 0 || index == 0 || value[index - 1] is ' ' or '\t') ? 1 : 0;
            if (depth == 0)
            {
                names.Append(unit);
            }

            depth -= unit == ')' && depth > 0 ? 1 : 0;
        }

        return names.ToString();
    }

    private void ReadDirective(SqlSource source, SqlComment comment, string value)
    {
        switch (value)
        {
            case "no-transaction":
                Transaction = ScriptTransaction.None;
                break;
            case "out-of-order":
                AllowsOutOfOrder = true;
                break;
            default:
                Problems.Add(source.Problem(
                    ErrorCodes.DirectiveUnknown,
                    $"'{value}' is not a directive. The directives are: {KnownDirectives}.",
                    comment.Offset));
                break;
        }
    }

    /// <summary>The tool whose marker a comment is; null when there is none.</summary>
    public static string? ToolOf(ReadOnlySpan<char> comment)
    {
        var line = comment.TrimStart('-').Trim();
        foreach (var (start, tool) in ForeignMarks)
        {
            if (line.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            {
                return tool;
            }
        }

        return null;
    }

    // The first marker is enough for a file.
    private void RefuseForeignMark(SqlSource source, SqlComment comment, ReadOnlySpan<char> line, string advice)
    {
        if (!_hasForeignMark && ToolOf(line) is { } tool)
        {
            _hasForeignMark = true;
            Problems.Add(source.Problem(
                ErrorCodes.FileFormatNotSupported,
                $"The file is written for {tool}, whose markers are not supported in this folder: run as it is, its "
                    + $"undo part would be applied too. {advice}",
                comment.Offset));
        }
    }

    private static bool TryTake(ReadOnlySpan<char> line, string label, out string value)
    {
        var isLabelled = line.StartsWith(label, StringComparison.OrdinalIgnoreCase);
        value = isLabelled ? line[label.Length..].Trim().ToString() : "";
        return isLabelled;
    }
}
