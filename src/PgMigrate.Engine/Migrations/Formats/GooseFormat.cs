using System.Text.RegularExpressions;
using PgMigrate.Errors;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations.Formats;

/// <summary>goose: numbered files with annotations, <c>-- +goose Up</c> and the others.</summary>
internal sealed partial class GooseFormat : MigrationFormat
{
    public static GooseFormat Instance { get; } = new();

    public override string Name => "goose";

    public override bool RunsEmptyDown => true;

    /// <summary>Migrations written in Go, which only goose can run.</summary>
    public static IEnumerable<MigrationProblem> FindGoFiles(FolderListing folder) => folder.Files
        .Where(name => GoFile().IsMatch(name) && !name.EndsWith("_test.go", StringComparison.Ordinal))
        .Select(name => Problem(folder, name, ErrorCodes.FileFormatNotSupported,
            "This migration is written in Go and cannot be run here. Write it in SQL, or run the folder with goose."));

    public override FormatReading Read(FolderListing folder, bool allowUnversioned) =>
        NativeFormat.Instance.Read(folder, allowUnversioned);

    public override FormatRules RulesFor(FormatFile file) => new()
    {
        Sections = () => new GooseSections(),
        OwnMark = "+goose",
        TextToSplit = EndStatements,
    };

    /// <summary>
    /// StatementEnd also ends a statement without a semicolon. A line at the cut of a window may be another one.
    /// </summary>
    internal static string EndStatements(string text, bool isAtEnd)
    {
        if (!text.Contains("StatementEnd", StringComparison.OrdinalIgnoreCase))
        {
            return text;
        }

        var ends = SqlSplitter.Split(text).Comments
            .Where(comment => comment.InsideStatement
                && (isAtEnd || comment.Offset + comment.Length < text.Length)
                && StatementEnd().IsMatch(text.AsSpan(comment.Offset, comment.Length)))
            .ToList();
        var characters = ends.Count == 0 ? [] : text.ToCharArray();
        foreach (var end in ends)
        {
            characters.AsSpan(end.Offset, end.Length).Fill(' ');
            characters[end.Offset] = ';';
        }

        return ends.Count == 0 ? text : new string(characters);
    }

    [GeneratedRegex(@"^--[ \t]*\+goose[ \t]+StatementEnd[ \t\r]*$", RegexOptions.IgnoreCase)]
    private static partial Regex StatementEnd();

    [GeneratedRegex(@"^\d+_.*\.go$")]
    private static partial Regex GoFile();
}
