using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>What the text of a migration file says.</summary>
public sealed record ParsedMigration
{
    /// <summary>SHA-256 of the UP text.</summary>
    public required string UpChecksum { get; init; }

    /// <summary>What an apply runs.</summary>
    public required SqlScript Up { get; init; }

    /// <summary>What an undo runs; null when there is no DOWN section with a statement in it.</summary>
    public SqlScript? Down { get; init; }

    /// <summary>Text of the DOWN section, trimmed.</summary>
    public string? DownText { get; init; }

    /// <summary>From the <c>-- Description:</c> line.</summary>
    public string? Description { get; init; }

    /// <summary>From the <c>-- Depends:</c> lines.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>True when the file itself allows to be applied late.</summary>
    public bool AllowsOutOfOrder { get; init; }

    /// <summary>
    /// What is wrong with the file as a whole; what keeps only one of its scripts from running stands in that script.
    /// </summary>
    public required IReadOnlyList<MigrationProblem> Problems { get; init; }
}

/// <summary>Turns the text of a file into scripts; pure.</summary>
public static class MigrationParser
{
    /// <summary>Parses one file; problems are part of the answer, never exceptions.</summary>
    public static ParsedMigration Parse(SqlSource source, IncludedFiles files)
    {
        var split = SqlSplitter.Split(source.Text);
        var header = MigrationHeader.Read(source, split.LineComments);
        var sections = MigrationSections.Find(source, split);
        var problems = new List<MigrationProblem>([.. header.Problems, .. sections.Problems]);
        if (split.Error is { } error)
        {
            problems.Add(source.Problem(error.Code, error.Message, error.Offset));
        }

        var upRange = sections.RangeOf(SectionKind.Up) ?? default;
        var transaction = header.Transaction;
        var down = sections.RangeOf(SectionKind.Down) is { } range
            ? ScriptParser.Parse(source, split, range, transaction, files)
            : null;
        var hasDown = down is { IsEmpty: false };
        return new ParsedMigration
        {
            UpChecksum = MigrationChecksum.Of(files.Expand(source, split, upRange)),
            Up = ScriptParser.Parse(source, split, upRange, transaction, files),
            // A DOWN section that holds no SQL is no undo: running it would delete the record and leave every object.
            Down = hasDown ? down : null,
            DownText = hasDown ? files.Expand(source, split, sections.RangeOf(SectionKind.Down)!.Value).Trim() : null,
            Description = header.Description,
            DependsOn = header.DependsOn,
            AllowsOutOfOrder = header.AllowsOutOfOrder,
            Problems = problems,
        };
    }

    /// <summary>Parses a recorded DOWN text, whose lines are counted from its own start.</summary>
    public static SqlScript ParseRecorded(string fileName, string text)
    {
        var source = new SqlSource(fileName, null, text);
        var split = SqlSplitter.Split(text);
        var header = MigrationHeader.Read(source, split.LineComments);
        var script = ScriptParser.Parse(
            source, split, new SqlRange(0, text.Length), header.Transaction, IncludedFiles.None);
        return split.Error is { } error
            ? script with
            {
                Problems = [.. script.Problems, source.Problem(error.Code, error.Message, error.Offset)],
            }
            : script;
    }
}
