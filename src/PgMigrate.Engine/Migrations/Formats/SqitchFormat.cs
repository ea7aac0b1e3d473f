using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations.Formats;

/// <summary>Sqitch: a plan with names and dependencies, scripts in <c>deploy</c> and <c>revert</c>.</summary>
internal sealed class SqitchFormat : MigrationFormat
{
    private const string Plan = "sqitch.plan";
    private const string Conf = "sqitch.conf";
    private const string Deploy = "deploy";
    private const string Revert = "revert";

    // Settings that move the scripts elsewhere, with the value that keeps the default place.
    private static readonly Dictionary<string, string> Places = new(StringComparer.OrdinalIgnoreCase)
    {
        ["top_dir"] = ".",
        ["plan_file"] = Plan,
        ["extension"] = "sql",
        ["deploy_dir"] = Deploy,
        ["revert_dir"] = Revert,
        ["reworked_dir"] = ".",
    };

    public override string Name => "sqitch";

    public override bool AllowsEmpty(FormatFile file) => true;

    public override bool RunsEmptyDown => true;

    public override string? FindEvidence(FolderListing folder) => folder.Files.Contains(Plan) ? Plan : null;

    public override FormatReading Read(FolderListing folder, bool allowUnversioned)
    {
        var problems = new List<MigrationProblem>();
        ReadConf(folder, problems);
        if (folder.ReadText(Plan, out var problem) is not { } source)
        {
            return new FormatReading(this, [], [.. problems, problem!]);
        }

        var plan = SqitchPlan.Read(source);
        problems.AddRange(plan.Problems);
        var files = new List<FormatFile>();
        foreach (var change in plan.Changes)
        {
            var script = $"{Deploy}/{change.Name}.sql";
            if (!folder.Holds(script))
            {
                problems.Add(source.Problem(ErrorCodes.UpMissing, $"There is no {script}. Write it, or delete the "
                    + "change.", change.Offset));
                continue;
            }

            var revert = $"{Revert}/{change.Name}.sql";
            files.Add(new FormatFile(
                new MigrationFileName(
                    script, MigrationVersion.Planned(change.Name, change.Position), NumberingStyle.Unversioned)
                {
                    Name = change.Name,
                },
                folder.PathOf(script))
            {
                Beside = folder.Holds(revert) ? [new(ScriptPartKind.Down, folder.PathOf(revert))] : [],
                Description = change.Note,
                DependsOn = change.Requires,
            });
        }

        var known = plan.Changes.SelectMany(change =>
            new[] { $"{Deploy}/{change.Name}.sql", $"{Revert}/{change.Name}.sql" })
            .Select(NormalName.Of).ToHashSet(StringComparer.Ordinal);
        problems.AddRange(folder.Folders.Where(name => name is Deploy or Revert).SelectMany(folder.FilesBelow)
            .Concat(folder.SqlFiles)
            .Where(name => FolderListing.IsSql(name) && !known.Contains(NormalName.Of(name)))
            .Select(name => Ignored(folder, name, $"{Plan} does not name this file, so it is not run on its own.")));
        return new FormatReading(this, files, problems);
    }

    private static void ReadConf(FolderListing folder, List<MigrationProblem> problems)
    {
        if (!folder.Files.Contains(Conf))
        {
            return;
        }

        if (folder.ReadText(Conf, out var problem) is not { } source)
        {
            problems.Add(problem!);
            return;
        }

        foreach (var (key, value, offset) in SettingLines.Read(source))
        {
            if (key == "engine" && value != "pg")
            {
                problems.Add(source.Problem(ErrorCodes.ProviderForeign, $"The plan is written for {value}, not for "
                    + "PostgreSQL. Name another folder with -Path.", offset));
            }
            else if (Places.TryGetValue(key, out var place) && value != place)
            {
                problems.Add(source.Problem(ErrorCodes.SettingUnknown, $"'{key} = {value}' is not supported: the "
                    + $"scripts must be beside {Plan}. Name the folder that contains them with -Path, and put "
                    + $"{Plan} there.", offset));
            }
            else if (key == "verify" && value is "true" or "yes" or "on" or "1")
            {
                problems.Add(source.Problem(ErrorCodes.VerifyIgnored, "Verify scripts are not run.", offset) with
                {
                    Severity = nameof(ProblemSeverity.Warning),
                });
            }
        }
    }
}
