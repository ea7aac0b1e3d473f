using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Net;
using System.Security;
using PgMigrate.Errors;
using PgMigrate.PowerShell.Base;

namespace PgMigrate.PowerShell.Binding;

/// <summary>
/// The script block of -TokenProvider for the engine: called once for each login that needs a password.
/// </summary>
internal sealed class TokenScript(ScriptBlock script)
{
    private string? _last;

    /// <summary>Runs the script block on the pipeline thread of the command that waits.</summary>
    /// <exception cref="ConnectionException">It failed, or did not return exactly one token.</exception>
    public async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        var queue = PipelineQueue.Current ?? throw Failed("no command waits for it");
        try
        {
            var token = await queue.AskAsync(() => Run(queue)).WaitAsync(cancellationToken).ConfigureAwait(false);
            _last = token;
            return token;
        }
        catch (PipelineStoppedException) when (_last is { } last)
        {
            // After Ctrl+C no script runs any more, and the cleanup may still need a connection.
            return last;
        }
        catch (Exception e) when (e is RuntimeException or PipelineStoppedException)
        {
            throw Failed(e.Message, e);
        }
    }

    private string Run(PipelineQueue queue)
    {
        var answers = script.Invoke();
        var token = answers.Count == 1
            ? answers[0]?.BaseObject switch
            {
                string text => text,
                SecureString secure => new NetworkCredential("", secure).Password,
                _ => null,
            }
            : null;
        if (string.IsNullOrEmpty(token))
        {
            throw Failed(Describe(answers));
        }

        queue.Mask(token);
        return token;
    }

    // Types and counts only: one of the values may be the token.
    private static string Describe(Collection<PSObject> answers) => answers.Count switch
    {
        0 => "it returned nothing",
        1 when answers[0]?.BaseObject is string or SecureString => "it returned an empty text",
        1 => $"it returned one {answers[0]?.BaseObject.GetType().Name ?? "null"}",
        _ => $"it returned {answers.Count} objects",
    };

    private static ConnectionException Failed(string reason, Exception? cause = null) => new(
        ErrorCodes.TokenProviderFailed,
        $"-TokenProvider returned no token: {reason.TrimEnd('.')}. The script block must return one string or "
        + "SecureString, which is used as the password. Nothing was run.",
        cause);
}
