using System.Text.RegularExpressions;
using PgMigrate.Errors;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations.Formats;

/// <summary>
/// Flyway: <c>V1__x.sql</c>, <c>U1__x.sql</c>, <c>R__x.sql</c>, <c>B1__x.sql</c> and <c>x.sql.conf</c>. V files alone
/// are also names of PgMigrate's own format, and are read so where they have its sections.
/// </summary>
internal sealed partial class FlywayFormat : NativeFormat
{
    private const string ConfEnding = ".conf";

    private static readonly (string Code, string Message) SectionOfOurs = (ErrorCodes.FormatAmbiguous,
        "A line in this file starts an UP or DOWN section of PgMigrate; for Flyway it is a comment, and what is below "
            + "it is applied. Move the undo script into a U file and reword the line.");

    private readonly string? _evidence;
    private readonly bool _isCertain;
    private readonly string? _unclearFile;

    private FlywayFormat(string? evidence, bool isCertain, string? unclearFile = null)
    {
        _evidence = evidence;
        _isCertain = isCertain;
        _unclearFile = unclearFile;
    }

    public override string Name => "flyway";

    public override bool AllowsEmpty(FormatFile file) => true;

    public override bool RunsEmptyDown => true;

    /// <summary>
    /// Reads a folder. One without files of its own is searched only when no other format matches.
    /// </summary>
    public static FlywayFormat For(FolderListing folder, bool isAlone)
    {
        var certain = folder.Files.FirstOrDefault(IsOnlyFlyway);
        var isVersioned = folder.SqlFiles.Count > 0
            && folder.SqlFiles.All(name => Named().IsMatch(name) || IsCallback(name))
            && folder.SqlFiles.Any(name => Named().IsMatch(name));
        if (certain is not null)
        {
            return new FlywayFormat(certain, isCertain: true);
        }

        if (isVersioned)
        {
            var callback = folder.SqlFiles.FirstOrDefault(IsCallback);
            var below = FindBelow(folder);
            return new FlywayFormat(
                folder.SqlFiles[0], callback is not null, callback is null ? below.FirstOrDefault() : null);
        }

        return isAlone && folder.SqlFiles.Count == 0
            ? new FlywayFormat(FindBelow(folder).FirstOrDefault(), isCertain: true)
            : new FlywayFormat(null, isCertain: false);
    }

    public override string? FindEvidence(FolderListing folder) => _evidence;

    public override FormatReading Read(FolderListing folder, bool allowUnversioned)
    {
        var reading = new FlywayReading(folder);
        if (_unclearFile is not null)
        {
            // Flyway searches subfolders; for PgMigrate a subfolder can belong to another database.
            reading.Add(_unclearFile, ErrorCodes.FormatAmbiguous, "Flyway would also run this file of a subfolder. "
                + "Name the folders that belong together, -Path one, one/two; or move the subfolder elsewhere.");
        }

        foreach (var name in folder.SqlFiles.Concat(_isCertain ? folder.Folders.SelectMany(folder.FilesBelow) : []))
        {
            reading.Take(name);
        }

        return reading.Finish(this, _isCertain ? folder.Folders.SelectMany(folder.FilesBelow) : []);
    }

    public override FormatRules RulesFor(FormatFile file)
    {
        var isOurs = !_isCertain && !file.HasFileOf(ScriptPartKind.Down);
        return new FormatRules
        {
            HasSections = isOurs,
            HasHeader = !_isCertain,
            RefuseSection = isOurs ? null : _ => SectionOfOurs,
            RefuseStatement = RefusalIn(file),
        };
    }

    public override FormatRules DownRulesFor(FormatFile file) => FormatRules.Whole with
    {
        RefuseStatement = RefusalIn(file),
    };

    private static IEnumerable<string> FindBelow(FolderListing folder) => folder.Folders.SelectMany(folder.FilesBelow)
        .Where(name => FlywayName().IsMatch(FlywayReading.BaseOf(name)));

    // Flyway replaces them everywhere, also in texts and bodies, and fails where it has no value.
    private static StatementRefusal? RefusalIn(FormatFile file) => file.HasPlainText
        ? null
        : place => FindPlaceholders(place.Source, place.Offset, place.Length);

    private static IEnumerable<MigrationProblem> FindPlaceholders(SqlSource source, int offset, int length)
    {
        if (!source.Text.AsSpan(offset, length).Contains("${", StringComparison.Ordinal))
        {
            return [];
        }

        return Placeholder().Matches(source.Text.Substring(offset, length)).Select(match => source.Problem(
            ErrorCodes.FlywayPlaceholder,
            $"Flyway would replace {match.Value}. Write {{{{vars.name}}}} instead and pass the value with "
                + "-Variable; or, where it is plain text, put placeholderReplacement=false into "
                + $"{source.FileName}{ConfEnding}.",
            offset + match.Index));
    }

    // The first letter decides most of thousands of names without a regular expression.
    internal static bool IsCallback(string name) => name is ['a' or 'b' or 'c', ..] && Callback().IsMatch(name);

    private static bool IsOnlyFlyway(string name) =>
        (name is ['U' or 'B' or 'R', ..] || name.EndsWith(ConfEnding, StringComparison.Ordinal))
        && OnlyFlyway().IsMatch(name);

    [GeneratedRegex(@"^(?:[UB]\d[\d._]*__.*\.sql|R__.*\.sql|V\d[\d._]*__.*\.sql\.conf)$")]
    private static partial Regex OnlyFlyway();

    [GeneratedRegex(@"^[Vv]\d+(?:[._]\d+)*__.+\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex Named();

    [GeneratedRegex(@"^(?:[VUB]\d+(?:[._]\d+)*|R)__.+\.sql$")]
    private static partial Regex FlywayName();

    [GeneratedRegex(@"^(?:(?:before|after)(?:Each)?[A-Z][A-Za-z]*|createSchema)(?:__.*)?\.sql$")]
    private static partial Regex Callback();

    [GeneratedRegex(@"\$\{[^{}\s]+\}")]
    private static partial Regex Placeholder();
}
