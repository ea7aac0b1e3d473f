using System.Globalization;
using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Connections;

/// <summary>
/// Reads <c>.pgpass</c> as libpq does: a file that others can read is ignored. It is read when the server asks for a
/// password, not earlier.
/// </summary>
internal static class PasswordFile
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The password for these settings; null when neither the variables nor the file have one.</summary>
    /// <exception cref="ConnectionException">Others can read the file.</exception>
    /// <exception cref="FileNotFoundException">The named file does not exist.</exception>
    public static async ValueTask<string?> FindAsync(
        string? named, NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("PGPASSWORD") is { Length: > 0 } password)
        {
            return password;
        }

        named ??= Environment.GetEnvironmentVariable("PGPASSFILE") is { Length: > 0 } variable ? variable : null;
        var path = named ?? DefaultPath();
        if (named is null && !File.Exists(path))
        {
            return null;
        }

        var text = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Others) == 0
            ? Find(text, settings)
            : throw new ConnectionException(
                ErrorCodes.PasswordFileIgnored,
                $"The server asks for a password, and the password file '{path}' was ignored because other users can "
                    + $"read it. Restrict its permissions and run again: chmod 600 '{path}'");
    }

    /// <summary>The password of the first line that matches; pure.</summary>
    public static string? Find(string text, NpgsqlConnectionStringBuilder settings)
    {
        string[] wanted =
        [
            settings.Host ?? "localhost",
            settings.Port.ToString(CultureInfo.InvariantCulture),
            settings.Database ?? settings.Username ?? "",
            settings.Username ?? "",
        ];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = Fields(line.TrimEnd('\r'));
            if (!line.StartsWith('#') && fields.Count > wanted.Length
                && Enumerable.Range(0, wanted.Length).All(i => Fits(fields[i], wanted[i])))
            {
                return fields[wanted.Length].Text;
            }
        }

        return null;
    }

    // A star is a wildcard only alone and unescaped; this file names a socket directory localhost.
    private static bool Fits((string Text, bool IsStar) field, string value) =>
        field.IsStar
        || field.Text == value
        || (value.StartsWith('/') && field.Text == "localhost");

    private static List<(string Text, bool IsStar)> Fields(string line)
    {
        var fields = new List<(string, bool)>();
        var field = new System.Text.StringBuilder();
        var isEscaped = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\' && i + 1 < line.Length)
            {
                isEscaped = true;
                field.Append(line[++i]);
            }
            else if (line[i] == ':')
            {
                End();
            }
            else
            {
                field.Append(line[i]);
            }
        }

        End();
        return fields;

        void End()
        {
            fields.Add((field.ToString(), !isEscaped && field.Length == 1 && field[0] == '*'));
            field.Clear();
            isEscaped = false;
        }
    }

    private static string DefaultPath() => OperatingSystem.IsWindows()
        ? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "postgresql", "pgpass.conf")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pgpass");
}
