using System.Diagnostics.CodeAnalysis;
using PgMigrate.Errors;

namespace PgMigrate.Migrations;

/// <summary>The ways a folder can number its files.</summary>
internal enum NumberingStyle
{
    /// <summary><c>001_name.sql</c></summary>
    Sequential,

    /// <summary><c>V1__name.sql</c></summary>
    Versioned,

    /// <summary><c>20251025120000_name.sql</c> or <c>20251025_120000_name.sql</c></summary>
    Timestamp,

    /// <summary>No version at all.</summary>
    Unversioned,
}

/// <summary>A parsed file name: version, name and numbering style.</summary>
/// <param name="FileName">The name on disk.</param>
/// <param name="Version">Its version.</param>
/// <param name="Style">Its numbering style.</param>
internal sealed record MigrationFileName(string FileName, MigrationVersion Version, NumberingStyle Style)
{
    // Null for the usual one: a run over thousands of files that finds nothing to do needs none of their names.
    private readonly string? _name;

    /// <summary>The supported patterns, for messages.</summary>
    internal const string Patterns =
        "001_name.sql, V1__name.sql, V1.2__name.sql, 20251025120000_name.sql, 20251025_120000_name.sql";

    /// <summary>The script of a migration that is a folder, as Prisma names it.</summary>
    internal const string FolderScript = "/migration.sql";

    private const string Ending = ".sql";
    private static readonly string[] OwnFolderScripts = ["/up.sql", FolderScript];
    private const int DateDigits = 8;
    private const int TimeDigits = 6;

    /// <summary>The name without its extension, as <c>-Target</c> accepts it.</summary>
    public string Name
    {
        get => _name ?? NameOf(FileName);
        init => _name = value;
    }

    /// <summary>Parses a file name; <paramref name="problem"/> says what is wrong with an unsupported one.</summary>
    internal static bool TryParse(
        string fileName,
        bool allowUnversioned,
        [NotNullWhen(true)] out MigrationFileName? parsed,
        [NotNullWhen(false)] out MigrationProblem? problem)
    {
        var name = NameIn(fileName);
        problem = null;
        // A down file is not a migration, however its name starts.
        var isDown = name.EndsWith(".down", StringComparison.OrdinalIgnoreCase);
        parsed = isDown ? null : ParseTimestamp(fileName, name) ?? ParseVersioned(fileName, name)
            ?? ParseSequential(fileName, name);
        if (parsed is null && !isDown && allowUnversioned)
        {
            parsed = new MigrationFileName(
                fileName, MigrationVersion.Unversioned(name.ToString()), NumberingStyle.Unversioned);
        }

        if (parsed is null)
        {
            problem = new MigrationProblem
            {
                Code = ErrorCodes.FileNameInvalid,
                FileName = fileName,
                Message = $"The name has no version. Name it like one of {Patterns}; or use -AllowUnversioned "
                    + "to run such files after all others.",
            };
        }

        return parsed is not null;
    }

    /// <summary>
    /// The name without <c>.sql</c> and without <c>.up</c>; of a script in its own folder, the folder's name.
    /// </summary>
    internal static string NameOf(string fileName) => NameIn(fileName).ToString();

    private static ReadOnlySpan<char> NameIn(ReadOnlySpan<char> fileName)
    {
        const string Deploy = "deploy/";
        foreach (var script in OwnFolderScripts)
        {
            if (fileName.EndsWith(script, StringComparison.Ordinal))
            {
                return fileName[..^script.Length];
            }
        }

        fileName = fileName.StartsWith(Deploy, StringComparison.Ordinal) ? fileName[Deploy.Length..] : fileName;
        var name = fileName.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)
            ? fileName[..^Ending.Length]
            : fileName;
        return name.EndsWith(".up", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
    }

    private static MigrationFileName? ParseTimestamp(string fileName, ReadOnlySpan<char> name)
    {
        var digits = CountDigits(name, 0);
        if (digits == DateDigits && name.Length > DateDigits && name[DateDigits] == '_'
            && CountDigits(name, DateDigits + 1) == TimeDigits)
        {
            var end = DateDigits + 1 + TimeDigits;
            return Make(fileName, name, string.Concat(name[..DateDigits], name[(DateDigits + 1)..end]), end,
                NumberingStyle.Timestamp);
        }

        return digits == DateDigits + TimeDigits
            ? Make(fileName, name, name[..digits], digits, NumberingStyle.Timestamp)
            : null;
    }

    private static MigrationFileName? ParseSequential(string fileName, ReadOnlySpan<char> name)
    {
        var digits = CountDigits(name, 0);
        return digits == 0 ? null : Make(fileName, name, name[..digits], digits, NumberingStyle.Sequential);
    }

    private static MigrationFileName? ParseVersioned(string fileName, ReadOnlySpan<char> name)
    {
        var separator = name.IndexOf("__", StringComparison.Ordinal);
        return separator > 1 && name[0] is 'V' or 'v' && separator + 2 < name.Length
            && MigrationVersion.TryParse(name[1..separator], out var version)
            ? new MigrationFileName(fileName, version, NumberingStyle.Versioned)
            : null;
    }

    private static MigrationFileName? Make(
        string fileName, ReadOnlySpan<char> name, ReadOnlySpan<char> digits, int end, NumberingStyle style) =>
        end + 1 < name.Length && name[end] == '_' && MigrationVersion.TryParse(digits, out var version)
            ? new MigrationFileName(fileName, version, style)
            : null;

    private static int CountDigits(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - start;
    }
}
