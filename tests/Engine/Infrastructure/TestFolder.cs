using System.Text;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A folder for migration files, deleted at the end.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder(params IEnumerable<(string Name, string Text)> files)
    {
        FullPath = Directory.CreateTempSubdirectory("pgmigrate-files-").FullName;
        foreach (var (name, text) in files)
        {
            Write(name, text);
        }
    }

    public string FullPath { get; }

    public string PathOf(string name) => Path.Combine(FullPath, name);

    public void Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public void Write(string name, byte[] bytes) => File.WriteAllBytes(PathOf(name), bytes);

    /// <summary>Writes a file of a subfolder, which is made when it is missing.</summary>
    public void WriteBelow(string name, string text) => WriteBelow(name, Encoding.UTF8.GetBytes(text));

    public void WriteBelow(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllBytes(PathOf(name), bytes);
    }

    public void Delete(string name) => File.Delete(PathOf(name));

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
