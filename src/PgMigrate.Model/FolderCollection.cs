using System.Collections.ObjectModel;

namespace PgMigrate;

/// <summary>
/// Full paths of a set of migrations folders; as text, in a CSV file, the paths with commas between them.
/// </summary>
/// <param name="folders">The paths.</param>
public sealed class FolderCollection(IList<string> folders) : ReadOnlyCollection<string>(folders)
{
    /// <summary>The paths.</summary>
    public override string ToString() => string.Join(", ", this);
}
