namespace PgMigrate.Errors;

/// <content>The text of a file.</content>
public static partial class ErrorCodes
{
    /// <summary>An annotation does not start its line.</summary>
    public const string AnnotationIndented = nameof(AnnotationIndented);

    /// <summary>An annotation is inside a statement or a text.</summary>
    public const string AnnotationInsideStatement = nameof(AnnotationInsideStatement);

    /// <summary>An annotation is not allowed at its position.</summary>
    public const string AnnotationMisplaced = nameof(AnnotationMisplaced);

    /// <summary>
    /// An invisible or look-alike character hides the command of a statement.
    /// </summary>
    public const string CharacterInvisible = nameof(CharacterInvisible);

    /// <summary>The encoding of the database lacks a character of the file.</summary>
    public const string CharacterNotStorable = nameof(CharacterNotStorable);

    /// <summary>The rows of a COPY have no end.</summary>
    public const string CopyNotEnded = nameof(CopyNotEnded);

    /// <summary>A COPY cannot run from a file: it is binary, or sends rows to the client.</summary>
    public const string CopyNotSupported = nameof(CopyNotSupported);

    /// <summary>The dependencies are circular.</summary>
    public const string DependencyCycle = nameof(DependencyCycle);

    /// <summary>A file depends on a migration that does not exist.</summary>
    public const string DependencyMissing = nameof(DependencyMissing);

    /// <summary>A file depends on a pending migration that was not chosen.</summary>
    public const string DependencyNotChosen = nameof(DependencyNotChosen);

    /// <summary>A directive is inside an \if that depends on a variable.</summary>
    public const string DirectiveConditional = nameof(DirectiveConditional);

    /// <summary>A directive is not known.</summary>
    public const string DirectiveUnknown = nameof(DirectiveUnknown);

    /// <summary>The DOWN section is too large to record.</summary>
    public const string DownTooLarge = nameof(DownTooLarge);

    /// <summary>Environment variables are not substituted in files.</summary>
    public const string EnvironmentNotSupported = nameof(EnvironmentNotSupported);

    /// <summary>A placeholder of Flyway has no value.</summary>
    public const string FlywayPlaceholder = nameof(FlywayPlaceholder);

    /// <summary>
    /// An included file is missing, includes itself, or has lines that only the migration's own file may have.
    /// </summary>
    public const string IncludeInvalid = nameof(IncludeInvalid);

    /// <summary>A psql command or rows of COPY are in the middle of a statement.</summary>
    public const string InterruptedStatement = nameof(InterruptedStatement);

    /// <summary>A file depends on a migration of another module that is not applied.</summary>
    public const string ModuleDependencyMissing = nameof(ModuleDependencyMissing);

    /// <summary>A file contains no statement.</summary>
    public const string NoStatement = nameof(NoStatement);

    /// <summary>A placeholder has no value, or is not allowed at its position.</summary>
    public const string PlaceholderInvalid = nameof(PlaceholderInvalid);

    /// <summary>A psql command has wrong arguments, or an \if and its \endif do not match.</summary>
    public const string PsqlCommandInvalid = nameof(PsqlCommandInvalid);

    /// <summary>A psql command is not supported.</summary>
    public const string PsqlCommandNotSupported = nameof(PsqlCommandNotSupported);

    /// <summary>A psql variable has no value.</summary>
    public const string PsqlVariableUnknown = nameof(PsqlVariableUnknown);

    /// <summary>A section starts more than once.</summary>
    public const string SectionDuplicate = nameof(SectionDuplicate);

    /// <summary>A section marker is inside a statement.</summary>
    public const string SectionInsideStatement = nameof(SectionInsideStatement);

    /// <summary>A comment may or may not start a section.</summary>
    public const string SectionMarkerUnclear = nameof(SectionMarkerUnclear);

    /// <summary>A section that the format requires is missing.</summary>
    public const string SectionMissing = nameof(SectionMissing);

    /// <summary>A file is the template that New-PgMigration wrote.</summary>
    public const string TemplateUntouched = nameof(TemplateUntouched);

    /// <summary>A statement before the UP marker would never run.</summary>
    public const string TextBeforeUp = nameof(TextBeforeUp);

    /// <summary>A migration has a DOWN section and a DOWN file.</summary>
    public const string UndoTwice = nameof(UndoTwice);

    /// <summary>A block comment has no end.</summary>
    public const string UnterminatedComment = nameof(UnterminatedComment);

    /// <summary>A dollar-quoted text has no end.</summary>
    public const string UnterminatedDollarQuote = nameof(UnterminatedDollarQuote);

    /// <summary>A quoted identifier has no end.</summary>
    public const string UnterminatedIdentifier = nameof(UnterminatedIdentifier);

    /// <summary>A string constant has no end.</summary>
    public const string UnterminatedString = nameof(UnterminatedString);
}
