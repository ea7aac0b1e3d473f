namespace PgMigrate.Migrations;

/// <summary>What a template says where its author writes the SQL.</summary>
internal static class TemplateText
{
    /// <summary>The comment in the place of the UP part.</summary>
    public const string Placeholder = "-- Write here what changes the schema.";

    /// <summary>True when the UP part of a text without statements still asks for what changes the schema.</summary>
    public static bool AsksForContent(string text) =>
        text.Split('\n').Any(line => line.AsSpan().Trim().SequenceEqual(Placeholder));
}
