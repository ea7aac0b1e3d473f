namespace PgMigrate;

/// <summary>One migration of a folder, read without a database: what <c>Get-PgMigration</c> emits.</summary>
public sealed record MigrationFile
{
    /// <summary>Position in the plan's order, from 1.</summary>
    public required int Order { get; init; }

    /// <summary>Canonical version: no leading zeros.</summary>
    public required string Version { get; init; }

    /// <summary>The version as text that sorts and compares as versions do, in any comparison of texts.</summary>
    public required string VersionKey { get; init; }

    /// <summary>File name without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>File name.</summary>
    public required string FileName { get; init; }

    /// <summary>Full path of the file that is applied.</summary>
    public required string FilePath { get; init; }

    /// <summary>Full path of the migrations folder that contains the file.</summary>
    public required string Folder { get; init; }

    /// <summary>Full paths of all folders of the set; the next cmdlet of a pipeline reads them.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>Stable name of the format of the file, such as <c>native</c> or <c>goose</c>.</summary>
    public required string Format { get; init; }

    /// <summary><c>Versioned</c>, <c>Repeatable</c> or <c>BaselineScript</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Number of statements that an apply runs.</summary>
    public required int StatementCount { get; init; }

    /// <summary>True when the file, or its separate DOWN file, has a DOWN script.</summary>
    public bool HasUndo { get; init; }

    /// <summary>
    /// True when an apply runs it in a transaction; false when each statement is committed by itself.
    /// </summary>
    public bool Transaction { get; init; }

    /// <summary>True when it is still the template of <c>New-PgMigration</c>: an apply leaves it pending.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>From the file's <c>-- Description:</c> line.</summary>
    public string? Description { get; init; }

    /// <summary>From the file's <c>-- Depends:</c> line.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>SHA-256 of the file, 64 hexadecimal digits.</summary>
    public required string Checksum { get; init; }

    /// <summary>File name.</summary>
    public override string ToString() => ConsoleText.Guard(FileName);
}
