using System.Globalization;
using System.Text.RegularExpressions;
using PgMigrate.Errors;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations.Formats;

/// <summary>
/// Diesel: a folder for each migration, with <c>up.sql</c>, <c>down.sql</c> and <c>metadata.toml</c>.
/// </summary>
internal sealed partial class DieselFormat : MigrationFormat
{
    private const string Up = "up.sql";
    private const string Down = "down.sql";
    private const string Metadata = "metadata.toml";
    private const int DateAndTime = 14;

    public override string Name => "diesel";

    public override bool RunsEmptyDown => true;

    // Only a folder that starts with a version: one called lib may contain included files.
    public override string? FindEvidence(FolderListing folder) => folder.Folders
        .Where(name => char.IsAsciiDigit(name[0]))
        .SelectMany(name => new[] { $"{name}/{Up}", $"{name}/{Down}" })
        .FirstOrDefault(name => folder.Holds(name)
            && !folder.Holds(name[..name.IndexOf('/', StringComparison.Ordinal)] + MigrationFileName.FolderScript));

    public override FormatReading Read(FolderListing folder, bool allowUnversioned)
    {
        var files = new List<FormatFile>();
        var problems = new List<MigrationProblem>();
        problems.AddRange(folder.SqlFiles.Select(name => Ignored(folder, name,
            "Diesel runs only files in a folder of their own, so this file is ignored.")));
        foreach (var name in folder.Folders)
        {
            if (ReadOne(folder, name, problems) is { } file)
            {
                files.Add(file);
            }
        }

        if (FolderVersion.FindOtherOrder(this, files) is { } order)
        {
            problems.Add(order);
        }

        return new FormatReading(this, files, problems);
    }

    private static FormatFile? ReadOne(FolderListing folder, string name, List<MigrationProblem> problems)
    {
        if (!MigrationVersion.TryParse(VersionOf(name), out var version))
        {
            problems.Add(Problem(folder, name, ErrorCodes.FileNameInvalid,
                "The folder's name has no version. Diesel's start with a date, such as 2024-01-31-120000_name."));
            return null;
        }

        var inside = folder.FilesIn(name);
        if (!inside.Contains($"{name}/{Up}"))
        {
            problems.Add(Problem(folder, name, ErrorCodes.UpMissing,
                $"The folder has no {Up}. Write it, or move the folder elsewhere."));
            return null;
        }

        problems.AddRange(inside
            .Where(file => FolderListing.IsSql(file) && file != $"{name}/{Up}" && file != $"{name}/{Down}")
            .Select(file => Ignored(folder, file, $"Diesel runs only {Up} and {Down}, so this file is ignored.")));
        var transaction = inside.Contains($"{name}/{Metadata}") ? ReadMetadata(folder, name, problems) : null;
        return new FormatFile(
            new MigrationFileName($"{name}/{Up}", version, NumberingStyle.Timestamp), folder.PathOf($"{name}/{Up}"))
        {
            Beside = inside.Contains($"{name}/{Down}")
                ? [new(ScriptPartKind.Down, folder.PathOf($"{name}/{Down}"), transaction)]
                : [],
            UpTransaction = transaction,
        };
    }

    // Up to the first underscore, without dashes. Newer versions of Diesel write -0000 after date and time: as a number
    // it would come after all without it, and one folder has both kinds. So it counts from 1 after a dot.
    private static string VersionOf(string name)
    {
        var digits = name.Split('_')[0].Replace("-", "", StringComparison.Ordinal);
        return digits.Length > DateAndTime && int.TryParse(
            digits.AsSpan(DateAndTime), NumberStyles.None, CultureInfo.InvariantCulture, out var rest)
            ? string.Create(CultureInfo.InvariantCulture, $"{digits.AsSpan(0, DateAndTime)}.{rest + 1L}")
            : digits;
    }

    private static ScriptTransaction? ReadMetadata(FolderListing folder, string name, List<MigrationProblem> problems)
    {
        if (folder.ReadText($"{name}/{Metadata}", out var problem) is not { } source)
        {
            problems.Add(problem!);
            return null;
        }

        ScriptTransaction? transaction = null;
        foreach (var (key, value, offset) in SettingLines.Read(source))
        {
            transaction = (key, value) switch
            {
                ("run_in_transaction", "false") => ScriptTransaction.None,
                ("run_in_transaction", "true") => ScriptTransaction.Wrapped,
                _ => transaction,
            };
            if (key != "run_in_transaction" || value is not ("true" or "false"))
            {
                problems.Add(source.Problem(ErrorCodes.SettingUnknown,
                    $"'{key} = {value}' is not supported. Write run_in_transaction = true or false.", offset));
            }
        }

        return transaction;
    }
}

/// <summary>Lines <c>key = value</c> of a small configuration file; comments start with a number sign.</summary>
internal static partial class SettingLines
{
    public static IEnumerable<(string Key, string Value, int Offset)> Read(SqlSource source) =>
        Line().Matches(source.Text).Select(match =>
            (match.Groups["key"].Value, match.Groups["value"].Value.Trim('"', '\''), match.Groups["key"].Index));

    // A line that is not a setting is returned as one without a value, so that it is not ignored.
    [GeneratedRegex(
        @"^[ \t]*(?<key>[^\s#=][^=#\n]*?)[ \t]*(=[ \t]*(?<value>""[^""\n]*""|'[^'\n]*'|[^#\n]*?)[ \t]*)?(#.*)?$",
        RegexOptions.Multiline)]
    private static partial Regex Line();
}

/// <summary>Versions that are folder names, which other tools sort as text.</summary>
internal static class FolderVersion
{
    /// <summary>A problem when the tool's order, as text, differs from that of the numbers.</summary>
    public static MigrationProblem? FindOtherOrder(MigrationFormat format, IReadOnlyList<FormatFile> files)
    {
        var asText = files.OrderBy(file => Key(file), StringComparer.Ordinal).ToList();
        for (var i = 1; i < asText.Count; i++)
        {
            if (asText[i].Name.Version < asText[i - 1].Name.Version)
            {
                return new MigrationProblem
                {
                    Code = ErrorCodes.OrderDiffers,
                    FileName = asText[i].Name.FileName,
                    FilePath = asText[i].UpPath,
                    Message = $"{format.Name} sorts versions as text and runs {asText[i - 1].Name.Name} before "
                        + $"{asText[i].Name.Name}; as numbers they sort in the opposite order. Give both versions the "
                        + "same number of digits.",
                };
            }
        }

        return null;

        static string Key(FormatFile file) => file.Name.Name.Split('_')[0].Replace("-", "", StringComparison.Ordinal);
    }
}
