using PgMigrate.Files;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>The content of a migration file.</summary>
public sealed record ParsedMigration
{
    /// <summary>SHA-256 of the UP text.</summary>
    public required string UpChecksum { get; init; }

    /// <summary>What an apply runs.</summary>
    public required SqlScript Up { get; init; }

    /// <summary>What an undo runs; null when there is no DOWN section with a statement in it.</summary>
    public SqlScript? Down { get; init; }

    /// <summary>Text of the DOWN section, trimmed.</summary>
    public string? DownText { get; init; }

    /// <summary>From the <c>-- Description:</c> line.</summary>
    public string? Description { get; init; }

    /// <summary>From the <c>-- Depends:</c> lines.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>True when the file itself allows being applied late.</summary>
    public bool AllowsOutOfOrder { get; init; }

    /// <summary>
    /// The problems of the file as a whole; a problem that blocks only one of its scripts is a problem of that script.
    /// </summary>
    public required IReadOnlyList<MigrationProblem> Problems { get; init; }
}

/// <summary>Parses the text of a file into scripts.</summary>
public static class MigrationParser
{
    private const string NoTransaction = "-- pgmigrate: no-transaction";

    /// <summary>Parses a migration that is held; pure. Problems are part of the result, never exceptions.</summary>
    internal static ParsedMigration Parse(MigrationFormat format, FormatFile file, FileText up, FileText? down)
    {
        var rules = format.RulesFor(file);
        var source = up.Source;
        var outline = new FileOutline(rules);
        var sections = Divide(ScriptReader.Read(source, rules.TextToSplit), outline);
        var script = SqlScript.Of(
            source,
            Expand(sections[SectionKind.Up], up, rules, SectionKind.Up),
            TransactionOf(outline, file));
        var undo = Undo.None;
        if (down is null && outline.Sections.Down is { } range)
        {
            var transaction = DownTransactionOf(outline, file);
            undo = new Undo(
                SqlScript.Of(source, Expand(sections[SectionKind.Down], up, rules, SectionKind.Down), transaction),
                ToRecord(DownText(up, rules, Within(range, source)), transaction),
                []);
        }

        return Parsed(format, file, (outline, script), down is null ? undo : ParseDownFile(format, file, down)) with
        {
            UpChecksum = MigrationChecksum.Of(up.Files.Expand(source, Within(outline.Sections.Up, source))),
        };
    }

    /// <summary>
    /// Parses a migration whose file is too large to be held: the file is read once, and UP is checked on the way.
    /// </summary>
    internal static ParsedMigration Parse(MigrationFormat format, FormatFile file, TextFile text, FileText? down)
    {
        var rules = format.RulesFor(file);
        var outline = new FileOutline(rules);
        var script = new FileScript(text, rules).Check(outline);
        outline.Finish();
        if (TransactionOf(outline, file) == ScriptTransaction.None || script.Transaction == ScriptTransaction.None)
        {
            // Each of its statements is recorded, so the whole file has to be in memory.
            var bytes = File.ReadAllBytes(file.UpPath);
            return FileText.Read(null, (file.Name.FileName, file.UpPath), bytes, out var problem) is { } held
                ? Parse(format, file, held, down)
                : throw new InvalidDataException(problem?.Message);
        }

        var read = SectionTexts.Read(text, outline.Sections);
        var undo = Undo.None with { Problems = read.Problems };
        if (down is null && read.Down is { } section)
        {
            var source = new SqlSource(text.FileName, text.FilePath, section) { FirstLine = outline.Sections.DownLine };
            var elements = ScriptReader.Read(source, rules.TextToSplit);
            var transaction = DownTransactionOf(outline, file);
            undo = undo with
            {
                Script = SqlScript.Of(source, WithoutIncludes(elements), transaction),
                Text = ToRecord(rules.TextToSplit?.Invoke(section, true) ?? section, transaction),
            };
        }

        return Parsed(format, file, (outline, script), down is null ? undo : ParseDownFile(format, file, down)) with
        {
            UpChecksum = read.UpChecksum,
        };
    }

    /// <summary>Parses a recorded DOWN text, whose lines are counted from its own start.</summary>
    public static SqlScript ParseRecorded(string fileName, string text)
    {
        var source = new SqlSource(fileName, null, text);
        var elements = ScriptReader.Read(source);
        var header = FileOutline.Of(elements, FormatRules.Native).Header;
        return SqlScript.Of(source, WithoutIncludes(elements), header.Transaction);
    }

