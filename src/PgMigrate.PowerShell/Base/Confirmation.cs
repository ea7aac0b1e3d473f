using System.Management.Automation;
using PgMigrate.Errors;

namespace PgMigrate.PowerShell.Base;

/// <summary>
/// Refuses to prompt in a session that cannot answer: a blank line would say yes, an open pipe would hang.
/// </summary>
internal static class Confirmation
{
    // Before 7.6, -Debug asked as -Confirm does.
    private static readonly bool DebugAsks = typeof(PSCmdlet).Assembly.GetName().Version < new Version(7, 6);

    /// <exception cref="InitializationException">A prompt would appear in such a session.</exception>
    public static void RequireInteractive(PSCmdlet cmdlet, ConfirmImpact impact)
    {
        if (WouldPrompt(cmdlet, impact) && !IsInteractive(cmdlet))
        {
            throw new InitializationException(
                ErrorCodes.ConfirmationRequired,
                $"{cmdlet.MyInvocation.MyCommand.Name} asks for confirmation, and this session cannot answer. Review "
                    + "the steps with -WhatIf, then add -Confirm:$false.");
        }
    }

    /// <summary>
    /// Prompts as a cmdlet of high impact would, whatever the impact of this one. True without a prompt for
    /// -Confirm:$false and for -WhatIf, which shows the text with the steps.
    /// </summary>
    /// <exception cref="InitializationException">A prompt would appear in a session that cannot answer.</exception>
    public static bool AskHigh(PgMigrateCommand cmdlet, string what)
    {
        if (!WouldPrompt(cmdlet, ConfirmImpact.High))
        {
            return true;
        }

        RequireInteractive(cmdlet, ConfirmImpact.High);
        return cmdlet.ShouldContinue($"{what}?", "PgMigrate");
    }

    /// <summary>True when a question of this impact would prompt.</summary>
    public static bool WouldPrompt(PSCmdlet cmdlet, ConfirmImpact impact)
    {
        var bound = cmdlet.MyInvocation.BoundParameters;
        var isWhatIf = bound.TryGetValue("WhatIf", out var whatIf)
            ? ((SwitchParameter)whatIf).IsPresent
            : LanguagePrimitives.IsTrue(cmdlet.SessionState.PSVariable.GetValue("WhatIfPreference"));
        if (isWhatIf)
        {
            return false;
        }

        if (bound.TryGetValue("Confirm", out var confirm))
        {
            return ((SwitchParameter)confirm).IsPresent;
        }

        if (DebugAsks && bound.TryGetValue("Debug", out var debug) && ((SwitchParameter)debug).IsPresent)
        {
            return true;
        }

        var preference = cmdlet.SessionState.PSVariable.GetValue("ConfirmPreference");
        return LanguagePrimitives.TryConvertTo<ConfirmImpact>(preference, out var threshold)
            && threshold != ConfirmImpact.None && impact >= threshold;
    }

    private static bool IsInteractive(PSCmdlet cmdlet) =>
        !Console.IsInputRedirected
        && Environment.UserInteractive
        && cmdlet.Host.UI is not null
        && !Environment.GetCommandLineArgs().Any(IsNonInteractive);

    // PowerShell accepts any unambiguous prefix of -NonInteractive, with one dash or two, or a slash.
    private static bool IsNonInteractive(string argument)
    {
        var word = argument.TrimStart('-', '/');
        return word.Length < argument.Length && word.Length >= 4
            && "noninteractive".StartsWith(word, StringComparison.OrdinalIgnoreCase);
    }
}
