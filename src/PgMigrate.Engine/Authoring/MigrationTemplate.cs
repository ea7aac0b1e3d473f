using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Sql;

namespace PgMigrate.Authoring;

/// <summary>Makes names and texts of new migration files; pure.</summary>
internal static class MigrationTemplate
{
    private const int LongestName = 150;
    private const int SequentialDigits = 3;
    private const string TimestampFormat = "yyyyMMddHHmmss";

    /// <summary>The next file name after those of a folder.</summary>
    /// <exception cref="MigrationCreationException">The name contains no letter or digit.</exception>
    public static string NameAfter(IReadOnlyList<string> existing, MigrationDraftRequest request)
    {
        var title = Sanitise(request.Name);
        var files = existing
            .Select(name => MigrationFileName.TryParse(name, false, out var parsed, out _) ? parsed : null)
            .OfType<MigrationFileName>()
            .OrderBy(file => file.Version)
            .ToList();
        var style = request.Numbering switch
        {
            MigrationNumbering.Sequential => NumberingStyle.Sequential,
            MigrationNumbering.Timestamp => NumberingStyle.Timestamp,
            MigrationNumbering.Versioned => NumberingStyle.Versioned,
            _ => files.LastOrDefault()?.Style ?? NumberingStyle.Sequential,
        };
        return style switch
        {
            NumberingStyle.Timestamp => $"{NextTimestamp(files, request.Now)}_{title}.sql",
            NumberingStyle.Versioned => string.Create(
                CultureInfo.InvariantCulture, $"V{NextNumber(files)}__{title}.sql"),
            _ => $"{NextNumber(files).ToString(CultureInfo.InvariantCulture).PadLeft(WidthOf(files), '0')}_{title}.sql",
        };
    }

    /// <summary>The text of a new file.</summary>
    public static string TextFor(MigrationDraftRequest request)
    {
        var text = new StringBuilder();
        if (request.Description is { } description)
        {
            text.Append("-- Description: ").Append(description.ReplaceLineEndings(" ").Trim()).Append('\n');
        }

        if (request.DependsOn.Count > 0)
        {
            text.Append("-- Depends: ").AppendJoin(", ", request.DependsOn).Append('\n');
        }

        if (request.InTransaction)
        {
            request = request with
            {
                Content = $"BEGIN;\n\n{Terminated(request.Content) ?? TemplateText.Placeholder}\n\nCOMMIT;\n",
            };
        }

        if (request.Content is { } content && request.Down is null)
        {
            // Complete as it is: nothing is added to it.
            return text.Append(WithLineFeeds(content)).ToString();
        }

        return text.Append("-- UP\n")
            .Append(Terminated(request.Content) ?? TemplateText.Placeholder)
            .Append("\n\n-- DOWN\n")
            .Append(Terminated(request.Down) ?? "-- Write here what reverts it, or delete this section.")
            .Append('\n')
            .ToString();
    }

    // Not ReplaceLineEndings: a form feed or U+2028 inside a literal is data.
    [return: NotNullIfNotNull(nameof(sql))]
    private static string? WithLineFeeds(string? sql) => sql?.Replace("\r\n", "\n", StringComparison.Ordinal);

    // A section marker does not end a statement: the last one needs its semicolon.
    private static string? Terminated(string? sql)
    {
        if (WithLineFeeds(sql)?.Trim() is not { } text)
        {
            return null;
        }

        var isOpen = SqlSplitter.Split(text).Pieces is [.., { Kind: SqlPieceKind.Statement } last]
            && text[last.Offset + last.Length - 1] != ';';
        var lastLine = text[(text.LastIndexOf('\n') + 1)..];
        return !isOpen ? text : lastLine.Contains("--", StringComparison.Ordinal) ? text + "\n;" : text + ";";
    }

    private static string Sanitise(string name)
    {
        var title = new StringBuilder();
        foreach (var character in name.Trim().ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(character))
            {
                title.Append(character);
            }
            else if (title.Length > 0 && title[^1] != '_')
            {
                title.Append('_');
            }
        }

        var trimmed = title.ToString().Trim('_');
        return trimmed.Length is 0 or > LongestName
            ? throw new MigrationCreationException(
                ErrorCodes.NameInvalid,
                trimmed.Length == 0
                    ? $"'{name}' contains no letter or digit. Say in a few words what the migration does."
                    : $"The name is longer than {LongestName} characters.")
            : trimmed;
    }

    private static long NextNumber(List<MigrationFileName> files)
    {
        var last = files.LastOrDefault(file => file.Style is not NumberingStyle.Timestamp)?.Version.Text ?? "0";
        return long.TryParse(last.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number < long.MaxValue
            ? number + 1
            : throw new MigrationCreationException(
                ErrorCodes.VersionTooLarge, $"No number follows version {last}. Use -Numbering Timestamp.");
    }

    private static int WidthOf(List<MigrationFileName> files) =>
        files.LastOrDefault(file => file.Style == NumberingStyle.Sequential)?.FileName
            .IndexOf('_', StringComparison.Ordinal)
            ?? SequentialDigits;

    private static string NextTimestamp(List<MigrationFileName> files, DateTimeOffset now)
    {
        var time = now.UtcDateTime;
        if (files.LastOrDefault(file => file.Style == NumberingStyle.Timestamp) is { } last
            && DateTime.TryParseExact(last.Version.Text, TimestampFormat, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var newest)
            && newest >= time)
        {
            time = newest.AddSeconds(1); // a clock that is behind the newest file would make the new one late
        }

        var used = files.Select(file => file.Version.Text).ToHashSet(StringComparer.Ordinal);
        while (used.Contains(Format(time)))
        {
            time = time.AddSeconds(1); // two files made within one second
        }

        return Format(time);

        static string Format(DateTime time) => time.ToString(TimestampFormat, CultureInfo.InvariantCulture);
    }
}
