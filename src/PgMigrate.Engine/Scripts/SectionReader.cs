namespace PgMigrate.Scripts;

/// <summary>A part of a file, in UTF-16 units from its start.</summary>
/// <param name="Start">Offset of its first character.</param>
/// <param name="End">Offset behind its last; <see cref="long.MaxValue"/> for the end of the file.</param>
internal readonly record struct TextRange(long Start, long End)
{
    /// <summary>All of a file.</summary>
    public static TextRange Whole { get; } = new(0, long.MaxValue);
}

/// <summary>
/// Finds out which part of a file is UP and which is DOWN. It is fed with the elements of the file in their order and
/// holds no text. Here: all of it is UP.
/// </summary>
internal class SectionReader
{
    /// <summary>What is wrong with the sections; complete after <see cref="Finish"/>.</summary>
    public List<MigrationProblem> Problems { get; } = [];

    /// <summary>The section that the text is in now; null where it is in none.</summary>
    public virtual SectionKind? Current => SectionKind.Up;

    /// <summary>Where the section starts that the text is in now.</summary>
    public virtual long CurrentStart => 0;

    /// <summary>True when a line has started a section.</summary>
    public virtual bool HasSections => false;

    /// <summary>What is applied.</summary>
    public virtual TextRange Up => TextRange.Whole;

    /// <summary>What undoes it; null when the file has no such part.</summary>
    public virtual TextRange? Down => null;

    /// <summary>The line that starts DOWN, from 1.</summary>
    public virtual int DownLine => 1;

    /// <summary>How UP is run, where the format says so in the file; null when it does not.</summary>
    public virtual ScriptTransaction? UpTransaction => null;

    /// <summary>The same for DOWN.</summary>
    public virtual ScriptTransaction? DownTransaction => null;

    /// <summary>True when conditions of psql count: a comment in a branch that is not taken says nothing.</summary>
    public virtual bool FollowsConditions => false;

    /// <summary>Takes the next element.</summary>
    public virtual void Take(ScriptElement element)
    {
    }

    /// <summary>True for a comment that belongs to the format and is no header line.</summary>
    public virtual bool Owns(ScriptElement.Comment comment) => false;

    /// <summary>Decides what the end of the file decides.</summary>
    public virtual void Finish()
    {
    }
}
