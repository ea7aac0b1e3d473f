using System.Text.RegularExpressions;
using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.Migrations.Formats;

/// <summary>A change of a plan.</summary>
/// <param name="Name">Its name, which is also that of its scripts.</param>
/// <param name="Position">Its position in the plan, from 1.</param>
/// <param name="Requires">Its dependencies: names of changes, or <c>project:change</c>.</param>
/// <param name="Note">Its note.</param>
/// <param name="Offset">Where its line starts.</param>
internal sealed record SqitchChange(string Name, int Position, IReadOnlyList<string> Requires, string? Note,
    int Offset);

/// <summary>Reads <c>sqitch.plan</c>; pure. Rejects a line that it does not support.</summary>
internal sealed partial class SqitchPlan
{
    private readonly SqlSource _source;
    private readonly List<SqitchChange> _changes = [];
    private readonly List<MigrationProblem> _problems = [];
    private readonly Dictionary<string, string> _changeOfTag = new(StringComparer.Ordinal);
    private string _project = "";

    private SqitchPlan(SqlSource source) => _source = source;

    public IReadOnlyList<SqitchChange> Changes => _changes;

    public IReadOnlyList<MigrationProblem> Problems => _problems;

    public static SqitchPlan Read(SqlSource source)
    {
        var plan = new SqitchPlan(source);
        var offset = 0;
        foreach (var line in source.Text.Split('\n'))
        {
            plan.ReadLine(line.Trim(), offset + line.Length - line.TrimStart().Length);
            offset += line.Length + 1;
        }

        return plan;
    }

    private void ReadLine(string line, int offset)
    {
        if (line.Length == 0 || line[0] == '#')
        {
            return;
        }

        if (line[0] == '%')
        {
            ReadPragma(line, offset);
        }
        else if (line[0] == '@' && Tag().Match(line) is { Success: true } tag)
        {
            _changeOfTag[tag.Groups["name"].Value] = _changes.LastOrDefault()?.Name ?? "";
        }
        else if (Change().Match(line) is { Success: true } change)
        {
            ReadChange(change, offset);
        }
        else
        {
            Refuse("This line is neither a change nor a tag nor a pragma.", offset);
        }
    }

    private void ReadPragma(string line, int offset)
    {
        var parts = line[1..].Split('=', 2, StringSplitOptions.TrimEntries);
        if (parts is ["project", var project])
        {
            _project = project;
        }
        else if (parts is ["syntax-version", var version] && !version.StartsWith("1.", StringComparison.Ordinal))
        {
            Refuse($"The plan has syntax version {version}; only 1.x is supported.", offset);
        }
    }

    private void ReadChange(Match line, int offset)
    {
        var name = line.Groups["name"].Value;
        if (line.Groups["sign"].Value == "-")
        {
            Refuse("Changes that revert others (a leading minus) are not supported. Write a change that reverses "
                + "it.", offset);
            return;
        }

        if (_changes.Exists(change => change.Name == name))
        {
            Refuse($"{name} is reworked here: it appears in the plan a second time. That is not supported; write the "
                + "new state as a change with another name.", offset);
            return;
        }

        if (MigrationVersion.TryParse(name, out _))
        {
            Refuse($"A change named {name} would be read as a version. Give it a name with a letter in it.", offset);
            return;
        }

        var requires = new List<string>();
        foreach (var need in line.Groups["needs"].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (Resolve(need, offset) is { } resolved)
            {
                requires.Add(resolved);
            }
        }

        var note = line.Groups["note"].Value.Trim();
        _changes.Add(new SqitchChange(name, _changes.Count + 1, requires, note.Length == 0 ? null : note, offset));
    }

    // [project:]change[@tag], or @tag, which is the change directly before it. No change is in the plan twice.
    private string? Resolve(string need, int offset)
    {
        var match = Need().Match(need);
        var project = match.Groups["project"].Value;
        var change = match.Groups["change"].Value;
        var tag = match.Groups["tag"].Value;
        if (!match.Success || match.Groups["conflict"].Success
            || (project.Length > 0 && project != _project && change.Length == 0))
        {
            Refuse(match.Groups["conflict"].Success
                ? $"The conflict {need} is not supported. Delete it."
                : $"The dependency {need} is not supported. Name the change that it means.", offset);
            return null;
        }

        if (project.Length > 0 && project != _project)
        {
            return $"{project}:{change}";
        }

        if (change.Length == 0)
        {
            change = _changeOfTag.GetValueOrDefault(tag, "");
        }

        if (!_changes.Exists(earlier => earlier.Name == change))
        {
            Refuse($"The dependency {need} is not a change above this line.", offset);
            return null;
        }

        return change;
    }

    private void Refuse(string message, int offset) =>
        _problems.Add(_source.Problem(ErrorCodes.PlanInvalid, message, offset));

    [GeneratedRegex(@"^@(?<name>\S+)(?:\s.*)?$")]
    private static partial Regex Tag();

    [GeneratedRegex(@"^(?<sign>[+-])?\s*(?<name>[^\s\[\]@:#%+!-][^\s\[\]@:#]*)(?:\s+\[(?<needs>[^\]]*)\])?"
        + @"(?:\s+\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\s+[^<#]*<[^>]*>)?\s*(?:\#(?<note>.*))?$")]
    private static partial Regex Change();

    [GeneratedRegex(@"^(?<conflict>!)?(?:(?<project>[^\s:@!]+):)?(?<change>[^\s:@!]+)?(?:@(?<tag>[^\s@]+))?$")]
    private static partial Regex Need();
}
