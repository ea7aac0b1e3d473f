namespace PgMigrate.Errors;

/// <summary>What belongs to an id.</summary>
/// <param name="Code">The id.</param>
/// <param name="Exception">The exception that it usually has; null for one that is a warning.</param>
/// <param name="Category">Name of the PowerShell error category.</param>
/// <param name="Meaning">What happened, in one sentence.</param>
/// <param name="NextStep">What to do next; the message of an error says it for its case.</param>
/// <param name="Page">The help topic about it.</param>
public sealed record ErrorEntry(
    string Code, Type? Exception, string Category, string Meaning, string NextStep, string Page);

/// <summary>All ids of errors and problems.</summary>
public static partial class ErrorCatalogue
{
    /// <summary>Every id, those of one subject together.</summary>
    public static IReadOnlyList<ErrorEntry> All { get; } =
        [.. Connections(), .. History(), .. Parameters(), .. Folders(), .. Files(), .. Runs()];

    private static Dictionary<string, ErrorEntry> ByCode { get; } =
        All.ToDictionary(entry => entry.Code, StringComparer.Ordinal);

    /// <summary>The entry of an id; null for a code that is none, such as that of another library.</summary>
    public static ErrorEntry? Find(string code) => ByCode.GetValueOrDefault(code);
}
