using System.Globalization;
using PgMigrate.Sql;
using PgMigrate.Sql.Psql;

namespace PgMigrate.Scripts;

/// <summary>Turns the pieces of a section into a script, with the files it takes in; pure.</summary>
internal sealed class ScriptParser
{
    private const int LongestChain = 20;
    private readonly IncludedFiles _files;
    private readonly List<SqlStatement> _statements = [];
    private readonly List<PsqlLine> _commands = [];
    private readonly List<MigrationProblem> _problems = [];
    private readonly List<string> _chain = [];
    private int _inclusions;

    private ScriptParser(IncludedFiles files) => _files = files;

    /// <summary>The script of a range of the file; an absent section is an empty script.</summary>
    public static SqlScript Parse(
        SqlSource source, SqlSplit split, SqlRange? section, ScriptTransaction transaction, IncludedFiles files)
    {
        var parser = new ScriptParser(files);
        parser.Add(source, split, section ?? default);
        var script = new SqlScript
        {
            Statements = parser._statements,
            Commands = parser._commands,
            Transaction = transaction,
            Problems = parser._problems,
            Source = source,
        };
        // What the commands leave of it is known when the run's variables are.
        return script.Commands.Count == 0 ? ScriptRules.Apply(script) : script;
    }

    private void Add(SqlSource source, SqlSplit split, SqlRange range)
    {
        var setting = new StandardStrings(split.Text);
        var statements = new Queue<SqlStatement>(split.Statements(range));
        var readers = new Queue<int>();
        foreach (var piece in split.PiecesIn(range))
        {
            switch (piece.Kind)
            {
                case SqlPieceKind.Statement:
                    var statement = WithoutMadeEnd(statements.Dequeue(), source) with
                    {
                        Source = source,
                        StandardStrings = setting.Current,
                    };
                    setting.Follow(statement.Text);
                    _statements.AddRange(Unjoin(statement, split, source));
                    readers.Clear();
                    break;
                case SqlPieceKind.CopyData:
                    AttachRows(source, piece, readers);
                    break;
                case SqlPieceKind.PsqlCommand:
                    AddCommand(PsqlLine.Read(source, piece, _statements.Count));
                    break;
            }
        }
    }

    /// <summary>
    /// A statement that a line of another tool ends, and no semicolon: the server is to see its end where the file has it.
    /// </summary>
    public static SqlStatement WithoutMadeEnd(SqlStatement statement, SqlSource source) =>
        statement.Text is [.., ';'] && source.Text[statement.Offset + statement.Text.Length - 1] != ';'
            ? statement with { Text = statement.Text[..^1].TrimEnd() }
            : statement;

    /// <summary>
    /// The statements that psql's \; joins into one query; inside a transaction that is the same as one after the other.
    /// </summary>
    public static IEnumerable<SqlStatement> Unjoin(SqlStatement statement, SqlSplit split, SqlSource source)
    {
        var start = 0;
        foreach (var escape in split.Escapes)
        {
            var end = escape + 2 - statement.Offset;
            if (end > start && end <= statement.Text.Length && split.Text[escape + 1] == ';')
            {
                if (HoldsSql(start, end))
                {
                    yield return Part(start, end);
                }

                start = end;
            }
        }

        if (start == 0)
        {
            yield return statement;
        }
        else if (HoldsSql(start, statement.Text.Length))
        {
            yield return Part(start, statement.Text.Length);
        }

        bool HoldsSql(int from, int to) => SqlWords.Leading(statement.Text[from..to], 1) is [not ";"];

        SqlStatement Part(int from, int to)
        {
            from += statement.Text.AsSpan(from, to - from).IndexOfAnyExcept(" \t\r\n");
            var (line, _) = source.PositionOf(statement.Offset + from);
            return statement with { Text = statement.Text[from..to], Offset = statement.Offset + from, Line = line };
        }
    }

