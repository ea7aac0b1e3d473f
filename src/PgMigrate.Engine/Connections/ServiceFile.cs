using PgMigrate.Errors;

namespace PgMigrate.Connections;

/// <summary>Reads connection service files as libpq does: the user's first, then the machine's.</summary>
internal static class ServiceFile
{
    /// <summary>The keywords and values of a service, from the first file that has it.</summary>
    /// <exception cref="ConnectionException">No file has it, or a line of the file cannot be parsed.</exception>
    public static IReadOnlyList<(string Word, string Value)> Read(string service, Func<string, string?> environment)
    {
        if (service.Length == 0)
        {
            throw new ConnectionException(
                ErrorCodes.ServiceNotFound,
                "The name of the service is empty. Set one with PGSERVICE or service=…, or remove the variable.");
        }

        var files = Files(environment).ToList();
        foreach (var file in files.Where(File.Exists))
        {
            if (Parse(File.ReadAllText(file), service, file) is { } words)
            {
                return words;
            }
        }

        throw new ConnectionException(
            ErrorCodes.ServiceNotFound,
            $"The service '{service}' is in none of the service files: {string.Join(", ", files)}. Add a section "
                + $"[{service}], or set PGSERVICEFILE to the file that has it.");
    }

    /// <summary>The keywords and values of a service; null when the text does not have it. Pure.</summary>
    public static IReadOnlyList<(string Word, string Value)>? Parse(string text, string service, string file)
    {
        List<(string, string)>? words = null;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] == '[')
            {
                if (words is not null)
                {
                    break;
                }

                words = line.TrimEnd(']')[1..] == service ? [] : null;
            }
            else if (words is not null)
            {
                var equals = line.IndexOf('=', StringComparison.Ordinal);
                // The line itself is not shown: it may hold the password.
                words.Add(equals > 0 && line[..equals] != "service"
                    ? (line[..equals].TrimEnd(), line[(equals + 1)..].TrimStart())
                    : throw new ConnectionException(
                        ErrorCodes.ConnectionInvalid, $"{file}:{i + 1}: a line of a service must be keyword=value, "
                            + "and cannot name another service."));
            }
        }

        return words;
    }

    private static IEnumerable<string> Files(Func<string, string?> environment)
    {
        if (environment("PGSERVICEFILE") is { Length: > 0 } named)
        {
            yield return named;
        }
        else
        {
            yield return OperatingSystem.IsWindows()
                ? Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "postgresql",
                    ".pg_service.conf")
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pg_service.conf");
        }

        if (environment("PGSYSCONFDIR") is { Length: > 0 } folder)
        {
            yield return Path.Combine(folder, "pg_service.conf");
        }
    }
}
