using System.Management.Automation;
using PgMigrate.Authoring;
using PgMigrate.Errors;
using PgMigrate.PowerShell.Base;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Starts a project: the folder with a first file to fill in, and the tracking table.</summary>
[Cmdlet(
    VerbsData.Initialize,
    "PgMigration",
    SupportsShouldProcess = true,
    DefaultParameterSetName = PathSet,
    HelpUri = HelpPages.Root + "Initialize-PgMigration.md")]
[OutputType(typeof(MigrationStatusSummary))]
public sealed class InitializePgMigrationCommand : PgDatabaseCommand
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("Folders", "Folder")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public override string[]? Path { get; set; }

    /// <summary>Creates the schema given with -Schema when it is missing.</summary>
    [Parameter]
    public SwitchParameter CreateSchema { get; set; }

    /// <summary>Accepts a folder that already contains files, and leaves them unchanged.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var scope = ReadScope();
            var folder = scope.Options.FolderPaths is [var one] ? one : throw new InitializationException(
                ErrorCodes.FolderAmbiguous, "A project starts with one folder. Name one with -Path.");
            var isEmpty = !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any();
            if (!isEmpty && !Force)
            {
                throw new InitializationException(
                    ErrorCodes.FolderNotEmpty,
                    $"The folder '{folder}' already contains files. Add -Force to keep them and create only the "
                    + "tracking table, or name another folder with -Path.");
            }

            if (ShouldProcess($"{folder} and {scope.Target}", "Create the migrations folder and the tracking table"))
            {
                Initialize(scope, folder, isEmpty);
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, null);
        }
    }

    // The database first: if it fails, no folder is left behind.
    private void Initialize(Scope scope, string folder, bool isEmpty)
    {
        var options = scope.Options with { CreateSchema = CreateSchema };
        var tables = Wait(token => Migrator.OpenAsync(scope.Target, options with { FolderPaths = [] }, token));
        try
        {
            Wait(token => tables.InitializeAsync(new RunOptions(), token));
        }
        finally
        {
            Wait(_ => tables.DisposeAsync().AsTask());
        }

        if (isEmpty)
        {
            WriteSample(folder);
        }

        var migrator = Wait(token => Migrator.OpenAsync(scope.Target, options, token));
        try
        {
            WriteObject(Wait(migrator.GetSummaryAsync));
        }
        finally
        {
            Wait(_ => migrator.DisposeAsync().AsTask());
        }
    }

    private void WriteSample(string folder)
    {
        var request = new MigrationDraftRequest(
            "first migration", MigrationNumbering.Auto, null, null, "what this migration is for",
            DateTimeOffset.UtcNow);
        var draft = Wait(token => MigrationWriter.DraftAsync(folder, request, token));
        Wait(token => MigrationWriter.WriteAsync(draft, token));
    }
}
