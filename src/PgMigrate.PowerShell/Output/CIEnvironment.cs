namespace PgMigrate.PowerShell.Output;

/// <summary>The job, from the variables of a CI system.</summary>
/// <param name="Format">Never <see cref="CIFormat.Auto"/>.</param>
/// <param name="Checkout">Folder that paths of annotations are relative to; null when it is not known.</param>
/// <param name="SummaryPath">File that GitHub shows as the summary of the step.</param>
/// <param name="TemporaryFolder">Folder for files that the agent reads after the step.</param>
internal sealed record CIEnvironment(CIFormat Format, string? Checkout, string? SummaryPath, string TemporaryFolder)
{
    /// <summary>Reads the variables; <paramref name="chosen"/> decides unless it is Auto.</summary>
    public static CIEnvironment Read(CIFormat chosen, Func<string, string?> variable)
    {
        var format = chosen != CIFormat.Auto ? chosen
            : IsTrue(variable("GITHUB_ACTIONS")) ? CIFormat.GithubActions
            : IsTrue(variable("TF_BUILD")) ? CIFormat.AzureDevops
            : CIFormat.None;
        return new CIEnvironment(
            format,
            NullIfEmpty(variable(format == CIFormat.AzureDevops ? "BUILD_SOURCESDIRECTORY" : "GITHUB_WORKSPACE")),
            NullIfEmpty(variable("GITHUB_STEP_SUMMARY")),
            NullIfEmpty(variable("AGENT_TEMPDIRECTORY")) ?? Path.GetTempPath());
    }

    /// <summary>
    /// The path in the checkout: relative and with slashes. A path outside stays unchanged.
    /// </summary>
    public string PathOf(string path)
    {
        if (Checkout is null || !Path.IsPathRooted(path))
        {
            return path;
        }

        var relative = Path.GetRelativePath(Checkout, path);
        var isOutside = Path.IsPathRooted(relative) || relative.Split('/', '\\')[0] == "..";
        return isOutside ? path : OperatingSystem.IsWindows() ? relative.Replace('\\', '/') : relative;
    }

    private static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
