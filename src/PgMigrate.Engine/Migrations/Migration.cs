using PgMigrate.Files;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>
/// One migration file; nothing in it depends on a database. Its checksum is known immediately, its SQL is parsed on
/// first use: a file that was applied and has not changed since needs no parsing.
/// </summary>
public sealed class Migration
{
    private readonly FormatFile _file;
    private readonly MigrationFormat _format;
    private readonly FileText? _up;
    private readonly TextFile? _large;
    private readonly IReadOnlyList<PartText> _beside;
    private readonly bool _mayHaveHeader;
    private ParsedMigration? _parsed;

    private Migration(
        FormatFile file, MigrationFormat format, FileText up, IReadOnlyList<PartText> beside, bool mayHaveHeader)
        : this(file, format, beside, mayHaveHeader)
    {
        _up = up;
    }

    private Migration(FormatFile file, MigrationFormat format, TextFile large, IReadOnlyList<PartText> beside)
        : this(file, format, beside, LargeMigration.MayHaveHeader(format, file, large))
    {
        _large = large;
    }

    private Migration(FormatFile file, MigrationFormat format, IReadOnlyList<PartText> beside, bool mayHaveHeader)
    {
        _file = file;
        _format = format;
        _beside = beside;
        _mayHaveHeader = mayHaveHeader;
        DownChecksum = beside.Count == 0 ? null
            : beside.FirstOrDefault(part => part.File.Kind == ScriptPartKind.Down) is { } down ? RecordedChecksum(down)
            : null;
    }

    /// <summary>The parsed file name.</summary>
    internal MigrationFileName File => _file.Name;

    /// <summary>Canonical version.</summary>
    public MigrationVersion Version => File.Version;

    /// <summary>File name without its ending.</summary>
    public string Name => File.Name;

    /// <summary>File name; with its folder where each migration is a folder.</summary>
    public string FileName => File.FileName;

    /// <summary>Full path of the file that is applied.</summary>
    public string FilePath => _file.UpPath;

    /// <summary>Full path of its migrations folder; empty for a text that comes from none.</summary>
    public string Folder { get; private init; } = "";

    /// <summary>Stable name of its format, such as <c>native</c> or <c>goose</c>.</summary>
    public string Format => _format.Name;

    /// <summary>The kind of migration.</summary>
    public MigrationKind Kind => _file.Kind;

    /// <summary>
    /// SHA-256 of the file that is applied: UTF-8 without BOM, LF, outer whitespace trimmed. A separate DOWN file is
    /// not part of it.
    /// </summary>
    public string Checksum => _large?.Checksum ?? _up!.Checksum;

    /// <summary>The files that it includes, by name: their texts are part of its checksum.</summary>
    internal IReadOnlyList<string> Includes => _up?.Files.Names ?? [];

    /// <summary>SHA-256 of the separate DOWN file as it is recorded; null when there is none.</summary>
    internal string? DownChecksum { get; }

    /// <summary>True when the file is, except for blanks and line ends, what was recorded.</summary>
    internal bool HasChecksum(string recorded) => _up?.HasChecksum(recorded) ?? recorded == Checksum;

    private ParsedMigration Parsed => _parsed ?? Parse();

    /// <summary>Its scripts that can be run, UP first.</summary>
    public IReadOnlyList<ScriptPart> Parts => Parsed.Parts;

    /// <summary>SHA-256 of the UP text alone, by the same rule.</summary>
    internal string UpChecksum => Parts[0].Checksum!;

    /// <summary>What an apply runs.</summary>
    public SqlScript Up => Parts[0].Script;

    /// <summary>What an undo runs; null when the file has no DOWN section with a statement in it.</summary>
    public SqlScript? Down => PartOf(ScriptPartKind.Down)?.Script;

    /// <summary>Text of the DOWN section, trimmed; kept in the history.</summary>
    public string? DownText => PartOf(ScriptPartKind.Down)?.Text;

    /// <summary>From the <c>-- Description:</c> line.</summary>
    public string? Description => _mayHaveHeader ? Parsed.Description : null;

    /// <summary>From the <c>-- Depends:</c> line.</summary>
    public IReadOnlyList<string> DependsOn => _mayHaveHeader ? Parsed.DependsOn : [];

    /// <summary>True when the file itself allows being applied late.</summary>
    public bool AllowsOutOfOrder => Parsed.AllowsOutOfOrder;

    /// <summary>True when the file is still the template of <c>New-PgMigration</c>.</summary>
    internal bool IsTemplate => _up is not null && Up.IsEmpty && TemplateText.AsksForContent(Up.Source.Text);

    /// <summary>The problems of the file as a whole.</summary>
    public IReadOnlyList<MigrationProblem> Problems => Parsed.Problems;

    /// <summary>
    /// A migration in PgMigrate's format from the bytes of its file; null with a problem when not text.
    /// </summary>
    internal static Migration? Read(
        MigrationFileName file, string filePath, byte[] bytes, out MigrationProblem? problem) =>
        Read(null, NativeFormat.Instance, new FormatFile(file, filePath), (bytes, []), out problem);

