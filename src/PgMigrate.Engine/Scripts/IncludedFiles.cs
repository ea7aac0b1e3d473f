using System.Text;
using PgMigrate.Sql;
using PgMigrate.Sql.Psql;

namespace PgMigrate.Scripts;

/// <summary>
/// The files that a migration includes with <c>\i</c> and <c>\ir</c>. They are read together with it, because they are
/// part of its checksum.
/// </summary>
/// <param name="Root">Full path of the migrations folder: nothing outside it is read.</param>
internal sealed record IncludedFiles(string Root)
{
    /// <summary>Maximum number of inclusions: a few files that include each other twice never end.</summary>
    internal const int MostInclusions = 10_000;

    private const string Counting = "\\ir is relative to its own file, \\i to the migrations folder";

    /// <summary>The texts by full path.</summary>
    public IReadOnlyDictionary<string, SqlSource> Files { get; init; } = new Dictionary<string, SqlSource>();

    /// <summary>Why a file could not be read, by full path; without a full stop.</summary>
    public IReadOnlyDictionary<string, string> Failures { get; init; } = new Dictionary<string, string>();

    /// <summary>Their names relative to the folder, in order.</summary>
    public IReadOnlyList<string> Names => [.. Files.Values.Select(file => file.FileName).Order(StringComparer.Ordinal)];

    /// <summary>For a text that can include nothing.</summary>
    public static IncludedFiles None { get; } = new("");

    /// <summary>
    /// The full path that a command names; null with a reason when it is not a path that may be read.
    /// </summary>
    public string? Resolve(PsqlLine command, out string? reason)
    {
        var arguments = PsqlArguments.Read(command.Arguments, new PsqlVariables(), out reason, out _);
        if (arguments is not [var name])
        {
            reason ??= "it needs the name of one file";
            return null;
        }

        // psql ends an argument at a backslash, on Windows too.
        if (name.Contains('\\', StringComparison.Ordinal)
            && (!OperatingSystem.IsWindows() || command.Arguments[0] is not ('\'' or '"')))
        {
            reason = $"a backslash does not separate folders here. Write {name.Replace('\\', '/')}, which works on "
                + "every system";
            return null;
        }

        if (Root.Length == 0 || command.Source.FilePath is not { } includer)
        {
            reason = "a text from the database cannot include files";
            return null;
        }

        if (name.StartsWith(':'))
        {
            reason = "a variable cannot name the file, because included files are part of the checksum";
            return null;
        }

        var folder = command.IsRelative ? Path.GetDirectoryName(includer)! : Root;
        var path = Path.GetFullPath(name, folder);
        if (Path.GetRelativePath(Root, path) is var inside
            && (inside.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(inside)))
        {
            reason = $"'{name}' is outside the migrations folder, where a change would go unnoticed: {Counting}";
            return null;
        }

        return path;
    }

    /// <summary>The text of a range with the included texts in their places.</summary>
    public string Expand(SqlSource source, SqlRange range)
    {
        var left = MostInclusions;
        return Files.Count == 0
            ? source.Text[range.Start..range.End]
            : Expand(source, SqlSplitter.Split(source.Text), range, [source.FilePath], ref left);
    }

    /// <summary>The text of an included file; null with a reason when there is none.</summary>
    public SqlSource? Find(string path, out string? reason)
    {
        reason = null;
        if (Files.GetValueOrDefault(path) is { } file)
        {
            return file;
        }

        reason = Failures.GetValueOrDefault(path) ?? NotFound(NameOf(Root, path));
        return null;
    }

    /// <summary>The path of a file relative to the folder, with slashes on every platform.</summary>
    internal static string NameOf(string root, string path) => Path.GetRelativePath(root, path).Replace('\\', '/');

    /// <summary>The reason for a missing file.</summary>
    internal static string NotFound(string name) => $"'{name}' was not found: {Counting}";

    private string Expand(
        SqlSource source, SqlSplit split, SqlRange range, IReadOnlyList<string?> chain, ref int left)
    {
        var expanded = new StringBuilder();
        var done = range.Start;
        foreach (var piece in split.PiecesIn(range).Where(piece => piece.Kind == SqlPieceKind.PsqlCommand))
        {
            var command = PsqlLine.Read(source, piece, 0);
            if (command.IsInclude && Resolve(command, out _) is { } path && Find(path, out _) is { } included
                && !chain.Contains(path) && left-- > 0)
            {
                var whole = new SqlRange(0, included.Text.Length);
                expanded.Append(source.Text, done, piece.Offset - done)
                    .Append(Expand(included, SqlSplitter.Split(included.Text), whole, [.. chain, path], ref left));
                done = piece.Offset + piece.Length;
            }
        }

        return expanded.Append(source.Text, done, range.End - done).ToString();
    }
}
