using System.Management.Automation;
using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;
using PgMigrate.PowerShell.Output;

namespace PgMigrate.PowerShell.Commands;

/// <summary>The migrations of a folder as objects; uses no database.</summary>
[Cmdlet(
    VerbsCommon.Get,
    "PgMigration",
    DefaultParameterSetName = "Path",
    HelpUri = HelpPages.Root + "Get-PgMigration.md")]
[OutputType(typeof(MigrationFile))]
public sealed class GetPgMigrationCommand : PgFolderCommand
{
    /// <summary>Only these, by version or name.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string[]? Version { get; set; }

    /// <inheritdoc/>
    [Parameter(Position = 1, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
    [Alias("Folders", "Folder")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public override string[]? Path { get; set; }

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

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Version is not null && (From is not null || To is not null))
        {
            Fail(
                new InitializationException(
                    ErrorCodes.ParametersContradict,
                    $"-Version and {new VersionBounds(From, To)} contradict each other. Use only one."),
                null);
        }
    }

    private protected override void Process(MigrationFolderContent folder)
    {
        WriteEach(Choose(folder));
        foreach (var problem in FolderFiles.ProblemsOf(folder))
        {
            Write(problem);
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

    // An unreadable file is an error next to the readable files.
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
