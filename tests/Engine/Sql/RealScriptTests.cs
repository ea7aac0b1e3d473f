using System.Text;
using System.Text.Json;
using PgMigrate.Sql;
using PgMigrate.Sql.Tokens;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Sql;

/// <summary>Compares with the queries psql 15 was recorded sending.</summary>
public sealed class RealScriptTests
{
    private const int ExactFiles = 809;

    [RealDataFact]
    public void Every_recorded_script_splits_where_psql_splits_it()
    {
        string[] wrong = [.. Recordings().Where(r => !Agrees(r)).Select(r => r.File)];

        Assert.Empty(wrong);
        Assert.Equal(ExactFiles, Recordings().Count());
    }

    private static bool Agrees(Recording recording)
    {
        SqlSplit split = SqlSplitter.Split(recording.Text);
        int offset = 0;
        int bytes = 0;
        int BytesAt(int target)
        {
            bytes += Encoding.UTF8.GetByteCount(recording.Text.AsSpan(offset, target - offset));
            offset = target;
            return bytes;
        }

        List<(int, int)> sent = [];
        foreach (SqlStatement statement in split.Statements())
        {
            sent.Add((BytesAt(statement.Offset), BytesAt(statement.Offset + statement.Text.Length)));
        }

        return split.Error is null && sent.SequenceEqual(recording.Spans.Where(s => !IsCommentOnly(recording, s)));
    }

    // psql sends a block comment at the end of a file as well; for the server that is an empty query.
    private static bool IsCommentOnly(Recording recording, (int Start, int End) span)
    {
        byte[] all = Encoding.UTF8.GetBytes(recording.Text);
        string query = Encoding.UTF8.GetString(all, span.Start, span.End - span.Start);
        return query.StartsWith("/*", StringComparison.Ordinal) && SqlWords.Leading(query, 1).Count == 0;
    }

    internal static IEnumerable<Recording> Recordings()
    {
        string folder = RealData.Folder!;
        foreach (string line in File.ReadLines(Path.Combine(folder, "psql-boundaries.jsonl")))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (root.GetProperty("exact").GetBoolean())
            {
                string file = root.GetProperty("file").GetString()!;
                string text = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, file)));
                (int, int)[] spans =
                    [.. root.GetProperty("spans").EnumerateArray().Select(s => (s[0].GetInt32(), s[1].GetInt32()))];
                yield return new Recording(file, text, spans);
            }
        }
    }

    internal sealed record Recording(string File, string Text, (int Start, int End)[] Spans);
}