    // The rows behind a line belong to the COPY commands that end on it, one block each.
    private void AttachRows(SqlSource source, SqlPiece piece, Queue<int> readers)
    {
        if (readers.Count == 0)
        {
            for (var i = 0; i < _statements.Count; i++)
            {
                if (ReferenceEquals(_statements[i].Source, source) && ReadsRowsAt(_statements[i], piece.Offset))
                {
                    readers.Enqueue(i);
                }
            }
        }

        if (readers.TryDequeue(out var index))
        {
            var text = source.Text.AsSpan(piece.Offset, piece.Length);
            var length = text.EndsWith("\\.") && (text.Length == 2 || text[^3] == '\n') ? text.Length - 2 : text.Length;
            if (length == text.Length)
            {
                _problems.Add(Unended(source, piece));
            }

            var rows = SqlRows.Of(source, new SqlRange(piece.Offset, piece.Offset + length));
            _statements[index] = _statements[index] with { Rows = rows };
        }
    }

    // psql takes the rest of the file, too; a file with sections cannot mean that.
    private static MigrationProblem Unended(SqlSource source, SqlPiece rows)
    {
        var hasMarker = false;
        for (var start = rows.Offset; start < rows.Offset + rows.Length && !hasMarker;)
        {
            var end = source.Text.IndexOf('\n', start) is var found and >= 0 ? found : source.Text.Length;
            hasMarker = source.Text.AsSpan(start, end - start).StartsWith("--")
                && CommentHeading.Read(source, new SqlComment(start, end - start, 0, false, 0))
                    is { Form: HeadingForm.Marker or HeadingForm.MarkerWithNote };
            start = end + 1;
        }

        var problem = source.Problem(
            "CopyNotEnded",
            "The rows of a COPY start here and have no end, so that everything behind is taken for rows. Write a line '\\.' "
                + "behind the last row.",
            rows.Offset);
        return hasMarker ? problem : problem with { Severity = nameof(ProblemSeverity.Warning) };
    }

    /// <summary>True for a COPY that ends on the line before an offset of its source.</summary>
    public static bool ReadsRowsAt(SqlStatement statement, int offset)
    {
        var lineStart = offset < 2 ? 0 : statement.Source!.Text.LastIndexOf('\n', offset - 2) + 1;
        var end = statement.Offset + statement.Text.Length;
        return end > lineStart && end <= offset
            && CopyRows.AreReadBy(statement.Text, statement.StandardStrings, out _);
    }

    private void AddCommand(PsqlLine command)
    {
        if (command.IsGuard)
        {
            return;
        }

        if (!command.IsInclude)
        {
            _commands.Add(command);
            return;
        }

        var path = _files.Resolve(command, out var reason);
        var included = path is null ? null : _files.Find(path, out reason);
        if (included is not null && _chain.Contains(path!))
        {
            var names = _chain.Append(path).Select(file => Path.GetFileName(file));
            reason = $"the files take each other in: {string.Join(" takes in ", names)}";
            included = null;
        }
        else if (included is not null && _chain.Count >= LongestChain)
        {
            reason = $"files that take in the next one are nested more than {LongestChain} deep. Take it in further up";
            included = null;
        }
        else if (included is not null && _inclusions++ >= IncludedFiles.MostInclusions)
        {
            reason = string.Create(
                CultureInfo.InvariantCulture, $"files are taken in more than {IncludedFiles.MostInclusions:N0} times");
            included = null;
        }

        if (included is null)
        {
            _commands.Add(command with
            {
                Problem = command.Fault(
                    "IncludeInvalid", $"\\{command.Name} {command.Arguments} cannot be followed: {reason}."),
            });
            return;
        }

        _chain.Add(path!);
        var split = SqlSplitter.Split(included.Text);
        if (split.Error is { } error)
        {
            _problems.Add(included.Problem(error.Code, error.Message, error.Offset));
        }

        Add(included, split, new SqlRange(0, included.Text.Length));
        _chain.RemoveAt(_chain.Count - 1);
    }

    // Follows what the splitter followed, where a script speaks of the setting at all.
    private struct StandardStrings(string text)
    {
        private readonly bool _isNamed = text.Contains("standard_conforming_strings", StringComparison.OrdinalIgnoreCase);

        public bool Current { get; private set; } = true;

        public void Follow(string statement)
        {
            if (_isNamed)
            {
                Current = StandardStringsSetting.After(statement, Current, sessionDefault: true);
            }
        }
    }
}
