using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace PgMigrate.PowerShell.Binding;

/// <summary>
/// Reads a timeout: seconds as a number or a numeric text, a text with a unit of PostgreSQL (<c>500ms</c>,
/// <c>2min</c>), a text such as <c>0:0:5</c>, or a TimeSpan. A bare TimeSpan parameter would take 5 for 500 ns and '5'
/// for five days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed partial class DurationTransformationAttribute : ArgumentTransformationAttribute
{
    private const string Forms = "Use seconds (5, 0.5), a text with a unit (500ms, 5s, 2min, 1h, 1d), or a TimeSpan";

    /// <summary>The longest that is accepted, in seconds.</summary>
    public double MaxSeconds { get; init; } = 86400;

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            null => null, // handled by the parameter's type
            TimeSpan span => Check(span.TotalSeconds, inputData!),
            string text => Check(ReadText(text) ?? throw NotUnderstood(text), text),
            _ when IsNumber(value) => Check(ReadNumber(inputData!, value), inputData!),
            _ => throw NotUnderstood($"a value of the type {value.GetType().Name}"),
        };
    }

    /// <summary>
    /// The seconds of a text, with a point before decimals in every culture; null for any other text.
    /// </summary>
    internal static double? ReadText(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span.TotalSeconds : null;
        }

        var match = Form().Match(text);
        return match.Success && double.TryParse(
            match.Groups["number"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number * SecondsOf(match.Groups["unit"].Value)
            : null;
    }

    private static double SecondsOf(string unit) => unit.ToUpperInvariant() switch
    {
        "US" => 0.000001,
        "MS" => 0.001,
        "MIN" => 60,
        "H" => 3600,
        "D" => 86400,
        _ => 1,
    };

    // PowerShell reads 5d and 5s as typed numbers; the text as typed has the unit.
    private static double ReadNumber(object typed, object number)
    {
        var text = LanguagePrimitives.ConvertTo<string>(typed);
        return ReadText(text) ?? (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("0b", StringComparison.OrdinalIgnoreCase)
            || !char.IsAsciiLetter(text[^1])
            ? Convert.ToDouble(number, CultureInfo.InvariantCulture)
            : throw NotUnderstood(text));
    }

    private static bool IsNumber(object value) =>
        value is double or float or decimal or System.Numerics.BigInteger
            or int or long or short or sbyte or byte or uint or ulong or ushort;

    private TimeSpan Check(double seconds, object given)
    {
        if (double.IsNaN(seconds) || seconds < 0)
        {
            throw Refused(given, "it is negative");
        }

        if (seconds > MaxSeconds)
        {
            throw Refused(given, string.Create(CultureInfo.InvariantCulture, $"the maximum is {MaxSeconds} seconds"));
        }

        // The server counts milliseconds, and zero would mean no limit.
        return seconds is > 0 and < 0.001
            ? throw Refused(given, "a time above zero must be at least one millisecond; a plain number counts seconds")
            : TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
    }

    private static ArgumentTransformationMetadataException NotUnderstood(string what) =>
        new($"'{what}' is not a length of time. {Forms}.");

    private static ArgumentTransformationMetadataException Refused(object given, string reason) =>
        new($"'{LanguagePrimitives.ConvertTo<string>(given)}' cannot be used: {reason}. {Forms}.");

    [GeneratedRegex(
        @"^\s*(?<number>[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)\s*(?<unit>us|ms|s|min|h|d)?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
