using System.Text;

namespace PgMigrate.Sql;

/// <summary>SQL in an embedded file next to the class that sends it.</summary>
internal static class EmbeddedSql
{
    /// <summary>The text of an embedded file, with LF line ends.</summary>
    public static string Read(string name)
    {
        using var stream = typeof(EmbeddedSql).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The embedded file {name} is missing from the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
