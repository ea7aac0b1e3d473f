using System.Collections.Concurrent;

namespace PgMigrate.PowerShell.Base;

/// <summary>
/// Work that the engine's threads need done on the pipeline thread while that thread waits for the engine. A script
/// block belongs to the runspace where it was written: only there its variables, its modules and their logins exist,
/// and only the pipeline thread may run it there.
/// </summary>
/// <param name="mask">Hides a secret in the text of the call that PowerShell shows.</param>
internal sealed class PipelineQueue(Action<string> mask) : IDisposable
{
    // Flows with the engine's call into everything that it starts, so that a connection in a piped object finds the
    // command that waits now.
    private static readonly AsyncLocal<PipelineQueue?> Waiting = new();
    private readonly ConcurrentQueue<Action> _actions = new();
    private readonly AutoResetEvent _signal = new(false);

    /// <summary>The queue of the command that waits for the calling code; null when none waits.</summary>
    public static PipelineQueue? Current => Waiting.Value;

    /// <summary>
    /// Starts a call on the pipeline thread, and runs the requested work there until the call has ended, or until the
    /// wait is abandoned: then the call is not complete yet.
    /// </summary>
    public Task<T> Complete<T>(Func<Task<T>> start, WaitHandle enough)
    {
        var outer = Waiting.Value;
        Waiting.Value = this;
        try
        {
            var task = start();
            if (!task.IsCompleted)
            {
                _ = task.ContinueWith(
                    _ => Signal(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
            }

            while (!task.IsCompleted)
            {
                if (WaitHandle.WaitAny([_signal, enough]) == 1)
                {
                    break;
                }

                while (_actions.TryDequeue(out var action))
                {
                    action();
                }
            }

            return task;
        }
        finally
        {
            Waiting.Value = outer;
        }
    }

    /// <summary>Hides a secret in the text of the call that PowerShell shows.</summary>
    public void Mask(string secret) => mask(secret);

    /// <summary>Runs it on the pipeline thread.</summary>
    public Task<T> AskAsync<T>(Func<T> function)
    {
        var answer = new Task<T>(function, TaskCreationOptions.RunContinuationsAsynchronously);
        _actions.Enqueue(() => answer.RunSynchronously(TaskScheduler.Default));
        Signal();
        return answer;
    }

    /// <summary>Disposes of the signal.</summary>
    public void Dispose() => _signal.Dispose();

    private void Signal()
    {
        try
        {
            _signal.Set();
        }
        catch (ObjectDisposedException)
        {
            // The wait was abandoned.
        }
    }
}
