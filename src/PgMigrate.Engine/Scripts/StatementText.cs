using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scripts;

/// <summary>Makes statements from what the splitter found; pure.</summary>
internal static class StatementText
{
    /// <summary>
    /// A statement that a line of another tool ends, not a semicolon: it is sent without the semicolon that replaced
    /// that line.
    /// </summary>
    public static SqlStatement WithoutMadeEnd(SqlStatement statement, SqlSource source) =>
        statement.Text is [.., ';'] && source.Text[statement.Offset + statement.Text.Length - 1] != ';'
            ? statement with { Text = statement.Text[..^1].TrimEnd() }
            : statement;

    /// <summary>
    /// The statements that psql's \; joins into one query; inside a transaction that is the same as one after the
    /// other.
    /// </summary>
    public static IEnumerable<SqlStatement> Unjoin(SqlStatement statement, SqlSplit split, SqlSource source)
    {
        var start = 0;
        foreach (var escape in split.Escapes)
        {
            var end = escape + 2 - statement.Offset;
            if (end > start && end <= statement.Text.Length && split.Text[escape + 1] == ';')
            {
                if (HoldsSql(start, end))
                {
                    yield return Part(start, end);
                }

                start = end;
            }
        }

        if (start == 0)
        {
            yield return statement;
        }
        else if (HoldsSql(start, statement.Text.Length))
        {
            yield return Part(start, statement.Text.Length);
        }

        bool HoldsSql(int from, int to) => !new StatementReading(statement.Text.AsMemory(from, to - from)).IsEmpty;

        SqlStatement Part(int from, int to)
        {
            from += statement.Text.AsSpan(from, to - from).IndexOfAnyExcept(" \t\r\n");
            var (line, _) = source.PositionOf(statement.Offset + from);
            return statement with { Text = statement.Text[from..to], Offset = statement.Offset + from, Line = line };
        }
    }

    /// <summary>True for a COPY that ends on the line before an offset of its source.</summary>
    public static bool ReadsRowsAt(SqlStatement statement, int offset)
    {
        var lineStart = offset < 2 ? 0 : statement.Source!.Text.LastIndexOf('\n', offset - 2) + 1;
        var end = statement.Offset + statement.Text.Length;
        return end > lineStart && end <= offset
            && CopyRows.AreReadBy(statement.Text, statement.StandardStrings, out _);
    }
}
