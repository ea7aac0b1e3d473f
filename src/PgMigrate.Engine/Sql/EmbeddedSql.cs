using System.Text;

namespace PgMigrate.Sql;

/// <summary>SQL in a file of its own beside the class that sends it.</summary>
internal static class EmbeddedSql
{
    /// <summary>The text of an embedded file, line ends as LF.</summary>
    public static string Read(string name)
    {
        using var stream = typeof(EmbeddedSql).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The embedded file {name} is missing from the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
