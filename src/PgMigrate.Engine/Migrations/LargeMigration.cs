using System.Text;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>Reads a migration file that is too large to be held in memory.</summary>
internal static class LargeMigration
{
    /// <summary>Files with more bytes than this are read part by part.</summary>
    public const long Threshold = 4 * 1024 * 1024;

    private const int Chunk = 256 * 1024;
    private const int LargestDown = 4 * 1024 * 1024;

    /// <summary>Reads it once for its checksum; null with a problem when it is not text.</summary>
    public static Migration? Read(FormatFile formatFile, string folder, out MigrationProblem? problem)
    {
        problem = null;
        var (file, path) = (formatFile.Name, formatFile.UpPath);
        try
        {
            using var text = new MigrationTextStream(path);
            var first = text.Read(Chunk);
            while (!text.IsAtEnd)
            {
                text.Read(Chunk);
            }

            var checksum = text.Checksum();
            var mayHaveHeader = MigrationHeader.MayStandIn(Encoding.UTF8.GetBytes(first));
            return Migration.FromParser(formatFile, checksum, mayHaveHeader, () => Parse(file, path, checksum), folder);
        }
        catch (InvalidDataException e)
        {
            problem = Describe(file, path, e);
            return null;
        }
    }

    private static ParsedMigration Parse(MigrationFileName file, string path, string checksum)
    {
        var header = new MigrationHeader();
        var markers = new List<(SectionKind Kind, long Start, long End, int Line)>();
        var problems = new List<MigrationProblem>();
        long? firstStatement = null;
        using (var text = new MigrationTextStream(path))
        {
            foreach (var element in new LargeScriptReader(text, file.FileName, path).Read())
            {
                switch (element)
                {
                    case LargeElement.Statement when markers.Count == 0:
                        firstStatement ??= 0;
                        break;
                    case LargeElement.Comment { Value.Depth: 0 } comment
                        when MigrationSections.ReadMarker(comment.Source.Text, comment.Value) is { } kind:
                        var (line, _) = comment.Source.PositionOf(comment.Value.Offset);
                        AddMarkerProblem(comment, kind, markers, firstStatement is not null, problems);
                        markers.Add((kind, comment.Offset, comment.Offset + comment.Value.Length, line));
                        break;
                    case LargeElement.Comment { Value.InsideStatement: false } comment:
                        header.Add(comment.Source, comment.Value);
                        break;
                }
            }
        }

        if (header.Transaction == ScriptTransaction.None)
        {
            problems.Add(Problem(file, path, "NoTransactionTooLarge",
                $"A file outside a transaction can hold {Threshold / 1024 / 1024} MB at most, since each of its statements "
                    + "has its place in the record. Split it."));
        }

        var up = LargeScript.Check(file, path, checksum);
        var (upChecksum, downText, downLine) = ReadSections(path, checksum, markers, problems, file);
        var down = downText is null ? null : ParseDown(new SqlSource(file.FileName, path, downText) { FirstLine = downLine });
        return new ParsedMigration
        {
            UpChecksum = upChecksum,
            Up = up,
            Down = down is { IsEmpty: false } ? down : null,
            DownText = down is { IsEmpty: false } ? downText!.Trim() : null,
            Description = header.Description,
            DependsOn = header.DependsOn,
            AllowsOutOfOrder = header.AllowsOutOfOrder,
            Problems = [.. header.Problems, .. problems],
        };
    }

    private static void AddMarkerProblem(
        LargeElement.Comment comment,
        SectionKind kind,
        List<(SectionKind Kind, long Start, long End, int Line)> markers,
        bool hasStatement,
        List<MigrationProblem> problems)
    {
        var (code, message) = (comment.Value.InsideStatement, markers.Exists(marker => marker.Kind == kind)) switch
        {
            (true, _) => ("SectionInsideStatement", "This section marker stands inside a statement. End the statement before "
                + "it with a ';', or word the comment differently."),
            (_, true) => ("SectionDuplicate", "A second section of this kind. A file has one of each at most."),
            _ when kind == SectionKind.Up && (hasStatement || markers.Count > 0) => ("TextBeforeUp",
                "Statements stand before this marker. In a file of this size the UP section comes first."),
            _ => default,
        };
        if (code is not null)
        {
            problems.Add(comment.Source.Problem(code, message, comment.Value.Offset));
        }
    }

    private static SqlScript ParseDown(SqlSource source)
    {
        var split = SqlSplitter.Split(source.Text);
        var script = ScriptParser.Parse(
            source, split, new SqlRange(0, source.Text.Length), ScriptTransaction.Wrapped, IncludedFiles.None);
        return split.Error is { } error
            ? script with { Problems = [.. script.Problems, source.Problem(error.Code, error.Message, error.Offset)] }
            : script;
    }

    // A second look at the text alone: the sum of UP, and the words of DOWN.
    private static (string UpChecksum, string? DownText, int DownLine) ReadSections(
        string path,
        string checksum,
        List<(SectionKind Kind, long Start, long End, int Line)> markers,
        List<MigrationProblem> problems,
        MigrationFileName file)
    {
        if (markers.Count == 0)
        {
            return (checksum, null, 1);
        }

        var upStart = markers.Find(marker => marker.Kind == SectionKind.Up).End;
        var downMarker = markers.Find(marker => marker.Kind == SectionKind.Down);
        var downStart = downMarker.End == 0 ? long.MaxValue : downMarker.End;
        var upEnd = downMarker.End == 0 ? long.MaxValue : downMarker.Start;
        using var hash = new TrimmedHash();
        using var text = new MigrationTextStream(path);
        var down = new StringBuilder();
        for (long offset = 0; !text.IsAtEnd;)
        {
            var chunk = text.Read(Chunk);
            hash.Append(Part(chunk, offset, upStart, upEnd));
            down.Append(Part(chunk, offset, downStart, long.MaxValue));
            offset += chunk.Length;
            if (down.Length > LargestDown)
            {
                problems.Add(Problem(file, path, "DownTooLarge",
                    $"The DOWN section is kept in the record and can hold {LargestDown / 1024 / 1024} million characters at "
                        + "most. Undo so much with a migration of its own."));
                return (hash.Finish(), null, 1);
            }
        }

        return (hash.Finish(), downMarker.End == 0 ? null : down.ToString(), downMarker.Line);
    }

    private static ReadOnlySpan<char> Part(string chunk, long offset, long start, long end)
    {
        var from = Math.Clamp(start - offset, 0, chunk.Length);
        var to = Math.Clamp(end - offset, from, chunk.Length);
        return chunk.AsSpan((int)from, (int)(to - from));
    }

    // What exactly is wrong with the bytes is worth reading them whole.
    private static MigrationProblem Describe(MigrationFileName file, string path, InvalidDataException e)
    {
        var isText = MigrationText.TryDecode(File.ReadAllBytes(path), out _, out var bad);
        return Problem(file, path, isText ? "FileEncoding" : bad!.Value.Code, isText ? e.Message : bad!.Value.Message) with
        {
            Line = isText ? null : bad!.Value.Line,
        };
    }

    private static MigrationProblem Problem(MigrationFileName file, string path, string code, string message) => new()
    {
        Code = code,
        Message = message,
        FileName = file.FileName,
        FilePath = path,
    };
}