    /// <summary>True for a DOWN script that can be run.</summary>
    /// <remarks>
    /// A script without SQL cannot in PgMigrate's format: running it would delete the record and leave every object.
    /// Other tools do exactly that.
    /// </remarks>
    internal static bool IsUndo(MigrationFormat format, FormatFile file, SqlScript? down) => down is { IsEmpty: false }
        || (down is not null && format.RunsEmptyDown
            && (file.DownPath is not null || !format.RulesFor(file).HasSections));

    /// <summary>
    /// Checksum of a DOWN file as it is recorded when a separate file makes it a no-transaction script.
    /// </summary>
    internal static string RecordedChecksum(FileText down) =>
        MigrationChecksum.Of(ToRecord(down.Expanded, ScriptTransaction.None));

    /// <summary>A DOWN script, its text as it is recorded, and the problems of its file.</summary>
    private sealed record Undo(SqlScript? Script, string Text, IReadOnlyList<MigrationProblem> Problems)
    {
        public static Undo None { get; } = new(null, "", []);
    }

    private static ParsedMigration Parsed(
        MigrationFormat format, FormatFile file, (FileOutline Outline, SqlScript Script) up, Undo undo)
    {
        var header = up.Outline.Header;
        var hasDown = IsUndo(format, file, undo.Script);
        return new ParsedMigration
        {
            UpChecksum = "",
            Up = up.Script,
            Down = hasDown ? undo.Script : null,
            DownText = hasDown ? undo.Text : null,
            Description = file.Description ?? header.Description,
            DependsOn = [.. file.DependsOn, .. header.DependsOn],
            AllowsOutOfOrder = header.AllowsOutOfOrder,
            Problems =
            [
                .. up.Outline.Problems,
                .. undo.Problems,
                .. UpOnlyVariables.FindIn(file.DownPath is null ? undo.Script : null, up.Script),
            ],
        };
    }

    private static Undo ParseDownFile(MigrationFormat format, FormatFile file, FileText down)
    {
        var rules = format.DownRulesFor(file);
        var elements = ScriptReader.Read(down.Source);
        var outline = FileOutline.Of(elements, rules);
        var transaction = file.DownTransaction ?? outline.Header.Transaction;
        return new Undo(
            SqlScript.Of(down.Source, Expand(elements, down, format.RulesFor(file), SectionKind.Down), transaction),
            ToRecord(down.Expanded, transaction),
            [.. outline.Problems]);
    }

    private static Dictionary<SectionKind, List<ScriptElement>> Divide(
        IEnumerable<ScriptElement> elements, FileOutline outline)
    {
        var sections = new Dictionary<SectionKind, List<ScriptElement>>
        {
            [SectionKind.Up] = [],
            [SectionKind.Down] = [],
        };
        foreach (var element in elements)
        {
            outline.Take(element);
            if (outline.Current is { } section && outline.InSection(element) is { } part)
            {
                sections[section].Add(part);
            }
        }

        outline.Finish();
        return sections;
    }

    private static IReadOnlyList<ScriptElement> Expand(
        IReadOnlyList<ScriptElement> elements, FileText text, FormatRules rules, SectionKind section) =>
        new IncludeExpander(text.Files, included => IncludedMarks.FindIn(included, rules, section))
            .Expand(elements);

    // A text that comes from no folder includes nothing.
    private static IReadOnlyList<ScriptElement> WithoutIncludes(IEnumerable<ScriptElement> elements) =>
        new IncludeExpander(IncludedFiles.None, _ => []).Expand(elements);

    // The transaction mode of the file: from a separate file, a marker of its format, or a directive.
    private static ScriptTransaction TransactionOf(FileOutline outline, FormatFile file) =>
        file.UpTransaction ?? outline.Sections.UpTransaction ?? outline.Header.Transaction;

    private static ScriptTransaction DownTransactionOf(FileOutline outline, FormatFile file) =>
        file.UpTransaction ?? outline.Sections.DownTransaction ?? outline.Header.Transaction;

    private static SqlRange Within(TextRange range, SqlSource source) =>
        new((int)range.Start, (int)Math.Min(range.End, source.Text.Length));

    // Without the lines that only the other tool reads, the text has to end its statements itself.
    private static string DownText(FileText text, FormatRules rules, SqlRange range) =>
        rules.TextToSplit?.Invoke(text.Source.Text, true) is { } split && split != text.Source.Text
            ? split[range.Start..range.End]
            : text.Files.Expand(text.Source, range);

    // The settings beside the DOWN text in the files are not available when it is run from its record.
    private static string ToRecord(string text, ScriptTransaction transaction)
    {
        var trimmed = text.Trim();
        return transaction == ScriptTransaction.Wrapped || trimmed.Contains("no-transaction", StringComparison.Ordinal)
            ? trimmed
            : $"{NoTransaction}\n{trimmed}";
    }
}
