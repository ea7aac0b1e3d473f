using System.Text;
using PgMigrate.Files;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>A migration file that is too large to be held: it is read once for its checksum, and again for its SQL.</summary>
internal sealed class LargeMigration
{
    /// <summary>Files with more bytes than this are read part by part.</summary>
    public const long Threshold = 4 * 1024 * 1024;

    private const int Chunk = 256 * 1024;
    private const int LargestDown = 4 * 1024 * 1024;

    private readonly FormatRules _rules;
    private readonly LargeFile _file;

    private LargeMigration(FormatRules rules, LargeFile file, bool mayHaveHeader)
    {
        _rules = rules;
        _file = file;
        MayHaveHeader = mayHaveHeader;
    }

    /// <summary>SHA-256 of the file by the rule of every other.</summary>
    public string Checksum => _file.Checksum;

    /// <summary>False when it certainly has no description and names nothing that it depends on.</summary>
    public bool MayHaveHeader { get; }

    /// <summary>Reads a file once; null with a problem when it is not text.</summary>
    public static LargeMigration? Read(MigrationFormat format, FormatFile file, out MigrationProblem? problem)
    {
        problem = null;
        var rules = format.RulesFor(file);
        try
        {
            var large = LargeFile.Read(file);
            using var text = large.Open(withChecksum: false);
            var mayHaveHeader = file.Description is not null || file.DependsOn.Count > 0
                || (rules.HasHeader && MigrationHeader.MayStandIn(Encoding.UTF8.GetBytes(text.Read(Chunk))));
            return new LargeMigration(rules, large, mayHaveHeader);
        }
        catch (InvalidDataException e)
        {
            problem = Describe(file, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = Problem(file, "FileUnreadable", $"The file cannot be read: {e.Message}");
        }

        return null;
    }

    /// <summary>What the text says; the file is gone through once, and UP is checked on the way.</summary>
    public ParsedMigration Parse(MigrationFormat format, FormatFile file, FileText? down)
    {
        if (_rules.Marks.Count == 0)
        {
            return Parse(format, file, down, default);
        }

        // Outside a transaction each statement has its place in the record, and the whole file has to be at hand.
        var marks = LargeMarks.Find(_file, _rules.Marks);
        return marks?.Divide(format) is var (parts, sections) && parts.UpTransaction != ScriptTransaction.None
            ? Parse(format, file, down, (marks, sections.Up))
            : ParseHeld(format, file, down);
    }

    private ParsedMigration Parse(
        MigrationFormat format, FormatFile file, FileText? down, (LargeMarks? Marks, LargeRange? Up) known)
    {
        var marks = known.Marks;
        var outline = new FileOutline(_rules, marks);
        var script = LargeScript.Check(_file, _rules, known.Up, outline);
        outline.Finish();
        var header = outline.Header;
        var problems = outline.Problems.ToList();
        var sections = SectionsOf(outline);
        var downTransaction = header.Transaction;
        var allowsOutOfOrder = header.AllowsOutOfOrder;
        if (marks is not null)
        {
            // Now it is known which of the lines are comments.
            (var parts, sections) = marks.Divide(format);
            downTransaction = parts.DownTransaction;
            allowsOutOfOrder |= parts.AllowsOutOfOrder;
            problems.AddRange(parts.Problems);
            if (parts.Problems.Count > 0)
            {
                // Where a mark is in doubt, so is what stands behind it.
                sections = sections with { Down = null };
            }
        }
        else if ((file.UpTransaction ?? header.Transaction) == ScriptTransaction.None)
        {
            problems.Add(Problem(file, "NoTransactionTooLarge",
                $"A file outside a transaction can hold {Threshold / 1024 / 1024} MB at most, since each of its statements "
                    + "has its place in the record. Split it."));
        }

        var (upChecksum, section) = ReadSections(file, sections, problems);
        (SqlScript? Script, string Text) undo = (down, section) switch
        {
            (not null, _) => MigrationParser.ParseDownFile(format, file, down, problems),
            (_, not null) => MigrationParser.ParseDownSection(
                format,
                new SqlSource(file.Name.FileName, file.UpPath, section) { FirstLine = sections.DownLine },
                downTransaction),
            _ => (null, ""),
        };
        var hasDown = MigrationParser.IsUndo(format, file, undo.Script);
        return new ParsedMigration
        {
            UpChecksum = upChecksum,
            Up = script,
            Down = hasDown ? undo.Script : null,
            DownText = hasDown ? undo.Text : null,
            Description = file.Description ?? header.Description,
            DependsOn = [.. file.DependsOn, .. header.DependsOn],
            AllowsOutOfOrder = allowsOutOfOrder,
            Problems = [.. header.Problems, .. problems],
        };
    }

    private static ParsedMigration ParseHeld(MigrationFormat format, FormatFile file, FileText? down)
    {
        var bytes = File.ReadAllBytes(file.UpPath);
        return FileText.Read(null, (file.Name.FileName, file.UpPath), bytes, out var problem) is { } up
            ? MigrationParser.Parse(format, file, up, down)
            : throw new InvalidDataException(problem?.Message);
    }

    private static LargeSections SectionsOf(FileOutline outline)
    {
        if (outline.Markers.Count == 0)
        {
            return new LargeSections(null, null, 1);
        }

        var down = outline.RangeOf(SectionKind.Down);
        return new LargeSections(
            outline.RangeOf(SectionKind.Up) ?? default,
            down,
            down is null ? 1 : outline.Markers.First(marker => marker.Kind == SectionKind.Down).Line);
    }

    // A second look at the text alone: the sum of UP, and the words of DOWN.
    private (string UpChecksum, string? DownText) ReadSections(
        FormatFile file, LargeSections sections, List<MigrationProblem> problems)
    {
        if (sections.Up is not { } up)
        {
            return (Checksum, null);
        }

        using var hash = new TrimmedHash();
        using var text = _file.Open(withChecksum: false);
        var down = sections.Down is null ? null : new StringBuilder();
        for (long offset = 0; !text.IsAtEnd;)
        {
            var chunk = text.Read(Chunk);
            hash.Append(Part(chunk, offset, up));
            down?.Append(Part(chunk, offset, sections.Down!.Value));
            offset += chunk.Length;
            if (down?.Length > LargestDown)
            {
                problems.Add(Problem(file, "DownTooLarge",
                    $"The DOWN section is kept in the record and can hold {LargestDown / 1024 / 1024} million characters at "
                        + "most. Undo so much with a migration of its own."));
                return (hash.Finish(), null);
            }
        }

        return (hash.Finish(), down?.ToString());
    }

    private static ReadOnlySpan<char> Part(string chunk, long offset, LargeRange range)
    {
        var from = Math.Clamp(range.Start - offset, 0, chunk.Length);
        var to = Math.Clamp(range.End - offset, from, chunk.Length);
        return chunk.AsSpan((int)from, (int)(to - from));
    }

    // What exactly is wrong with the bytes is worth reading them whole.
    private static MigrationProblem Describe(FormatFile file, InvalidDataException e)
    {
        var isText = MigrationText.TryDecode(File.ReadAllBytes(file.UpPath), out _, out var bad);
        return Problem(file, isText ? "FileEncoding" : bad!.Value.Code, isText ? e.Message : bad!.Value.Message) with
        {
            Line = isText ? null : bad!.Value.Line,
        };
    }

    private static MigrationProblem Problem(FormatFile file, string code, string message) => new()
    {
        Code = code,
        Message = message,
        FileName = file.Name.FileName,
        FilePath = file.UpPath,
    };
}
