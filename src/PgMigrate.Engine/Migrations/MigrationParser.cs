using PgMigrate.Files;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>A script of a migration.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Script">The script.</param>
/// <param name="Text">Its text as it is recorded; null for UP, of which only the checksum is recorded.</param>
/// <param name="Checksum">SHA-256 of the UP text; null for other scripts.</param>
public sealed record ScriptPart(ScriptPartKind Kind, SqlScript Script, string? Text, string? Checksum);

/// <summary>The content of a migration file.</summary>
internal sealed record ParsedMigration
{
    /// <summary>Its scripts that can be run, UP first.</summary>
    public required IReadOnlyList<ScriptPart> Parts { get; init; }

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
internal static class MigrationParser
{
    private const string NoTransaction = "-- pgmigrate: no-transaction";

    /// <summary>Parses a migration that is held; pure. Problems are part of the result, never exceptions.</summary>
    internal static ParsedMigration Parse(
        MigrationFormat format, FormatFile file, FileText up, IReadOnlyList<PartText> beside)
    {
        var rules = format.RulesFor(file);
        var source = up.Source;
        var outline = new FileOutline(rules);
        var elements = Divide(ScriptReader.Read(source, rules.TextToSplit), outline);
        var parts = Kinds(beside)
            .Where(kind => kind == ScriptPartKind.Up || outline.Sections.SectionOf(kind) is not null)
            .Select(kind =>
            {
                var section = outline.Sections.SectionOf(kind) ?? default;
                var range = Within(section.Range, source);
                var transaction = TransactionOf(outline, section, file);
                var script = SqlScript.Of(source, Expand([.. elements[kind]], up, rules, kind), transaction);
                return kind == ScriptPartKind.Up
                    ? new ScriptPart(kind, script, null, MigrationChecksum.Of(up.Files.Expand(source, range)))
                    : new ScriptPart(kind, script, ToRecord(TextOf(up, rules, range), transaction), null);
            });
        return Parsed(format, file, outline, [.. parts], beside, []);
    }

    /// <summary>
    /// Parses a migration whose file is too large to be held: the file is read once, and UP is checked on the way.
    /// </summary>
    internal static ParsedMigration Parse(
        MigrationFormat format, FormatFile file, TextFile text, IReadOnlyList<PartText> beside)
    {
        var rules = format.RulesFor(file);
        var outline = new FileOutline(rules);
        var script = new FileScript(text, rules).Check(outline);
        outline.Finish();
        var up = outline.Sections.SectionOf(ScriptPartKind.Up) ?? default;
        if (TransactionOf(outline, up, file) == ScriptTransaction.None || script.Transaction == ScriptTransaction.None)
        {
            // Each of its statements is recorded, so the whole file has to be in memory.
            var bytes = File.ReadAllBytes(file.UpPath);
            return FileText.Read(null, (file.Name.FileName, file.UpPath), bytes, out var problem) is { } held
                ? Parse(format, file, held, beside)
                : throw new InvalidDataException(problem?.Message);
        }

        var read = SectionTexts.Read(text, outline.Sections);
        var others = Kinds(beside).Where(read.Texts.ContainsKey).Select(kind =>
        {
            var section = outline.Sections.SectionOf(kind) ?? default;
            var source = new SqlSource(text.FileName, text.FilePath, read.Texts[kind]) { FirstLine = section.Line };
            var transaction = TransactionOf(outline, section, file);
            return new ScriptPart(
                kind,
                SqlScript.Of(source, WithoutIncludes(ScriptReader.Read(source, rules.TextToSplit)), transaction),
                ToRecord(rules.TextToSplit?.Invoke(source.Text, true) ?? source.Text, transaction),
                null);
        });
        return Parsed(
            format,
            file,
            outline,
            [new ScriptPart(ScriptPartKind.Up, script, null, read.UpChecksum), .. others],
            beside,
            read.Problems);
    }

    /// <summary>Parses a recorded DOWN text, whose lines are counted from its own start.</summary>
    public static SqlScript ParseRecorded(string fileName, string text)
    {
        var source = new SqlSource(fileName, null, text);
        var elements = ScriptReader.Read(source);
        var header = FileOutline.Of(elements, FormatRules.Native).Header;
        return SqlScript.Of(source, WithoutIncludes(elements), header.Transaction);
    }

