namespace PgMigrate.Migrations;

/// <summary>The text of a template in the place of the SQL.</summary>
internal static class TemplateText
{
    /// <summary>The comment in place of the UP part.</summary>
    public const string Placeholder = "-- Write here what changes the schema.";

    /// <summary>True when the UP part of a text without statements still has that comment.</summary>
    public static bool AsksForContent(string text) =>
        text.Split('\n').Any(line => line.AsSpan().Trim().SequenceEqual(Placeholder));
}
