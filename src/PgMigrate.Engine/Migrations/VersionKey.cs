using System.Globalization;
using System.Text;

namespace PgMigrate.Migrations;

/// <summary>Formats a version so that comparing texts compares versions; pure.</summary>
internal static class VersionKey
{
    // A part of up to 19 digits fills a width that begins with 0.
    private const int Width = 20;
    private const string LongPart = "9";

    public static string Of(MigrationVersion version) => version.IsNumeric
        ? string.Join('.', version.Text.Split('.').Select(OfPart))
        : OfName(version);

    // A longer one starts with 9 and its length, so it sorts after all those, and by its length first.
    private static string OfPart(string digits) => digits.Length < Width
        ? digits.PadLeft(Width, '0')
        : string.Create(CultureInfo.InvariantCulture, $"{LongPart}{digits.Length:D5}{digits}");

    // Names sort in ordinal order, which a culture's order is not: their code units as hexadecimal digits.
    private static string OfName(MigrationVersion version)
    {
        var units = Encoding.BigEndianUnicode.GetBytes(version.Text);
        return string.Create(
            CultureInfo.InvariantCulture, $"n{version.Position:D10}.{Convert.ToHexString(units).ToLowerInvariant()}");
    }
}
