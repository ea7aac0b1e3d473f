using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>Turns the text of a file into a migration; pure.</summary>
public static class MigrationParser
{
    /// <summary>
    /// Parses one file. Problems of the file as a whole go to <paramref name="problems"/>; what keeps only one of its
    /// scripts from running stands in that script.
    /// </summary>
    public static Migration Parse(
        MigrationFileName file, string filePath, string text, out IReadOnlyList<MigrationProblem> problems)
    {
        var context = new FileContext(file.FileName, filePath, text);
        var split = SqlSplitter.Split(text);
        var header = MigrationHeader.Read(context, split.LineComments);
        var sections = MigrationSections.Find(context, split);
        var found = new List<MigrationProblem>([.. header.Problems, .. sections.Problems]);
        if (split.Error is { } error)
        {
            found.Add(context.Problem(error.Code, error.Message, error.Offset));
        }

        problems = found;
        var upText = sections.TextOf(SectionKind.Up, text);
        var down = ReadDown(context, split, sections, header);
        return new Migration
        {
            File = file,
            FilePath = filePath,
            Checksum = MigrationChecksum.Of(text),
            UpChecksum = MigrationChecksum.Of(upText),
            Up = ScriptParser.Parse(context, split, sections.RangeOf(SectionKind.Up), header),
            Down = down,
            DownText = down is null ? null : sections.TextOf(SectionKind.Down, text),
            Description = header.Description,
            DependsOn = header.DependsOn,
            AllowsOutOfOrder = header.AllowsOutOfOrder,
        };
    }

    // A DOWN section that holds no SQL is no undo: running it would delete the record and leave every object.
    private static SqlScript? ReadDown(
        FileContext context, SqlSplit split, MigrationSections sections, MigrationHeader header)
    {
        if (sections.RangeOf(SectionKind.Down) is not { } range)
        {
            return null;
        }

        var script = ScriptParser.Parse(context, split, range, header);
        return script.Statements.Count == 0 && script.Problems.Count == 0 ? null : script;
    }

    /// <summary>Parses a recorded DOWN text, whose lines are counted from its own start.</summary>
    public static SqlScript ParseRecorded(string fileName, string text)
    {
        var context = new FileContext(fileName, null, text);
        var split = SqlSplitter.Split(text);
        var header = MigrationHeader.Read(context, split.LineComments);
        var script = ScriptParser.Parse(context, split, new SqlRange(0, text.Length), header);
        return split.Error is { } error
            ? script with
            {
                Problems = [.. script.Problems, context.Problem(error.Code, error.Message, error.Offset)],
            }
            : script;
    }
}

/// <summary>A file while it is parsed: names for problems, text for positions.</summary>
/// <param name="FileName">File name.</param>
/// <param name="FilePath">Full path; null for a recorded text.</param>
/// <param name="Text">The text that offsets point into.</param>
internal sealed record FileContext(string FileName, string? FilePath, string Text)
{
    /// <summary>An error at a place of the file.</summary>
    public MigrationProblem Problem(string code, string message, int offset)
    {
        var (line, column) = SqlPosition.At(Text, offset);
        return new MigrationProblem
        {
            Code = code,
            Message = message,
            FileName = FileName,
            FilePath = FilePath,
            Line = line,
            Column = column,
        };
    }
}
