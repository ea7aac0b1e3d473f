using System.Text;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>
/// One migration file; nothing in it depends on a database. Its checksum is known at once, its SQL is parsed when
/// somebody asks: a file that was applied and has not changed since needs no parsing.
/// </summary>
public sealed class Migration
{
    private readonly Lazy<ParsedMigration> _parsed;
    private readonly bool _mayHaveHeader;

    private Migration(
        MigrationFileName file, string filePath, string checksum, bool mayHaveHeader, Func<ParsedMigration> parse)
    {
        File = file;
        FilePath = filePath;
        Checksum = checksum;
        _mayHaveHeader = mayHaveHeader;
        _parsed = new Lazy<ParsedMigration>(parse);
    }

    /// <summary>What the file name says.</summary>
    public MigrationFileName File { get; }

    /// <summary>Canonical version.</summary>
    public MigrationVersion Version => File.Version;

    /// <summary>File name without its ending.</summary>
    public string Name => File.Name;

    /// <summary>File name.</summary>
    public string FileName => File.FileName;

    /// <summary>Full path of the file.</summary>
    public string FilePath { get; }

    /// <summary>SHA-256 of the whole text: UTF-8 without BOM, LF, outer whitespace trimmed.</summary>
    public string Checksum { get; }

    /// <summary>SHA-256 of the UP text alone, by the same rule.</summary>
    public string UpChecksum => _parsed.Value.UpChecksum;

    /// <summary>What an apply runs.</summary>
    public SqlScript Up => _parsed.Value.Up;

    /// <summary>What an undo runs; null when the file has no DOWN section with a statement in it.</summary>
    public SqlScript? Down => _parsed.Value.Down;

    /// <summary>Text of the DOWN section, trimmed; kept in the history.</summary>
    public string? DownText => _parsed.Value.DownText;

    /// <summary>From the <c>-- Description:</c> line.</summary>
    public string? Description => _mayHaveHeader ? _parsed.Value.Description : null;

    /// <summary>From the <c>-- Depends:</c> line.</summary>
    public IReadOnlyList<string> DependsOn => _mayHaveHeader ? _parsed.Value.DependsOn : [];

    /// <summary>True when the file itself allows to be applied late.</summary>
    public bool AllowsOutOfOrder => _parsed.Value.AllowsOutOfOrder;

    /// <summary>What is wrong with the file as a whole.</summary>
    public IReadOnlyList<MigrationProblem> Problems => _parsed.Value.Problems;

    /// <summary>A migration from the bytes of its file; null with a problem when they are not text.</summary>
    public static Migration? Read(
        MigrationFileName file, string filePath, byte[] bytes, out MigrationProblem? problem)
    {
        problem = null;
        if (MigrationChecksum.TryOfBytes(bytes) is { } checksum)
        {
            return new Migration(
                file,
                filePath,
                checksum,
                MigrationHeader.MayStandIn(bytes),
                () => MigrationParser.Parse(
                    new SqlSource(file.FileName, filePath, Encoding.UTF8.GetString(bytes)), IncludedFiles.None));
        }

        if (MigrationText.TryDecode(bytes, out var text, out var bad))
        {
            return FromText(file, filePath, text);
        }

        problem = new MigrationProblem
        {
            Code = bad.Value.Code,
            Message = bad.Value.Message,
            FileName = file.FileName,
            FilePath = filePath,
            Line = bad.Value.Line,
        };
        return null;
    }

    /// <summary>A migration that is parsed in a way of its own when somebody asks.</summary>
    internal static Migration FromParser(
        MigrationFileName file, string filePath, string checksum, bool mayHaveHeader, Func<ParsedMigration> parse) =>
        new(file, filePath, checksum, mayHaveHeader, parse);

    /// <summary>A migration from a text with LF line ends.</summary>
    public static Migration FromText(MigrationFileName file, string filePath, string text) =>
        FromText(file, new SqlSource(file.FileName, filePath, text), IncludedFiles.None);

    /// <summary>A migration from a text and the files it takes in, which are part of its checksum.</summary>
    public static Migration FromText(MigrationFileName file, SqlSource source, IncludedFiles files)
    {
        var whole = files.Files.Count == 0
            ? source.Text
            : files.Expand(source, SqlSplitter.Split(source.Text), new SqlRange(0, source.Text.Length));
        return new Migration(
            file, source.FilePath!, MigrationChecksum.Of(whole), true, () => MigrationParser.Parse(source, files));
    }

    /// <summary>True when this version or name means this migration.</summary>
    public bool IsNamed(string versionOrName) => MigrationReference.Matches(versionOrName, Version, Name, FileName);
}

/// <summary>How a user names a migration: by version or by name, never by a part of either.</summary>
public static class MigrationReference
{
    /// <summary>True when the text is this version (leading zeros do not count), name or file name.</summary>
    public static bool Matches(string text, MigrationVersion version, string name, string fileName) =>
        (MigrationVersion.TryParse(text, out var asked) && (asked == version || IsTimestamp(text, version)))
        || string.Equals(text, name, StringComparison.Ordinal)
        || string.Equals(text, fileName, StringComparison.Ordinal);

    // 20251025_143022_name.sql has one version of 14 digits.
    private static bool IsTimestamp(string text, MigrationVersion version) =>
        text.Length == 15 && text[8] == '_' && text.Remove(8, 1) == version.Text;
}
