namespace PgMigrate.Scripts;

/// <summary>A part of a file, in UTF-16 units from its start.</summary>
/// <param name="Start">Offset of its first character.</param>
/// <param name="End">Offset after its last; <see cref="long.MaxValue"/> for the end of the file.</param>
internal readonly record struct TextRange(long Start, long End)
{
    /// <summary>All of a file.</summary>
    public static TextRange Whole { get; } = new(0, long.MaxValue);
}

/// <summary>A section of a file.</summary>
/// <param name="Range">Its text.</param>
/// <param name="Line">The line that starts it, from 1.</param>
/// <param name="Transaction">Its transaction mode, where the format has it in the file; null when it does not.</param>
internal readonly record struct FileSection(TextRange Range, int Line = 1, ScriptTransaction? Transaction = null);

/// <summary>
/// Finds the sections of a file. It gets the elements of the file in order and keeps no text. This base
/// class: all of the file is UP.
/// </summary>
internal class SectionReader
{
    /// <summary>The problems of the sections; complete after <see cref="Finish"/>.</summary>
    public List<MigrationProblem> Problems { get; } = [];

    /// <summary>The current section; null outside of sections.</summary>
    public virtual ScriptPartKind? Current => ScriptPartKind.Up;

    /// <summary>Start of the current section.</summary>
    public virtual long CurrentStart => 0;

    /// <summary>True when a line has started a section.</summary>
    public virtual bool HasSections => false;

    /// <summary>True when \if counts: a comment in a branch that is not taken is ignored.</summary>
    public virtual bool FollowsConditions => false;

    /// <summary>The section of a kind; null when the file has none.</summary>
    public virtual FileSection? SectionOf(ScriptPartKind kind) =>
        kind == ScriptPartKind.Up ? new FileSection(TextRange.Whole) : null;

    /// <summary>Adds the next element.</summary>
    public virtual void Take(ScriptElement element)
    {
    }

    /// <summary>True for a comment that belongs to the format and is not a header line.</summary>
    public virtual bool Owns(ScriptElement.Comment comment) => false;

    /// <summary>Finishes with the end of the file.</summary>
    public virtual void Finish()
    {
    }
}
