using System.Management.Automation;
using PgMigrate.Errors;

namespace PgMigrate.PowerShell.Binding;

/// <summary>PowerShell's path rules for the migrations folder.</summary>
internal static class FolderPath
{
    private const string Default = "migrations";

    /// <summary>The existing folders of a path, as full paths, each once.</summary>
    /// <exception cref="InitializationException">One is missing, ambiguous, or not in the file system.</exception>
    public static string[] Resolve(PSCmdlet cmdlet, string[]? paths, string[]? literalPaths, string? connectionName) =>
        (literalPaths ?? paths ?? [Default])
            .Select(path => Resolve(cmdlet, path, isLiteral: literalPaths is not null || paths is null, connectionName))
            .Distinct(StringComparer.Ordinal)
            .ToArray();

    private static string Resolve(PSCmdlet cmdlet, string path, bool isLiteral, string? connectionName)
    {
        var folder = isLiteral
            ? cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _)
            : Expand(cmdlet, path, out provider);
        if (provider.Name != "FileSystem")
        {
            throw new InitializationException(
                ErrorCodes.FolderNotFound, $"'{path}' is not in the file system. Name a folder with -Path.");
        }

        // A named connection has its own folder where one exists.
        return connectionName is not null && Path.Combine(folder, connectionName) is var named
            && Directory.Exists(named) ? named : RequireFolder(folder);
    }

    /// <summary>The full path of a folder that need not exist.</summary>
    public static string ResolveNew(PSCmdlet cmdlet, string? path, string? literalPath)
    {
        // New-Item takes a backtick as part of the name; for an existing folder that completion wrote it is an escape.
        var meant = literalPath ?? path ?? Default;
        return literalPath is null && FindLiteral(cmdlet, WildcardPattern.Unescape(meant)) is { } existing
            ? existing
            : cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(meant, out _, out _);
    }

    private static string Expand(PSCmdlet cmdlet, string path, out ProviderInfo provider)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(path))
        {
            // No wildcard applies, but some may be escaped.
            return cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(
                WildcardPattern.Unescape(path), out provider, out _);
        }

        try
        {
            var found = cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(path, out provider);
            return found.Count == 1
                ? found[0]
                : throw new InitializationException(
                    found.Count == 0 ? ErrorCodes.FolderNotFound : ErrorCodes.FolderAmbiguous,
                    found.Count == 0
                        ? NoMatch(cmdlet, path)
                        : $"'{path}' matches {found.Count} folders. Pipe them in to run one after the other.");
        }
        catch (ItemNotFoundException e)
        {
            throw new InitializationException(ErrorCodes.FolderNotFound, NoMatch(cmdlet, path), e);
        }
    }

    private static string NoMatch(PSCmdlet cmdlet, string path) =>
        $"No folder matches '{path}'." + (FindLiteral(cmdlet, path) is null
            ? ""
            : " A folder of exactly that name exists: use -LiteralPath.");

    private static string? FindLiteral(PSCmdlet cmdlet, string path)
    {
        var folder = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        return provider.Name == "FileSystem" && Directory.Exists(folder) ? folder : null;
    }

    private static string RequireFolder(string folder) => File.Exists(folder)
        ? throw new InitializationException(
            ErrorCodes.FolderNotFound, $"'{folder}' is a file. Name the folder that contains the migrations with "
                + "-Path.")
        : folder;
}
