using System.Globalization;
using PgMigrate.Files;
using PgMigrate.Sql;
using PgMigrate.Sql.Psql;

namespace PgMigrate.Scripts;

/// <summary>Reads the files that a text includes with <c>\i</c> and <c>\ir</c>, and those that they include.</summary>
internal static class IncludeReader
{
    /// <summary>True when there may be such a command: scanning the bytes is cheaper than parsing them.</summary>
    public static bool MayStandIn(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\\i"u8) >= 0;

    /// <summary>All files that a text can reach within a folder.</summary>
    public static IncludedFiles Read(string root, SqlSource source)
    {
        var files = new Dictionary<string, SqlSource>(StringComparer.Ordinal);
        var failures = new Dictionary<string, string>(StringComparer.Ordinal);
        var found = new IncludedFiles(root) { Files = files, Failures = failures };
        var open = new Queue<SqlSource>([source]);
        while (open.TryDequeue(out var next))
        {
            foreach (var command in CommandsOf(next))
            {
                if (found.Resolve(command, out _) is { } path && !files.ContainsKey(path)
                    && !failures.ContainsKey(path))
                {
                    ReadOne(root, path, files, failures);
                    if (files.TryGetValue(path, out var included))
                    {
                        open.Enqueue(included);
                    }
                }
            }
        }

        return found;
    }

    private static IEnumerable<PsqlLine> CommandsOf(SqlSource source) =>
        SqlSplitter.Split(source.Text).Pieces
            .Where(piece => piece.Kind == SqlPieceKind.PsqlCommand)
            .Select(piece => PsqlLine.Read(source, piece, 0))
            .Where(command => command.IsInclude);

    private static void ReadOne(
        string root, string path, Dictionary<string, SqlSource> files, Dictionary<string, string> failures)
    {
        var name = IncludedFiles.NameOf(root, path);
        try
        {
            // On disk the accents of the name may be composed differently.
            var place = NormalName.FindOnDisk(root, path) ?? path;
            if (MigrationText.TryDecode(RegularFile.ReadAllBytes(place), out var text, out var problem))
            {
                files[path] = new SqlSource(name, place, text);
            }
            else
            {
                var (_, message, line) = problem.Value;
                failures[path] = string.Create(CultureInfo.InvariantCulture,
                    $"{name}{(line is null ? "" : $":{line}")}: ")
                    + message.TrimEnd('.');
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            failures[path] = IncludedFiles.NotFound(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failures[path] = Directory.Exists(path)
                ? $"'{name}' is a folder. Name each of its files"
                : e.Message.TrimEnd('.');
        }
    }
}
