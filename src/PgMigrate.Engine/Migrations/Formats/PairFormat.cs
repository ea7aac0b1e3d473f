using System.Text.RegularExpressions;
using PgMigrate.Errors;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations.Formats;

/// <summary>
/// golang-migrate and Supabase Auth: <c>x.up.sql</c> with or without <c>x.down.sql</c>. An up file alone is read as
/// PgMigrate's own format.
/// </summary>
internal sealed partial class PairFormat : NativeFormat
{
    private const string DownEnding = ".down.sql";
    private const string UpEnding = ".up.sql";

    private static readonly (string Code, string Message) UndoTwice = (ErrorCodes.UndoTwice,
        "This starts a DOWN section, but the migration also has a down file. Delete one of the two.");

    public override string Name => "golang-migrate";

    public override bool AllowsEmpty(FormatFile file) => IsUp(file.Name.FileName);

    public override bool RunsEmptyDown => true;

    public override string? FindEvidence(FolderListing folder) =>
        folder.SqlFiles.FirstOrDefault(name => IsDown(name) || IsUp(name));

    public override FormatReading Read(FolderListing folder, bool allowUnversioned)
    {
        var files = new List<FormatFile>();
        var problems = new List<MigrationProblem>();
        var downs = new DownFiles(folder.SqlFiles.Where(IsDown));
        var hasPairs = downs.Left.Any() && folder.SqlFiles.Any(IsUp);
        foreach (var fileName in folder.SqlFiles.Where(name => !IsDown(name)))
        {
            if (!MigrationFileName.TryParse(fileName, allowUnversioned, out var name, out var problem))
            {
                problems.Add(problem with { FilePath = folder.PathOf(fileName) });
                continue;
            }

            // A down file undoes an up file, not a plain one.
            var down = IsUp(fileName) ? downs.Take(name) : null;

            if (hasPairs && !IsUp(fileName))
            {
                problems.Add(Problem(folder, fileName, ErrorCodes.FormatMixed,
                    "The file is neither an up nor a down file, in a folder of pairs: golang-migrate never runs it. "
                    + "PgMigrate runs it, in version order.") with
                { Severity = nameof(ProblemSeverity.Warning) });
            }

            files.Add(new FormatFile(name, folder.PathOf(fileName))
            {
                Beside = down is null ? [] : [new(ScriptPartKind.Down, folder.PathOf(down))],
            });
        }

        problems.AddRange(FindOtherEndings(folder));
        problems.AddRange(downs.Left.Select(name => Problem(folder, name, ErrorCodes.DownWithoutUp,
            $"There is no {name[..^DownEnding.Length]}{UpEnding}, nor another up file of its version without a down "
                + "file. Add it, or delete this file.")));
        return new FormatReading(this, files, problems);
    }

    public override FormatRules RulesFor(FormatFile file) => !file.HasFileOf(ScriptPartKind.Down)
        ? FormatRules.Native
        : FormatRules.Native with
        {
            HasDownFile = true,
            // golang-migrate would apply what is below such a line.
            RefuseSection = kind => kind == ScriptPartKind.Down ? UndoTwice : null,
        };

    // golang-migrate only checks for up or down, whatever follows it.
    private static IEnumerable<MigrationProblem> FindOtherEndings(FolderListing folder) => folder.Files
        .Where(name => !FolderListing.IsSql(name) && NumberedPair().IsMatch(name))
        .Select(name => name.Contains(".sql", StringComparison.OrdinalIgnoreCase)
            && !name.EndsWith("sql", StringComparison.OrdinalIgnoreCase)
            ? Ignored(folder, name, "The name does not end in .sql, so this file is ignored.")
            : Problem(folder, name, ErrorCodes.FileFormatNotSupported, "golang-migrate would run this file, but "
                + "PgMigrate runs only files that end in .sql. Rename it, or move it elsewhere."));

    /// <summary>
    /// The down files of a folder. golang-migrate pairs by version and ignores names; of two down files with one
    /// version, the name decides.
    /// </summary>
    private sealed class DownFiles
    {
        private readonly Dictionary<string, string> _byName;
        private readonly ILookup<MigrationVersion, string> _byVersion;

        public DownFiles(IEnumerable<string> names)
        {
            _byName = names.ToDictionary(file => file[..^DownEnding.Length], StringComparer.Ordinal);
            _byVersion = _byName.Keys
                .Select(name => (
                    Name: name,
                    Parsed: MigrationFileName.TryParse(name, false, out var parsed, out _) ? parsed : null))
                .Where(down => down.Parsed is not null)
                .ToLookup(down => down.Parsed!.Version, down => down.Name);
        }

        /// <summary>Those without an up file, by name.</summary>
        public IEnumerable<string> Left => _byName.Values.Order(StringComparer.Ordinal);

        /// <summary>The down file of an up file, once; null when there is none.</summary>
        public string? Take(MigrationFileName up) => _byName.Remove(up.Name, out var same) ? same
            : _byVersion[up.Version].FirstOrDefault(_byName.ContainsKey) is { } name
                && _byName.Remove(name, out var other) ? other
            : null;
    }

    [GeneratedRegex(@"^\d+_.*\.(up|down)\.")]
    private static partial Regex NumberedPair();

    private static bool IsDown(string name) => name.EndsWith(DownEnding, StringComparison.OrdinalIgnoreCase);

    private static bool IsUp(string name) => name.EndsWith(UpEnding, StringComparison.OrdinalIgnoreCase);
}
