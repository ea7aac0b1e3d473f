using System.Globalization;
using System.Management.Automation;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Deletes rows of the tracking table and changes no other object.</summary>
[Cmdlet(
    VerbsCommon.Remove,
    "PgMigrationRecord",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    DefaultParameterSetName = PathSet,
    HelpUri = HelpPages.Root + "Remove-PgMigrationRecord.md")]
[OutputType(typeof(MigrationStatus))]
public sealed class RemovePgMigrationRecordCommand : PgDatabaseCommand
{
    private readonly PipedSelection _selection = new();

    /// <summary>Which records, by version or name.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string[] Version { get; set; } = [];

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

    /// <summary>How long to wait for the lock of another run.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan LockWait { get; set; } = TimeSpan.FromSeconds(60);

    private VersionBounds? Bounds => From is null && To is null ? null : new VersionBounds(From, To);

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Bounds is not null && IsOnCommandLine(nameof(Version)))
        {
            Fail(
                new InitializationException(
                    ErrorCodes.ParametersContradict, $"-Version and {Bounds} contradict each other. Use only one."),
                null);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            if (Version.Length == 0 && Bounds is null)
            {
                throw new InitializationException(
                    ErrorCodes.ParametersContradict,
                    "Name the records with -Version, or a range of them with -From and -To, or pipe their statuses "
                        + "in.");
            }

            var scope = ReadScope();
            _selection.Add(scope.Target, scope.Options, Version);
        }
        catch (PgMigrateException e)
        {
            ReportOnce(e);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (IsMismatched)
        {
            return;
        }

        foreach (var (target, options, versions) in _selection.Groups)
        {
            try
            {
                Remove(target, options, versions);
            }
            catch (Exception e) when (IsExpected(e))
            {
                Report(e, new RunCollector(RunOrigin.Of(options, target.Connection)).ToSummary([], e));
            }
        }
    }

    private IReadOnlyList<MigrationStatus> Find(Migrator migrator, IReadOnlyList<string> versions)
    {
        var named = versions.Count == 0 ? null : Wait(token => migrator.FindRecordsAsync(versions, token));
        if (Bounds is not { } bounds)
        {
            return named!;
        }

        var within = Wait(token => migrator.FindRecordsAsync(bounds, token));
        var rows = named is null ? within
            : within.IntersectBy(named.Select(row => row.Version), row => row.Version).ToList();
        if (rows.Count == 0)
        {
            Tell($"Nothing to remove: no record of {migrator.Module} on {migrator.Connection} is in the range "
                + $"{bounds}.");
        }

        return rows;
    }

    private static string Sentence(MigrationStatus row, DatabaseTarget target) => string.Create(
        CultureInfo.InvariantCulture,
        $"Remove the record of {row.FileName} (applied {row.AppliedAt:u}) in {row.Schema}.{row.HistoryTable} of "
            + $"{target}, ")
        + "and leave its objects";

    private void Remove(DatabaseTarget target, MigratorOptions options, IReadOnlyList<string> versions)
    {
        var migrator = Wait(token => Migrator.OpenAsync(target, options, token));
        try
        {
            (versions, var choice) = VersionPattern.Expand(
                versions, () => Wait(token => migrator.GetStatusAsync(false, token)).Migrations);
            var rows = Find(migrator, versions);
            Confirmation.RequireInteractive(this, ConfirmImpact.High);
            var caption = choice is null ? $"PgMigrate on {target}" : $"PgMigrate on {target}: {choice}";
            var accepted = rows.Where(row => Sentence(row, target) is var sentence
                && ShouldProcess(sentence, $"{sentence}?", caption)).ToList();
            if (accepted.Count > 0)
            {
                var wanted = accepted.ConvertAll(row => row.FileName);
                var wait = new RunOptions { LockWait = LockWait };
                WriteEach(Wait(token => migrator.RemoveRecordsAsync(wanted, wait, token)));
            }
        }
        finally
        {
            Wait(_ => migrator.DisposeAsync().AsTask());
        }
    }
}
