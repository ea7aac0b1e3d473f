using System.Text.RegularExpressions;

namespace PgMigrate.Migrations;

/// <summary>
/// golang-migrate and Supabase Auth: <c>x.up.sql</c> with or without <c>x.down.sql</c>. An up file alone is read as ours.
/// </summary>
internal sealed partial class PairFormat : NativeFormat
{
    private const string DownEnding = ".down.sql";
    private const string UpEnding = ".up.sql";

    private static readonly (string Code, string Message) UndoTwice = ("UndoTwice",
        "This starts a DOWN section, but the migration has a down file as well. Delete one of the two.");

    public override string Name => "golang-migrate";

    public override string? FindEvidence(FolderListing folder) =>
        folder.SqlFiles.FirstOrDefault(name => IsDown(name) || IsUp(name));

    public override FormatReading Read(FolderListing folder, bool allowUnversioned)
    {
        var files = new List<FormatFile>();
        var problems = new List<MigrationProblem>();
        var downs = folder.SqlFiles.Where(IsDown)
            .ToDictionary(name => name[..^DownEnding.Length], StringComparer.Ordinal);
        var hasPairs = downs.Count > 0 && folder.SqlFiles.Any(IsUp);
        foreach (var fileName in folder.SqlFiles.Where(name => !IsDown(name)))
        {
            if (!MigrationFileName.TryParse(fileName, allowUnversioned, out var name, out var problem))
            {
                problems.Add(problem with { FilePath = folder.PathOf(fileName) });
                continue;
            }

            var hasDown = downs.Remove(name.Name, out var down) && IsUp(fileName);
            if (down is not null && !hasDown)
            {
                downs.Add(name.Name, down); // it undoes an up file, not a plain one
            }

            if (hasPairs && !IsUp(fileName))
            {
                problems.Add(Problem(folder, fileName, "FormatMixed",
                    "The file is neither an up nor a down file, in a folder of pairs: golang-migrate never runs it. It "
                        + "is run here, in version order.") with
                { Severity = ProblemSeverity.Warning });
            }

            files.Add(new FormatFile(name, folder.PathOf(fileName))
            {
                DownPath = hasDown ? folder.PathOf(down!) : null,
            });
        }

        problems.AddRange(FindOtherEndings(folder));
        problems.AddRange(downs.Values.Order(StringComparer.Ordinal).Select(name => Problem(folder, name, "DownWithoutUp",
            $"There is no {name[..^DownEnding.Length]}{UpEnding} that this file could undo. Add it, or delete this file.")));
        return new FormatReading(this, files, problems);
    }

    public override FormatRules RulesFor(FormatFile file) => file.DownPath is null ? FormatRules.Native
        : FormatRules.Native with
        {
            HasDownFile = true,
            // golang-migrate would apply what stands below such a line.
            RefuseSection = kind => kind == SectionKind.Down ? UndoTwice : null,
        };

    // golang-migrate asks for up or down alone, whatever comes behind it.
    private static IEnumerable<MigrationProblem> FindOtherEndings(FolderListing folder) => folder.Files
        .Where(name => !FolderListing.IsSql(name) && NumberedPair().IsMatch(name))
        .Select(name => name.Contains(".sql", StringComparison.OrdinalIgnoreCase)
            && !name.EndsWith("sql", StringComparison.OrdinalIgnoreCase)
            ? Ignored(folder, name, "The name does not end in .sql, so this file is left out.")
            : Problem(folder, name, "FileFormatNotSupported", "golang-migrate would run this file, and only files that end "
                + "in .sql are run here. Rename it, or move it elsewhere."));

    [GeneratedRegex(@"^\d+_.*\.(up|down)\.")]
    private static partial Regex NumberedPair();

    private static bool IsDown(string name) => name.EndsWith(DownEnding, StringComparison.OrdinalIgnoreCase);

    private static bool IsUp(string name) => name.EndsWith(UpEnding, StringComparison.OrdinalIgnoreCase);
}
