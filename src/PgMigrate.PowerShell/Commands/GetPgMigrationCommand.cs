using System.Management.Automation;
using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;
using PgMigrate.PowerShell.Output;

namespace PgMigrate.PowerShell.Commands;

/// <summary>The migrations of a folder as objects; no database is asked.</summary>
[Cmdlet(VerbsCommon.Get, "PgMigration", DefaultParameterSetName = "Path")]
[OutputType(typeof(MigrationFile))]
public sealed class GetPgMigrationCommand : PgMigrateCommand
{
    /// <summary>Only these, by version or name.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string[]? Version { get; set; }

    /// <summary>Migrations folders, read as one set.</summary>
    [Parameter(Position = 1, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
    [Alias("Folders", "Folder")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Migrations folders, without wildcards.</summary>
    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>The first version of a range, which is included; it need not exist.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string? From { get; set; }

    /// <summary>The last version of a range, which is included; it need not exist.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string? To { get; set; }

    /// <summary>Includes files without a version, after all others.</summary>
    [Parameter]
    public SwitchParameter AllowUnversioned { get; set; }

    private bool _isPathTyped;

    /// <summary>Only what the user wrote is bound by now: what a piped object names is there, and no wildcard.</summary>
    protected override void BeginProcessing()
    {
        _isPathTyped = Path is not null;
        if (Version is not null && (From is not null || To is not null))
        {
            Fail(
                new InitializationException(
                    "ParametersContradict",
                    $"-Version and {new VersionBounds(From, To)} contradict each other. Give one."),
                null);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var paths = FolderPath.Resolve(this, Path, _isPathTyped ? LiteralPath : LiteralPath ?? Path, null);
            var folder = Wait(token => MigrationFolder.ReadAsync(paths, AllowUnversioned, token));
            WriteEach(Choose(folder));
            foreach (var problem in FolderFiles.ProblemsOf(folder))
            {
                Write(problem);
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            Fail(e, null);
        }
    }

    private IEnumerable<MigrationFile> Choose(MigrationFolderContent folder)
    {
        var files = FolderFiles.List(folder);
        if (Version is not null)
        {
            var found = Version.SelectMany(version => Find(files, version)).ToHashSet();
            return files.Where(found.Contains);
        }

        if (From is null && To is null)
        {
            return files;
        }

        var range = VersionRange.Of(new VersionBounds(From, To), folder);
        return files.Where(file => range.Holds(folder.VersionOf(file.Version)));
    }

    private static IReadOnlyList<MigrationFile> Find(IReadOnlyList<MigrationFile> files, string version)
    {
        var found = VersionPattern.Find(version, files, file => (file.Version, file.FileName));
        return found.Count > 0 ? found : throw VersionPattern.NotFound(version, "in the folder");
    }

    // A file that cannot be read is an error beside those that can.
    private void Write(MigrationProblem problem)
    {
        if (problem.Is(ProblemSeverity.Warning))
        {
            WriteProblems([problem]);
            return;
        }

        var exception = PlanBlockedException.For([problem]);
        WriteError(ErrorRecords.From(exception, Summarise(exception)));
    }
}
