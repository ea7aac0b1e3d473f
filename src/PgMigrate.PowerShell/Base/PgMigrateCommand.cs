using System.Management.Automation;
using System.Runtime.InteropServices;
using PgMigrate.Errors;
using PgMigrate.PowerShell.Binding;
using PgMigrate.PowerShell.Output;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Base;

/// <summary>Waits for the engine on the pipeline thread, and passes Ctrl+C and SIGTERM to it.</summary>
public abstract class PgMigrateCommand : PSCmdlet, IDisposable
{
    private static readonly TimeSpan TerminationGrace = TimeSpan.FromSeconds(10);

    // Longer than the driver's own timeout and the time to terminate the server process; a COMMIT cannot be cancelled.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEvent _enough = new(false);
    private readonly ManualResetEventSlim _ended = new(true);
    private readonly PipelineQueue _queue;
    private bool _isDisposed;
    private CIReport? _ci;
    private IReadOnlyList<BoundSetting> _settings = [];

    /// <summary>Each command waits with a queue of its own.</summary>
    protected PgMigrateCommand() => _queue = new PipelineQueue(MaskCall);

    /// <summary>The CI system that gets annotations and a job summary.</summary>
    [Parameter]
    public CIFormat CIFormat { get; set; }

    /// <summary>Settings file to read, instead of the one found.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SettingsPath { get; set; }

    /// <summary>Reads no settings file.</summary>
    [Parameter]
    public SwitchParameter NoSettings { get; set; }

    /// <summary>Reports to the CI system of the job.</summary>
    private protected CIReport CI => _ci ??= new CIReport(
        CIEnvironment.Read(CIFormat, Environment.GetEnvironmentVariable),
        MyInvocation.MyCommand.Name,
        line => base.WriteInformation(new HostInformationMessage { Message = line }, ["PSHOST", "PgMigrate", "CI"]),
        Tell,
        WriteWarning);

    /// <summary>Disposes of the token source.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads the settings file, for the parameters that the call leaves out.</summary>
    protected override void BeginProcessing()
    {
        try
        {
            _settings = SettingsReader.Read(this);
            ApplySettings();
        }
        catch (PgMigrateException e)
        {
            Fail(e, null);
        }
    }

    /// <summary>Applies the settings file; again for each piped object, which takes precedence.</summary>
    private protected void ApplySettings() => SettingsBinder.Apply(this, _settings);

    /// <summary>Called by PowerShell on Ctrl+C, on another thread.</summary>
    protected override void StopProcessing() => Stop();

