using System.Globalization;

namespace PgMigrate.Messages;

/// <summary>A number with its noun, for messages: <c>1 statement</c>, <c>2 statements</c>.</summary>
internal static class Counted
{
    /// <summary>The number and the noun, which takes an s unless there is one.</summary>
    public static string Of(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
