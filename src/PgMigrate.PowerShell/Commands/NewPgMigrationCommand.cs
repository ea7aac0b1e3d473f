using System.Collections;
using System.Management.Automation;
using PgMigrate.Authoring;
using PgMigrate.Autogenerate;
using PgMigrate.Errors;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Writes the next migration file; never overwrites one.</summary>
[Cmdlet(
    VerbsCommon.New,
    "PgMigration",
    SupportsShouldProcess = true,
    DefaultParameterSetName = PathSet,
    HelpUri = HelpPages.Root + "New-PgMigration.md")]
[OutputType(typeof(FileInfo))]
public sealed class NewPgMigrationCommand : PgSchemaCommand
{
    /// <summary>What the migration does, in a few words.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

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

    /// <summary>With -SchemaPath: the database is the current state, and not the replayed folder.</summary>
    [Parameter]
    public SwitchParameter FromDatabase { get; set; }

    /// <summary>With -SchemaPath: allows the UP part to lose rows and values.</summary>
    [Parameter]
    public SwitchParameter AllowDataLoss { get; set; }

    /// <summary>With -SchemaPath: objects that were renamed, the old name as key and the new one as value.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Rename { get; set; }

    /// <summary>With -SchemaPath: writes forms that lock tables briefly, in several files where needed.</summary>
    [Parameter]
    public SwitchParameter Online { get; set; }

    /// <summary>With -SchemaPath: compares and writes privileges.</summary>
    [Parameter]
    public SwitchParameter IncludePrivileges { get; set; }

    /// <summary>With -SchemaPath: compares and writes owners.</summary>
    [Parameter]
    public SwitchParameter IncludeOwner { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            ApplySettings();
            var folder = FolderPath.ResolveNew(this, Single(Path), Single(LiteralPath));
            var request = new MigrationDraftRequest(Name, Numbering, Content, Down, Description, DateTimeOffset.UtcNow)
            {
                DependsOn = Depends ?? [],
                InTransaction = Transaction,
            };
            if (SchemaPath is null)
            {
                RequireSchemaPath();
                Write(folder, request);
                return;
            }

            if (Content is not null || Down is not null || Transaction)
            {
                throw new InitializationException(
                    ErrorCodes.ParametersContradict,
                    "-SchemaPath writes the content itself. Leave -Content, -Down and -Transaction out.");
            }

            WriteDrafted(folder, request);
        }
        catch (Exception e) when (IsExpected(e))
        {
            Fail(e, Name);
        }
    }

    private static string? Single(string[]? paths) => paths switch
    {
        null => null,
        [var one] => one,
        _ => throw new InitializationException(
            ErrorCodes.FolderAmbiguous, "A new migration is written into one folder. Name one with -Path."),
    };

    private void RequireSchemaPath()
    {
        if ((Rename is not null ? nameof(Rename) : Online ? nameof(Online) : null) is { } name)
        {
            throw new InitializationException(
                ErrorCodes.ParametersContradict,
                $"-{name} says how the comparison of -SchemaPath becomes a migration. Add -SchemaPath, or leave "
                    + $"-{name} out.");
        }
    }

    private void WriteDrafted(string folder, MigrationDraftRequest request)
    {
        var scope = ReadScope(folder);
        var author = new AuthorRequest
        {
            SchemaPath = FullSchemaPath,
            Options = scope.Options,
            Scratch = ReadScratch(scope.Target),
            Comparison = new SchemaComparison { IncludePrivileges = IncludePrivileges, IncludeOwner = IncludeOwner },
            FromDatabase = FromDatabase,
            AllowDataLoss = AllowDataLoss,
            Renames = RenamePairs.Read(Rename),
            Online = Online,
        };
        var progress = new ProgressRecord(0, "New-PgMigration", "Starting");
        IReadOnlyList<DraftedFile> files = [];
        Pump(
            token => SchemaAuthor.DraftAsync(author, token),
            happened =>
            {
                switch (happened)
                {
                    case AuthorStage stage:
                        progress.StatusDescription = stage.Activity;
                        progress.PercentComplete = stage.Percent;
                        WriteProgress(progress);
                        WriteVerbose($"{stage.Activity}.");
                        break;
                    case AuthorWarning warning:
                        WriteWarning(warning.Problem.ToString());
                        break;
                    case AuthorDraft draft:
                        files = draft.Files;
                        break;
                    default:
                        break;
                }
            });
        progress.RecordType = ProgressRecordType.Completed;
        WriteProgress(progress);
        if (files.Count == 0)
        {
            WriteWarning($"The schema of '{SchemaPath}' is what the migrations make already: no file was written.");
            return;
        }

        var needed = request.DependsOn;
        foreach (var file in files)
        {
            var name = file.Suffix.Length == 0 ? request.Name : $"{request.Name} {file.Suffix}";
            var path = Write(folder,
                request with { Name = name, Content = file.Up, Down = file.Down, DependsOn = needed });
            needed = path is null ? needed : [System.IO.Path.GetFileNameWithoutExtension(path)];
        }
    }

    private string? Write(string folder, MigrationDraftRequest request)
    {
        var draft = Wait(token => MigrationWriter.DraftAsync(folder, request, token));
        if (!ShouldProcess(draft.FilePath, "Write migration file"))
        {
            if (SchemaPath is not null)
            {
                Tell(draft.Text);
            }

            return null;
        }

        var file = Wait(token => MigrationWriter.CreateAsync(draft, request, token));
        // Through the provider, so that the object has the paths other cmdlets bind.
        WriteObject(InvokeProvider.Item.Get([file.FullName], true, true), true);
        return file.FullName;
    }
}
