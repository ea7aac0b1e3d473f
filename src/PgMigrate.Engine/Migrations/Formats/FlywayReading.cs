using System.Text.RegularExpressions;
using PgMigrate.Errors;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations.Formats;

/// <summary>Assembles the files of a Flyway folder: scripts, undo scripts and settings.</summary>
internal sealed partial class FlywayReading(FolderListing folder)
{
    private const string ConfEnding = ".conf";
    private static readonly Settings NoSettings = new(null, false);
    private readonly List<FormatFile> _files = new(folder.SqlFiles.Count);
    private readonly Dictionary<MigrationVersion, (string Name, Settings Settings)> _undos = [];
    private readonly List<MigrationProblem> _problems = [];

    // Most folders have none: then no lookup is needed.
    private readonly bool _mayHoldSettings = folder.Folders.Count > 0
        || folder.Files.Any(name => name.EndsWith(ConfEnding, StringComparison.OrdinalIgnoreCase));

    /// <summary>The file name without its subfolders.</summary>
    public static string BaseOf(string name) => name[(name.LastIndexOf('/') + 1)..];

    public void Add(string name, string code, string message) => _problems.Add(new MigrationProblem
    {
        Code = code,
        Message = message,
        FileName = name,
        FilePath = folder.PathOf(name),
    });

    /// <summary>Adds a file by its name.</summary>
    public void Take(string name)
    {
        var fileName = BaseOf(name);
        if (!FolderListing.IsSql(fileName))
        {
            return;
        }

        if (FlywayFormat.IsCallback(fileName))
        {
            Add(name, ErrorCodes.FileFormatNotSupported, "This is a callback of Flyway, and callbacks are not run. "
                + "Move its SQL into a migration, or move the file elsewhere.");
        }
        else if (MigrationFileName.TryParse(fileName, false, out var file, out _)
            && file.Style == NumberingStyle.Versioned)
        {
            // A V file, as almost all are, has the same name in PgMigrate's own format.
            Keep(file, name, MigrationKind.Versioned, ReadSettings(name));
        }
        else if (NameOf().Match(fileName) is { Success: true } match)
        {
            Take(name, fileName, match);
        }
        else if (name == fileName)
        {
            Add(name, ErrorCodes.FileNameInvalid, "The name matches none of Flyway's: V1__name.sql, U1__name.sql, "
                + "R__name.sql, B1__name.sql. Rename the file, or move it elsewhere.");
        }
        else
        {
            _problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.FileIgnored,
                Severity = nameof(ProblemSeverity.Warning),
                Message = "The name matches none of Flyway's, so this file is ignored.",
                FileName = name,
                FilePath = folder.PathOf(name),
            });
        }
    }

    /// <summary>The migrations of all added files.</summary>
    public FormatReading Finish(MigrationFormat format, IEnumerable<string> below)
    {
        for (var i = 0; i < _files.Count; i++)
        {
            var file = _files[i];
            if (file.Kind == MigrationKind.Versioned && _undos.Remove(file.Name.Version, out var undo))
            {
                _files[i] = file with
                {
                    Beside = [new(ScriptPartKind.Down, folder.PathOf(undo.Name), undo.Settings.Transaction)],
                    HasPlainText = file.HasPlainText || undo.Settings.HasPlainText,
                };
            }
        }

        foreach (var (version, undo) in _undos)
        {
            Add(undo.Name, ErrorCodes.DownWithoutUp, $"There is no V{version}__ file that this file could undo.");
        }

        foreach (var name in folder.Files.Concat(below).Where(IsLostConf))
        {
            Add(name, ErrorCodes.SettingUnknown, "There is no script that these settings are for.");
        }

        return new FormatReading(format, _files, _problems);
    }

    private void Take(string name, string fileName, Match match)
    {
        var settings = ReadSettings(name);
        var prefix = match.Groups["prefix"].Value;
        if (!MigrationVersion.TryParse(match.Groups["version"].Value, out var version))
        {
            var repeatable = new MigrationFileName(
                fileName, MigrationVersion.Unversioned(MigrationFileName.NameOf(fileName)), NumberingStyle.Unversioned);
            Keep(repeatable, name, MigrationKind.Repeatable, settings);
            return;
        }

        if (prefix != "U")
        {
            Keep(
                new MigrationFileName(fileName, version, NumberingStyle.Versioned),
                name,
                prefix == "B" ? MigrationKind.BaselineScript : MigrationKind.Versioned,
                settings);
        }
        else if (!_undos.TryAdd(version, (name, settings)))
        {
            Add(name, ErrorCodes.DuplicateVersion, $"Version {version} has two undo scripts: {_undos[version].Name} "
                + $"and {name}.");
        }
    }

    private void Keep(MigrationFileName file, string name, MigrationKind kind, Settings settings) =>
        _files.Add(new FormatFile(file, folder.PathOf(name))
        {
            Kind = kind,
            UpTransaction = settings.Transaction,
            HasPlainText = settings.HasPlainText,
        });

    private bool IsLostConf(string name) => name.EndsWith(".sql" + ConfEnding, StringComparison.Ordinal)
        && !folder.Holds(name[..^ConfEnding.Length]);

    private Settings ReadSettings(string name)
    {
        var settings = NoSettings;
        if (!_mayHoldSettings || !folder.Holds(name + ConfEnding))
        {
            return settings;
        }

        if (folder.ReadText(name + ConfEnding, out var problem) is not { } source)
        {
            _problems.Add(problem!);
            return settings;
        }

        foreach (var (key, value, offset) in SettingLines.Read(source))
        {
            switch (key, value.ToUpperInvariant())
            {
                case ("executeInTransaction", "FALSE"):
                    settings = settings with { Transaction = ScriptTransaction.None };
                    break;
                case ("placeholderReplacement", "FALSE"):
                    settings = settings with { HasPlainText = true };
                    break;
                case ("executeInTransaction", "TRUE") or ("placeholderReplacement", "TRUE") or ("shouldExecute", "TRUE")
                    or ("encoding", "UTF-8"):
                    break;
                default:
                    _problems.Add(source.Problem(ErrorCodes.SettingUnknown, $"'{key}={value}' is not supported. "
                        + "Supported settings are executeInTransaction and placeholderReplacement.", offset));
                    break;
            }
        }

        return settings;
    }

    private sealed record Settings(ScriptTransaction? Transaction, bool HasPlainText);

    [GeneratedRegex(@"^(?:(?<prefix>[VvUB])(?<version>\d+(?:[._]\d+)*)|(?<prefix>R))__.+\.(?i:sql)$")]
    private static partial Regex NameOf();
}
