using System.Management.Automation;
using PgMigrate.Errors;
using PgMigrate.Migrations;

namespace PgMigrate.PowerShell.Binding;

/// <summary>
/// What <c>-Version</c> accepts besides versions and names: wildcards. A text that equals a version or a name refers to
/// that migration, whatever characters it contains; only otherwise it is a pattern.
/// </summary>
internal static class VersionPattern
{
    /// <summary>The migrations that a text matches; empty when there are none.</summary>
    /// <param name="reference">A version, a name, a file name, or a pattern of one.</param>
    /// <param name="migrations">The candidates.</param>
    /// <param name="identify">Version and file name of a candidate.</param>
    public static IReadOnlyList<T> Find<T>(
        string reference, IReadOnlyList<T> migrations, Func<T, (string Version, string FileName)> identify)
    {
        var exact = migrations.Where(one => identify(one) is var (version, file)
            && Migrator.IsNamed(reference, version, file)).ToList();
        if (exact.Count > 0 || !WildcardPattern.ContainsWildcardCharacters(reference))
        {
            return exact;
        }

        var pattern = new WildcardPattern(reference, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return migrations.Where(one => identify(one) is var (version, file) && (pattern.IsMatch(version)
            || pattern.IsMatch(file) || pattern.IsMatch(MigrationFileName.NameOf(file)))).ToList();
    }

    /// <summary>
    /// The versions with each pattern replaced by its matches, and a sentence that lists them; null without a
    /// pattern.
    /// Folder and history are read only when there is one.
    /// </summary>
    /// <exception cref="MigrationNotFoundException">A pattern matches nothing.</exception>
    public static (IReadOnlyList<string> Versions, string? Sentence) Expand(
        IReadOnlyList<string> references, Func<IReadOnlyList<MigrationStatus>> read)
    {
        if (!references.Any(WildcardPattern.ContainsWildcardCharacters))
        {
            return (references, null);
        }

        var rows = read();
        var versions = new List<string>();
        var sentences = new List<string>();
        foreach (var reference in references)
        {
            if (!WildcardPattern.ContainsWildcardCharacters(reference))
            {
                versions.Add(reference);
                continue;
            }

            var found = Find(reference, rows, row => (row.Version, row.FileName));
            if (found.Count == 0)
            {
                throw NotFound(reference, "in the folder or the history");
            }

            versions.AddRange(found.Select(row => row.Version));
            sentences.Add($"-Version {reference} matches {string.Join(", ", found.Select(row => row.FileName))}");
        }

        return (versions, sentences.Count == 0 ? null : string.Join("; ", sentences));
    }

    /// <summary>The error for a text that matches nothing.</summary>
    public static MigrationNotFoundException NotFound(string reference, string where) => new(
        WildcardPattern.ContainsWildcardCharacters(reference)
            ? $"No version and no name {where} matches '{reference}'."
            : $"'{reference}' is neither a version nor a name {where}."
                + (reference.AsSpan().ContainsAny('/', '\\') ? " Name a folder with -Path." : ""));
}
