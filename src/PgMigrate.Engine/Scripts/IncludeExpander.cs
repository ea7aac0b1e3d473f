using System.Globalization;
using PgMigrate.Errors;
using PgMigrate.Sql;
using PgMigrate.Sql.Psql;

namespace PgMigrate.Scripts;

/// <summary>Replaces include commands by the elements of the included files; pure.</summary>
/// <param name="files">The files that can be included.</param>
/// <param name="check">Returns the problems of an included text; called once for each.</param>
internal sealed class IncludeExpander(
    IncludedFiles files, Func<IReadOnlyList<ScriptElement>, IEnumerable<MigrationProblem>> check)
{
    private const int LongestChain = 20;
    private readonly List<string> _chain = [];
    private readonly Dictionary<string, IReadOnlyList<ScriptElement>> _read = new(StringComparer.Ordinal);
    private readonly List<ScriptElement> _script = [];
    private int _inclusions;

    /// <summary>The statements, commands and faults of a section, with those of its included files.</summary>
    public IReadOnlyList<ScriptElement> Expand(IEnumerable<ScriptElement> section)
    {
        Add(section);
        return _script;
    }

    private void Add(IEnumerable<ScriptElement> elements)
    {
        foreach (var element in elements)
        {
            switch (element)
            {
                case ScriptElement.Command { Value: { IsInclude: true } command }:
                    Include(command, element.Start);
                    break;
                case ScriptElement.Statement or ScriptElement.Command or ScriptElement.Fault:
                    _script.Add(element);
                    break;
            }
        }
    }

    private void Include(PsqlLine command, long start)
    {
        var path = files.Resolve(command, out var reason);
        var included = path is null ? null : files.Find(path, out reason);
        if (included is not null && _chain.Contains(path!))
        {
            var names = _chain.Append(path).Select(file => Path.GetFileName(file));
            reason = $"the files include each other: {string.Join(" includes ", names)}";
            included = null;
        }
        else if (included is not null && _chain.Count >= LongestChain)
        {
            reason = $"included files are nested more than {LongestChain} deep. Include the file further up";
            included = null;
        }
        else if (included is not null && _inclusions++ >= IncludedFiles.MostInclusions)
        {
            reason = string.Create(
                CultureInfo.InvariantCulture, $"files are included more than {IncludedFiles.MostInclusions:N0} times");
            included = null;
        }

        if (included is null)
        {
            _script.Add(new ScriptElement.Command(command with
            {
                Problem = command.Fault(
                    ErrorCodes.IncludeInvalid, $"\\{command.Name} {command.Arguments} is not possible: {reason}."),
            })
            {
                Start = start,
            });
            return;
        }

        _chain.Add(path!);
        Add(Read(path!, included));
        _chain.RemoveAt(_chain.Count - 1);
    }

    private IReadOnlyList<ScriptElement> Read(string path, SqlSource included)
    {
        if (_read.TryGetValue(path, out var known))
        {
            return known;
        }

        var elements = ScriptReader.Read(included);
        // The problems of an included file are reported once.
        List<ScriptElement> read =
            [.. elements, .. check(elements).Select(problem => new ScriptElement.Fault(problem, IsOfText: false))];
        _read[path] = elements.FindAll(element => element is not ScriptElement.Fault);
        return read;
    }
}
