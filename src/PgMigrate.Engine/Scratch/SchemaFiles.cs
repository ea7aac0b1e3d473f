using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Scratch;

/// <summary>Reads the files of a desired schema, with those that they include.</summary>
internal static class SchemaFiles
{
    private const string Pattern = "*.sql";

    /// <summary>
    /// The text of a file, or those of the .sql files of a folder and its folders in ordinal order. A file that another
    /// one includes is read there.
    /// </summary>
    /// <exception cref="PgMigrateException">The path names nothing, no .sql file, or what is no text.</exception>
    public static IReadOnlyList<SqlSource> Read(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full))
        {
            return [ReadFile(full, Path.GetFileName(full))];
        }

        if (!Directory.Exists(full))
        {
            throw new FileAccessException(
                $"There is no file or folder '{path}' with the desired schema. Check the path (-SchemaPath).");
        }

        var texts = FilesIn(full, path).Select(file => ReadFile(file, NameOf(full, file))).ToList();
        if (texts.Count == 0)
        {
            throw new InitializationException(
                ErrorCodes.SchemaPathEmpty,
                $"The folder '{path}' and its folders hold no .sql file. Name the folder of the desired schema, or "
                    + "write a file; an empty .sql file describes an empty schema.");
        }

        var included = texts.SelectMany(text => IncludedBy(text).Files.Keys).ToHashSet(StringComparer.Ordinal);
        return texts.FindAll(text => !included.Contains(text.FilePath!));
    }

    /// <summary>The elements of a text with those of the files that it includes in their places.</summary>
    public static IReadOnlyList<ScriptElement> Expand(SqlSource source)
    {
        var elements = ScriptReader.Read(source);
        return elements.Exists(element => element is ScriptElement.Command { Value.IsInclude: true })
            ? new IncludeExpander(IncludedBy(source), _ => []).Expand(elements)
            : elements;
    }

    /// <summary>A text and the texts that it includes.</summary>
    public static IEnumerable<SqlSource> WithIncluded(SqlSource source) =>
        IncludedBy(source).Files.Values.Prepend(source);

    private static IncludedFiles IncludedBy(SqlSource source) =>
        source.FilePath is { } path && source.Text.Contains("\\i", StringComparison.Ordinal)
            ? IncludeReader.Read(path[..^source.FileName.Length].TrimEnd('/', '\\'), source)
            : IncludedFiles.None;

    private static List<string> FilesIn(string folder, string path)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, Pattern, new EnumerationOptions
            {
                RecurseSubdirectories = true,
                MatchCasing = MatchCasing.CaseInsensitive,
                AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
                IgnoreInaccessible = false,
            }).OrderBy(file => NameOf(folder, file), StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileAccessException($"The folder '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static string NameOf(string folder, string file) =>
        Path.GetRelativePath(folder, file).Replace('\\', '/');

    private static SqlSource ReadFile(string path, string name)
    {
        try
        {
            if (MigrationText.TryDecode(RegularFile.ReadAllBytes(path), out var text, out var problem))
            {
                return new SqlSource(name, path, text);
            }

            var (code, message, line) = problem.Value;
            return code == MigrationText.Empty
                ? new SqlSource(name, path, "")
                : throw new PlanBlockedException([new MigrationProblem
                {
                    Code = code, Message = message, FileName = name, FilePath = path, Line = line,
                }]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileAccessException($"The file '{path}' cannot be read: {e.Message}", e);
        }
    }
}
