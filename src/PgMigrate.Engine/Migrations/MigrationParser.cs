using PgMigrate.Files;
using PgMigrate.Scripts;
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
    private const string NoTransaction = "-- pgmigrate: no-transaction";

    /// <summary>Parses one migration; problems are part of the answer, never exceptions.</summary>
    internal static ParsedMigration Parse(MigrationFormat format, FormatFile file, FileText up, FileText? down)
    {
        var source = up.Source;
        var split = SqlSplitter.Split(format.TextToSplit(source.Text));
        var parts = format.Divide(source, split, file);
        var problems = parts.Problems.ToList();
        AddSplitError(source, split, problems);
        var undo = down is null ? ParseDown(up, split, parts) : ParseDownFile(format, file, down, problems);
        var script = ScriptParser.Parse(source, split, parts.Up, parts.UpTransaction, up.Files);
        if (up.Files.Files.Count > 0 || down?.Files.Files.Count > 0)
        {
            var rules = format.RulesFor(file);
            script = IncludedMarks.Refuse(script, rules, SectionKind.Up);
            undo.Script = undo.Script is { } way ? IncludedMarks.Refuse(way, rules, SectionKind.Down) : null;
        }

        problems.AddRange(VariablesOfUp.FindIn(down is null ? undo.Script : null, script));
        var hasDown = IsUndo(format, file, undo.Script);
        return new ParsedMigration
        {
            UpChecksum = MigrationChecksum.Of(up.Files.Expand(source, split, parts.Up)),
            Up = script,
            Down = hasDown ? undo.Script : null,
            DownText = hasDown ? undo.Text : null,
            Description = parts.Description,
            DependsOn = parts.DependsOn,
            AllowsOutOfOrder = parts.AllowsOutOfOrder,
            Problems = problems,
        };
    }

    /// <summary>True for a DOWN script that can be run.</summary>
    /// <remarks>
    /// A script that holds no SQL is none of ours: running it would delete the record and leave every object. Other tools
    /// do just that.
    /// </remarks>
    internal static bool IsUndo(MigrationFormat format, FormatFile file, SqlScript? down) => down is { IsEmpty: false }
        || (down is not null && format.RunsEmptyDown && (file.DownPath is not null || !format.RulesFor(file).HasSections));

    /// <summary>Checksum of a DOWN file as it is recorded when a file beside it puts it outside a transaction.</summary>
    internal static string RecordedChecksum(FileText down) =>
        MigrationChecksum.Of(ToRecord(down.Expanded, ScriptTransaction.None));

    private static (SqlScript? Script, string Text) ParseDown(FileText file, SqlSplit split, FileParts parts)
    {
        if (parts.Down is not { } range)
        {
            return (null, "");
        }

        var script = ScriptParser.Parse(file.Source, split, range, parts.DownTransaction, file.Files);
        // Without the lines that only the other tool reads, the text has to end its statements itself.
        var text = split.Text == file.Source.Text
            ? file.Files.Expand(file.Source, split, range)
            : split.Text[range.Start..range.End];
        return (script, ToRecord(text, parts.DownTransaction));
    }

    /// <summary>A DOWN section out of a file too large to be held, and its text as it is recorded.</summary>
    internal static (SqlScript Script, string Text) ParseDownSection(
        MigrationFormat format, SqlSource section, ScriptTransaction transaction)
    {
        var split = SqlSplitter.Split(format.TextToSplit(section.Text));
        var script = ScriptParser.Parse(
            section, split, new SqlRange(0, section.Text.Length), transaction, IncludedFiles.None);
        if (split.Error is { } error)
        {
            script = script with
            {
                Problems = [.. script.Problems, section.Problem(error.Code, error.Message, error.Offset)],
            };
        }

        return (script, ToRecord(split.Text, transaction));
    }

    /// <summary>The separate DOWN file of a migration, and its text as it is recorded.</summary>
    internal static (SqlScript? Script, string Text) ParseDownFile(
        MigrationFormat format, FormatFile file, FileText down, List<MigrationProblem> problems)
    {
        var source = down.Source;
        var split = SqlSplitter.Split(source.Text);
        var parts = format.DivideDown(source, split, file);
        problems.AddRange(parts.Problems);
        AddSplitError(source, split, problems);
        var whole = new SqlRange(0, source.Text.Length);
        return (
            ScriptParser.Parse(source, split, whole, parts.DownTransaction, down.Files),
            ToRecord(down.Expanded, parts.DownTransaction));
    }

    // What stands beside the DOWN text in the files is gone when it is run from its record.
    private static string ToRecord(string text, ScriptTransaction transaction)
    {
        var trimmed = text.Trim();
        return transaction == ScriptTransaction.Wrapped || trimmed.Contains("no-transaction", StringComparison.Ordinal)
            ? trimmed
            : $"{NoTransaction}\n{trimmed}";
    }

    private static void AddSplitError(SqlSource source, SqlSplit split, List<MigrationProblem> problems)
    {
        if (split.Error is { } error)
        {
            problems.Add(source.Problem(error.Code, error.Message, error.Offset));
        }
    }

    /// <summary>Parses a recorded DOWN text, whose lines are counted from its own start.</summary>
    public static SqlScript ParseRecorded(string fileName, string text)
    {
        var source = new SqlSource(fileName, null, text);
        var split = SqlSplitter.Split(text);
        var header = FileOutline.Of(source, split, FormatRules.Native).Header;
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
