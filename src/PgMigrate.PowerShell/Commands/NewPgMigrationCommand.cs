using System.Management.Automation;
using PgMigrate.Authoring;
using PgMigrate.Errors;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Writes the next migration file; never overwrites one.</summary>
[Cmdlet(
    VerbsCommon.New,
    "PgMigration",
    SupportsShouldProcess = true,
    DefaultParameterSetName = "Path",
    HelpUri = HelpPages.Root + "New-PgMigration.md")]
[OutputType(typeof(FileInfo))]
public sealed class NewPgMigrationCommand : PgMigrateCommand
{
    /// <summary>What the migration does, in a few words.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Migrations folder; it is created when it is missing.</summary>
    [Parameter(Position = 1, ParameterSetName = "Path")]
    [Alias("Folder")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Migrations folder, without wildcards.</summary>
    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>How the version is chosen.</summary>
    [Parameter]
    public MigrationNumbering Numbering { get; set; }

    /// <summary>SQL of the UP section.</summary>
    [Parameter]
    public string? Content { get; set; }

    /// <summary>SQL of the DOWN section.</summary>
    [Parameter]
    public string? Down { get; set; }

    /// <summary>One line for the header.</summary>
    [Parameter]
    public string? Description { get; set; }

    /// <summary>Migrations that it depends on, by name or version.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Depends { get; set; }

    /// <summary>Writes BEGIN and COMMIT around the content; PgMigrate runs it in one transaction either way.</summary>
    [Parameter]
    public SwitchParameter Transaction { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var folder = FolderPath.ResolveNew(this, Path, LiteralPath);
            var request = new MigrationDraftRequest(Name, Numbering, Content, Down, Description, DateTimeOffset.UtcNow)
            {
                DependsOn = Depends ?? [],
                InTransaction = Transaction,
            };
            var draft = Wait(token => MigrationWriter.DraftAsync(folder, request, token));
            if (ShouldProcess(draft.FilePath, "Write migration file"))
            {
                var file = Wait(token => MigrationWriter.CreateAsync(draft, request, token));
                // Through the provider, so that the object has the paths that other cmdlets bind.
                WriteObject(InvokeProvider.Item.Get([file.FullName], true, true), true);
            }
        }
        catch (PgMigrateException e)
        {
            Fail(e, Name);
        }
    }
}