    // A script without SQL cannot be run in PgMigrate's format: an undo would delete the record and leave every object.
    // Other tools do exactly that.
    private static bool IsRunnable(MigrationFormat format, FormatFile file, ScriptPart part) =>
        part.Kind == ScriptPartKind.Up || !part.Script.IsEmpty
        || (format.RunsEmptyDown && (file.HasFileOf(part.Kind) || !format.RulesFor(file).HasSections));

    /// <summary>
    /// Checksum of a DOWN file as it is recorded when a separate file makes it a no-transaction script.
    /// </summary>
    internal static string RecordedChecksum(FileText down) =>
        MigrationChecksum.Of(ToRecord(down.Expanded, ScriptTransaction.None));

    private static ParsedMigration Parsed(
        MigrationFormat format,
        FormatFile file,
        FileOutline outline,
        IReadOnlyList<ScriptPart> own,
        IReadOnlyList<PartText> beside,
        IReadOnlyList<MigrationProblem> problems)
    {
        var others = beside.Select(text => ParseBeside(format, file, text)).ToList();
        return new ParsedMigration
        {
            Parts = [.. own.Concat(others.Select(other => other.Part)).Where(part => IsRunnable(format, file, part))],
            Description = file.Description ?? outline.Header.Description,
            DependsOn = [.. file.DependsOn, .. outline.Header.DependsOn],
            AllowsOutOfOrder = outline.Header.AllowsOutOfOrder,
            Problems =
            [
                .. outline.Problems,
                .. problems,
                .. others.SelectMany(other => other.Problems),
                .. own.Skip(1).Where(part => !file.HasFileOf(part.Kind))
                    .SelectMany(part => UpOnlyVariables.FindIn(part.Script, own[0].Script)),
            ],
        };
    }

    private static (ScriptPart Part, IEnumerable<MigrationProblem> Problems) ParseBeside(
        MigrationFormat format, FormatFile file, PartText part)
    {
        var (text, kind) = (part.Text, part.File.Kind);
        var elements = ScriptReader.Read(text.Source);
        var outline = FileOutline.Of(elements, format.DownRulesFor(file));
        var transaction = part.File.Transaction ?? outline.Header.Transaction;
        var script = SqlScript.Of(text.Source, Expand(elements, text, format.RulesFor(file), kind), transaction);
        return (new ScriptPart(kind, script, ToRecord(text.Expanded, transaction), null), outline.Problems);
    }

    // The kinds that the migration's own file can have: the others are in separate files.
    private static IEnumerable<ScriptPartKind> Kinds(IReadOnlyList<PartText> beside) =>
        Enum.GetValues<ScriptPartKind>().Where(kind => !beside.Any(part => part.File.Kind == kind));

    private static ILookup<ScriptPartKind, ScriptElement> Divide(
        IEnumerable<ScriptElement> elements, FileOutline outline)
    {
        var found = new List<(ScriptPartKind Kind, ScriptElement Element)>();
        foreach (var element in elements)
        {
            outline.Take(element);
            if (outline.Current is { } kind && outline.InSection(element) is { } part)
            {
                found.Add((kind, part));
            }
        }

        outline.Finish();
        return found.ToLookup(one => one.Kind, one => one.Element);
    }

    private static IReadOnlyList<ScriptElement> Expand(
        IReadOnlyList<ScriptElement> elements, FileText text, FormatRules rules, ScriptPartKind section) =>
        new IncludeExpander(text.Files, included => IncludedMarks.FindIn(included, rules, section))
            .Expand(elements);

    // A text that comes from no folder includes nothing.
    private static IReadOnlyList<ScriptElement> WithoutIncludes(IEnumerable<ScriptElement> elements) =>
        new IncludeExpander(IncludedFiles.None, _ => []).Expand(elements);

    // The transaction mode of a script: from a separate file, a marker of its format, or a directive.
    private static ScriptTransaction TransactionOf(FileOutline outline, FileSection section, FormatFile file) =>
        file.UpTransaction ?? section.Transaction ?? outline.Header.Transaction;

    private static SqlRange Within(TextRange range, SqlSource source) =>
        new((int)range.Start, (int)Math.Min(range.End, source.Text.Length));

    // Without the lines that only the other tool reads, the text has to end its statements itself.
    private static string TextOf(FileText text, FormatRules rules, SqlRange range) =>
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
