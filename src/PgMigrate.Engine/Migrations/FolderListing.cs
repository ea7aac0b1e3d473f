using System.IO.Enumeration;
using System.Text;
using PgMigrate.Files;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>The names in a migrations folder. Names that start with a dot are ignored, at every level.</summary>
internal sealed class FolderListing
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };
    private readonly IReadOnlyCollection<string> _otherFolders;

    private FolderListing(string root, IReadOnlyCollection<string> otherFolders)
    {
        Root = root;
        _otherFolders = otherFolders;
        (Files, Folders) = List("");
        SqlFiles = Files.All(IsSql) ? Files : Files.Where(IsSql).ToList();
    }

    /// <summary>Full path.</summary>
    public string Root { get; }

    /// <summary>Its own files, by ordinal name.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Those of them that end in <c>.sql</c>.</summary>
    public IReadOnlyList<string> SqlFiles { get; }

    /// <summary>Its own subfolders, by ordinal name, without those that are folders of the set themselves.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>Lists a folder of a set; the files of another folder of the set belong to that one.</summary>
    public static FolderListing Of(string root, IReadOnlyCollection<string> allFolders) => new(root, allFolders);

    /// <summary>True for a name that ends in <c>.sql</c>.</summary>
    public static bool IsSql(string name) => name.EndsWith(".sql", StringComparison.OrdinalIgnoreCase);

    /// <summary>Full path of a name; accepts the slashes of every platform.</summary>
    public string PathOf(string name)
    {
        var path = Path.Combine(Root, name.Replace('/', Path.DirectorySeparatorChar));
        // A plan and the disk may compose the accents of a name in two ways.
        return Ascii.IsValid(name) ? path : NormalName.FindOnDisk(Root, path) ?? path;
    }

    /// <summary>True when the file exists.</summary>
    public bool Holds(string name) => File.Exists(PathOf(name));

    /// <summary>The files of a subfolder and of the folders below it, relative to this one, by ordinal name.</summary>
    /// <remarks>Links are followed, except those that lead back to a folder that contains them.</remarks>
    public IEnumerable<string> FilesBelow(string folder) => Below(folder, [RealPath(Root)]);

    /// <summary>The files directly in a subfolder, relative to this folder.</summary>
    public IReadOnlyList<string> FilesIn(string folder) => List(folder).Files;

    /// <summary>A small text file; null with a problem when it is not text.</summary>
    public SqlSource? ReadText(string name, out MigrationProblem? problem)
    {
        problem = null;
        var path = PathOf(name);
        if (MigrationText.TryDecode(RegularFile.ReadAllBytes(path), out var text, out var bad))
        {
            return new SqlSource(name, path, text);
        }

        problem = new MigrationProblem
        {
            Code = bad.Value.Code,
            Message = bad.Value.Message,
            FileName = name,
            FilePath = path,
            Line = bad.Value.Line,
        };
        return null;
    }

    // The target of such a link is read already, and leads to the link again.
    private IEnumerable<string> Below(string folder, IReadOnlyList<string> above)
    {
        var path = RealPath(PathOf(folder));
        if (above.Contains(path))
        {
            return [];
        }

        var (files, folders) = List(folder);
        return files.Concat(folders.SelectMany(inner => Below(inner, [.. above, path])));
    }

    // Part by part, since the target of a link is relative to the folder that really contains it.
    private static string RealPath(string path)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var part in path[real.Length..].Split(Path.DirectorySeparatorChar,
            StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            real = Directory.ResolveLinkTarget(next, returnFinalTarget: false) is { } target
                ? RealPath(target.FullName)
                : next;
        }

        return real;
    }

    private (IReadOnlyList<string> Files, IReadOnlyList<string> Folders) List(string below)
    {
        var found = new FileSystemEnumerable<(string Name, bool IsFolder)>(
            PathOf(below), (ref FileSystemEntry entry) => (entry.FileName.ToString(), entry.IsDirectory), Everything);
        var files = new List<string>();
        var folders = new List<string>();
        foreach (var (name, isFolder) in found)
        {
            var full = below.Length == 0 ? name : $"{below}/{name}";
            if (name[0] != '.' && !(isFolder && _otherFolders.Contains(PathOf(full))))
            {
                (isFolder ? folders : files).Add(full);
            }
        }

        files.Sort(StringComparer.Ordinal);
        folders.Sort(StringComparer.Ordinal);
        return (files, folders);
    }
}
