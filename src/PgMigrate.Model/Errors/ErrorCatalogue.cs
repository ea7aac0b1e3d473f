namespace PgMigrate.Errors;

/// <summary>The description of an error code.</summary>
/// <param name="Code">The code.</param>
/// <param name="Exception">The exception that usually has it; null for a warning.</param>
/// <param name="Category">Name of the PowerShell error category.</param>
/// <param name="Meaning">What happened, in one sentence.</param>
/// <param name="NextStep">What to do next; the message of an error says it for its case.</param>
/// <param name="Page">The help topic about it.</param>
public sealed record ErrorEntry(
    string Code, Type? Exception, string Category, string Meaning, string NextStep, string Page);

/// <summary>All codes of errors and problems.</summary>
public static partial class ErrorCatalogue
{
    /// <summary>Every entry, grouped by subject.</summary>
    public static IReadOnlyList<ErrorEntry> All { get; } =
        [.. Connections(), .. History(), .. Parameters(), .. Folders(), .. Files(), .. Runs(), .. Scratch(),
            .. Schemas()];

    private static Dictionary<string, ErrorEntry> ByCode { get; } =
        All.ToDictionary(entry => entry.Code, StringComparer.Ordinal);

    /// <summary>The entry of a code; null for an unknown code, such as that of another library.</summary>
    public static ErrorEntry? Find(string code) => ByCode.GetValueOrDefault(code);
}
