using System.Collections.Concurrent;

namespace PgMigrate.PowerShell.Base;

/// <summary>
/// What the engine, on its threads, wants done on the pipeline thread while that one waits for it. A script block
/// belongs to the runspace it was written in: only there do its variables, its modules and their logins exist, and only
/// the pipeline thread may run it there.
/// </summary>
/// <param name="mask">Hides a secret in what PowerShell shows of the call.</param>
internal sealed class PipelineQueue(Action<string> mask) : IDisposable
{
    // Flows with the engine's call into everything it starts, so that a connection that was carried along by a piped
    // object finds the command that waits now.
    private static readonly AsyncLocal<PipelineQueue?> Waiting = new();
    private readonly ConcurrentQueue<Action> _actions = new();
    private readonly AutoResetEvent _signal = new(false);

    /// <summary>That of the command that waits for the calling code; null when none does.</summary>
    public static PipelineQueue? Current => Waiting.Value;

    /// <summary>
    /// Starts a call on the pipeline thread, and runs there what is asked for until the call has ended, or until nobody
    /// wants to wait for it any longer: then the call is not complete yet.
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

    /// <summary>Hides a secret in what PowerShell shows of the call.</summary>
    public void Mask(string secret) => mask(secret);

    /// <summary>Has it done on the pipeline thread.</summary>
    public Task<T> AskAsync<T>(Func<T> function)
    {
        var answer = new Task<T>(function, TaskCreationOptions.RunContinuationsAsynchronously);
        _actions.Enqueue(() => answer.RunSynchronously(TaskScheduler.Default));
        Signal();
        return answer;
    }

    /// <summary>Frees the signal.</summary>
    public void Dispose() => _signal.Dispose();

    private void Signal()
    {
        try
        {
            _signal.Set();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }
}