    /// <summary>A migration in PgMigrate's format from a text with LF line ends.</summary>
    internal static Migration FromText(MigrationFileName file, string filePath, string text)
    {
        var source = new SqlSource(file.FileName, filePath, text);
        var up = FileText.Of(source, IncludedFiles.None);
        return new Migration(new FormatFile(file, filePath), NativeFormat.Instance, up, [], mayHaveHeader: true);
    }

    /// <summary>A migration that is too large to be held: it is parsed on first use of its content.</summary>
    internal static Migration FromLarge(
        TextFile large, MigrationFormat format, FormatFile file, IReadOnlyList<PartText> beside, string folder) =>
        new(file, format, large, beside) { Folder = folder };

    /// <summary>A migration from the bytes of its files; null with a problem when they are not text.</summary>
    internal static Migration? Read(
        string? folder,
        MigrationFormat format,
        FormatFile file,
        (byte[] Up, byte[][] Beside) bytes,
        out MigrationProblem? problem)
    {
        IReadOnlyList<PartText> beside = [];
        var up = FileText.Read(
            folder, (file.Name.FileName, file.UpPath), bytes.Up, out problem, format.AllowsEmpty(file));
        if (up is not null)
        {
            beside = ReadBeside(folder, format, file, bytes.Beside, out problem);
        }

        var mayHaveHeader = file.Description is not null || file.DependsOn.Count > 0
            || up?.Files.Files.Count > 0 || MigrationHeader.MayStandIn(bytes.Up);
        return up is null || problem is not null
            ? null
            : new Migration(file, format, up, beside, mayHaveHeader) { Folder = folder ?? "" };
    }

    /// <summary>The separate files of a migration, without empty ones; a problem when one is not text.</summary>
    internal static IReadOnlyList<PartText> ReadBeside(
        string? folder, MigrationFormat format, FormatFile file, byte[][] bytes, out MigrationProblem? problem)
    {
        problem = null;
        if (bytes.Length == 0)
        {
            return [];
        }

        var texts = new List<PartText>();
        for (var i = 0; i < bytes.Length && problem is null; i++)
        {
            var part = file.Beside[i];
            var name = file.Name.FileName.Contains('/', StringComparison.Ordinal) && folder is not null
                ? Path.GetRelativePath(folder, part.Path).Replace('\\', '/')
                : Path.GetFileName(part.Path);
            var text = FileText.Read(folder, (name, part.Path), bytes[i], out problem, format.AllowsEmpty(file));
            // In some tools an empty file means that there is no undo.
            problem = problem?.Code == MigrationText.Empty ? null : problem;
            if (text is not null)
            {
                texts.Add(new PartText(part, text));
            }
        }

        return texts;
    }

    private ScriptPart? PartOf(ScriptPartKind kind) => Parts.FirstOrDefault(part => part.Kind == kind);

    // Thousands of files are read and few are parsed: no Lazy, which would be a third of the memory of each. Parsing is
    // pure; if two threads do it at the same time, the first result is kept.
    private ParsedMigration Parse()
    {
        var parsed = _large is null
            ? MigrationParser.Parse(_format, _file, _up!, _beside)
            : MigrationParser.Parse(_format, _file, _large, _beside);
        return Interlocked.CompareExchange(ref _parsed, parsed, null) ?? parsed;
    }

    private static string RecordedChecksum(PartText down) => down.File.Transaction == ScriptTransaction.None
        ? MigrationParser.RecordedChecksum(down.Text)
        : down.Text.Checksum;

    /// <summary>True when this version or name refers to this migration.</summary>
    public bool IsNamed(string versionOrName) => MigrationReference.Matches(versionOrName, Version, Name, FileName);
}

/// <summary>How a user names a migration: by version or by name, never by a part of either.</summary>
internal static class MigrationReference
{
    /// <summary>True when the text is this version (ignoring leading zeros), name or file name.</summary>
    public static bool Matches(string text, MigrationVersion version, string name, string fileName) =>
        (MigrationVersion.TryParse(text, out var asked) && (asked == version || IsTimestamp(text, version)))
        || IsTimestampOf(text, version, fileName)
        || NormalName.AreSame(text, name)
        || NormalName.AreSame(text, fileName);

    // Where the folder's name is the version, its leading digits are enough as long as no other has them.
    private static bool IsTimestampOf(string text, MigrationVersion version, string fileName) =>
        !version.IsNumeric && fileName.EndsWith(MigrationFileName.FolderScript, StringComparison.Ordinal)
        && text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9')
        && version.Text.StartsWith(text + "_", StringComparison.Ordinal);

    // 20251025_143022_name.sql has one version of 14 digits.
    private static bool IsTimestamp(string text, MigrationVersion version) =>
        text.Length == 15 && text[8] == '_' && text.Remove(8, 1) == version.Text;
}
