using System.Globalization;

namespace PgMigrate.PowerShell.Output;

/// <summary>The lines that a runner executes: the only place that writes such commands. Pure.</summary>
internal static class CICommands
{
    /// <summary>The line for an annotation; null where the format has none.</summary>
    public static string? Annotate(CIAnnotation annotation, CIEnvironment environment)
    {
        var path = annotation.FilePath is { } file ? environment.PathOf(file) : null;
        var kind = annotation.Severity == ProblemSeverity.Error ? "error" : "warning";
        return environment.Format switch
        {
            CIFormat.GithubActions => $"::{kind} " + Join(
                ",", GithubProperty, ("file", path), ("line", Number(annotation.Line)),
                ("col", Number(annotation.Column)),
                ("title", $"PgMigrate {annotation.Code}")) + $"::{GithubData(annotation.Message)}",
            CIFormat.AzureDevops => $"##vso[task.logissue type={kind};" + Join(
                ";", AzureProperty, ("sourcepath", path), ("linenumber", Number(annotation.Line)),
                ("columnnumber", Number(annotation.Column)), ("code", annotation.Code))
                + $"]{AzureData(annotation.Message)}",
            _ => null,
        };
    }

    /// <summary>Starts a group of lines that can be folded.</summary>
    public static string? BeginGroup(string title, CIFormat format) => format switch
    {
        CIFormat.GithubActions => $"::group::{GithubData(title)}",
        CIFormat.AzureDevops => $"##[group]{AzureData(title)}",
        _ => null,
    };

    /// <summary>Ends the group.</summary>
    public static string? EndGroup(CIFormat format) => format switch
    {
        CIFormat.GithubActions => "::endgroup::",
        CIFormat.AzureDevops => "##[endgroup]",
        _ => null,
    };

    /// <summary>Makes the agent show a Markdown file with the job.</summary>
    public static string UploadSummary(string path) => $"##vso[task.uploadsummary]{AzureData(path)}";

    private static string Join(string separator, Func<string, string> escape,
        params (string Name, string? Value)[] properties) =>
        string.Join(
            separator,
            properties.Where(property => !string.IsNullOrEmpty(property.Value))
                .Select(property => $"{property.Name}={escape(property.Value!)}"));

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string GithubData(string text) => Lines(text.Replace("%", "%25", StringComparison.Ordinal));

    private static string GithubProperty(string text) => GithubData(text)
        .Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);

    private static string AzureData(string text) => Lines(text.Replace("%", "%AZP25", StringComparison.Ordinal));

    private static string AzureProperty(string text) => AzureData(text)
        .Replace("]", "%5D", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal);

    private static string Lines(string text) => text
        .Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);
}
