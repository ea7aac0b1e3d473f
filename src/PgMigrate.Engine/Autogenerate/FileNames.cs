using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace PgMigrate.Autogenerate;

/// <summary>
/// File names for objects, which Windows, macOS and Linux can store: a name of letters, digits, _ and - is kept. In any
/// other one the rest becomes _, and a short hash tells it from its neighbours; pure.
/// </summary>
internal static partial class FileNames
{
    private const char Separator = '\u0001';
    private const int MostCharacters = 100;
    private const int HashBytes = 4;

    private static readonly HashSet<string> Devices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7",
        "COM8", "COM9", "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "COM¹", "COM²",
        "COM³", "LPT¹", "LPT²", "LPT³",
    };

    /// <summary>Schema and name as one name.</summary>
    public static string Join(string? schema, string name) => schema is null ? name : $"{schema}{Separator}{name}";

    /// <summary>A file name without ending for each name. Of those that differ in upper and lower case only, the one in
    /// lower case keeps its name.</summary>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyList<string> names)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var same in names.Distinct().GroupBy(n => Plain(n).ToUpperInvariant(), StringComparer.Ordinal))
        {
            foreach (var name in same)
            {
                var plain = Plain(name);
                var isKept = IsSafe(name) && (same.Count() == 1 || !name.Any(char.IsUpper));
                files[name] = isKept ? plain : $"{plain}-{Hash(name)}";
            }
        }

        return files;
    }

    // A name that ends as one with a hash gets a hash of its own.
    private static bool IsSafe(string name) =>
        Plain(name) == name.Replace(Separator, '.') && !HashEnd().IsMatch(name);

    // Windows takes the name of a device in front of the first dot for the device.
    private static string Plain(string name)
    {
        var parts = name.Split(Separator).Select(part => string.Concat(part.Select(c => IsKept(c) ? c : '_')));
        var plain = string.Join('.', parts);
        plain = plain.Length > MostCharacters ? plain[..MostCharacters] : plain;
        return Devices.Contains(plain.Split('.')[0]) || plain[0] is '-' ? $"_{plain}" : plain;
    }

    private static bool IsKept(char c) =>
        c is '_' or '-' || (char.IsLetterOrDigit(c) && c.ToString().IsNormalized(NormalizationForm.FormC));

    [GeneratedRegex("-[0-9A-Fa-f]{8}$")]
    private static partial Regex HashEnd();

    private static string Hash(string name) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, HashBytes));
}