    /// <summary>Disposes of the token source.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _queue.Dispose();
            if (!_stop.IsCancellationRequested)
            {
                // A run that is no longer awaited still checks its token.
                _stop.Dispose();
                _ended.Dispose();
                _enough.Dispose();
            }
        }
    }

    /// <summary>Runs an engine call to its end; the only place that blocks.</summary>
    protected T Wait<T>(Func<CancellationToken, Task<T>> call)
    {
        _ended.Reset();
        // The process ends when the handler returns, so it waits until the run has cleaned up after itself.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => EndRun());
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => EndRun());
        try
        {
            return Block(() => call(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            _ended.Set();
        }
    }

    /// <summary>As <see cref="Wait{T}"/>, for a call without a result.</summary>
    protected void Wait(Func<CancellationToken, Task> call) => Wait(async token =>
    {
        await call(token).ConfigureAwait(false);
        return true;
    });

    /// <summary>Pulls a stream on the pipeline thread: request, block, write, request again.</summary>
    protected void Pump<T>(Func<CancellationToken, IAsyncEnumerable<T>> open, Action<T> write)
    {
        _ended.Reset();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => EndRun());
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => EndRun());
        var events = open(_stop.Token).GetAsyncEnumerator(_stop.Token);
        var moving = Task.FromResult(true);
        try
        {
            while (Block(() => moving = events.MoveNextAsync().AsTask()))
            {
                write(events.Current);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            TryBlock(() => CloseAsync(events, moving));
            _ended.Set();
        }
    }

    /// <summary>
    /// Writes a list. In PowerShell code the loop would be compiled at run time, which takes longer than the rows.
    /// </summary>
    protected void WriteEach(IEnumerable<object> rows)
    {
        foreach (var row in rows)
        {
            WriteObject(row);
        }
    }

    /// <summary>True when verbose lines are shown: building them in vain is expensive for large files.</summary>
    protected bool IsVerbose => MyInvocation.BoundParameters.TryGetValue("Verbose", out var verbose)
        ? ((SwitchParameter)verbose).IsPresent
        : SessionState.PSVariable.GetValue("VerbosePreference") is not ActionPreference.SilentlyContinue;

    /// <summary>Ends the command with an error; its target is a summary, unless it is specified.</summary>
    protected void Fail(Exception exception, object? target)
    {
        CI.Annotate(CIAnnotation.Of(exception));
        ThrowTerminatingError(ErrorRecords.From(exception, target ?? Summarise(exception)));
    }

    /// <summary>Writes an error, also for the CI system.</summary>
    public new void WriteError(ErrorRecord record)
    {
        CI.Annotate(CIAnnotation.Of(record.Exception));
        base.WriteError(record);
    }

    /// <summary>Writes problems that block nothing as warnings, and all problems for the CI system.</summary>
    private protected void WriteProblems(IReadOnlyList<MigrationProblem> problems)
    {
        CI.Annotate(problems.Select(CIAnnotation.Of));
        foreach (var problem in problems.Where(problem => problem.Is(ProblemSeverity.Warning)))
        {
            WriteWarning(problem.ToString());
        }
    }

    /// <summary>
    /// The failure of a command as a summary object, so that one branch of a script handles all failures.
    /// </summary>
    private protected virtual MigrationRunSummary Summarise(Exception exception) =>
        RunCollector.OfFailure(exception, RunOrigin.Of(new MigratorOptions(), null));

    /// <summary>
    /// Writes a line that is always visible, also in CI logs, and is not output: to the information stream, as
    /// Write-Host does. -InformationAction overrides it.
    /// </summary>
    private protected void Tell(string message)
    {
        var isChosen = MyInvocation.BoundParameters.ContainsKey("InformationAction");
        base.WriteInformation(
            new HostInformationMessage { Message = ConsoleText.Guard(message) },
            isChosen ? ["PgMigrate"] : ["PSHOST", "PgMigrate"]);
    }

    /// <summary>As in PowerShell, without a line that a CI runner would execute.</summary>
    public new void WriteWarning(string text) => base.WriteWarning(ConsoleText.Guard(text));

    /// <inheritdoc cref="WriteWarning"/>
    public new void WriteVerbose(string text) => base.WriteVerbose(ConsoleText.Guard(text));

    /// <summary>Text on the information stream, without a line that a CI runner would execute.</summary>
    internal void WriteInformation(string text, string[] tags) => base.WriteInformation(ConsoleText.Guard(text), tags);

    /// <inheritdoc cref="WriteWarning"/>
    public new void WriteProgress(ProgressRecord record)
    {
        record.StatusDescription = ConsoleText.Guard(record.StatusDescription);
        record.CurrentOperation = ConsoleText.Guard(record.CurrentOperation);
        base.WriteProgress(record);
    }

    /// <inheritdoc cref="WriteWarning"/>
    protected new bool ShouldProcess(string target, string action) =>
        base.ShouldProcess(ConsoleText.Guard(target), ConsoleText.Guard(action));

    /// <inheritdoc cref="WriteWarning"/>
    protected new bool ShouldProcess(string description, string question, string caption) =>
        ShouldProcess(description, question, caption, out _);

    /// <inheritdoc cref="WriteWarning"/>
    protected new bool ShouldProcess(
        string description, string question, string caption, out ShouldProcessReason reason) => base.ShouldProcess(
            ConsoleText.Guard(description), ConsoleText.Guard(question), ConsoleText.Guard(caption), out reason);

    /// <inheritdoc cref="WriteWarning"/>
    public new bool ShouldContinue(string question, string caption) =>
        base.ShouldContinue(ConsoleText.Guard(question), ConsoleText.Guard(caption));

    /// <summary>True when the exception is one that the user should get as an error record.</summary>
    protected static bool IsExpected(Exception exception) => exception is PgMigrateException
        or System.Data.Common.DbException or IOException or UnauthorizedAccessException;

    /// <summary>Hides a secret in the text of the call, which PowerShell's error view prints.</summary>
    private protected virtual void MaskCall(string? secret)
    {
    }

    // An abandoned run still rolls back and releases its lock as soon as the server answers.
    private static async Task<bool> CloseAsync<T>(IAsyncEnumerator<T> events, Task moving)
    {
        await moving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await events.DisposeAsync().ConfigureAwait(false);
        return true;
    }

    private T Block<T>(Func<Task<T>> call)
    {
        var task = _queue.Complete(call, _enough);
        return task.IsCompleted ? task.GetAwaiter().GetResult() : throw new OperationCanceledException(_stop.Token);
    }

    private void TryBlock(Func<Task<bool>> call)
    {
        var task = _queue.Complete(call, _enough);
        if (task.IsCompleted)
        {
            task.GetAwaiter().GetResult();
        }
    }

    // Not on this thread: the driver waits for the server's answer to the cancel request, and a server that does not
    // answer would block the stop.
    private void Stop()
    {
        _ = _stop.CancelAsync();
        _ = Task.Delay(StopGrace).ContinueWith(_ => _enough.Set(), TaskScheduler.Default);
    }

    private void EndRun()
    {
        try
        {
            Stop();
            _ended.Wait(TerminationGrace);
        }
        catch (ObjectDisposedException)
        {
            // The run has ended by itself in the meantime.
        }
    }
}
