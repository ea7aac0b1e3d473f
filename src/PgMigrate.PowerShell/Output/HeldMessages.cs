using System.Management.Automation;
using PgMigrate.PowerShell.Base;

namespace PgMigrate.PowerShell.Output;

/// <summary>
/// Warnings and notices of a run. Where a warning ends the command (<c>-WarningAction Stop</c>, or <c>Inquire</c>),
/// those of a transaction are held back until it has ended: written while it runs, they would make it a race whether it
/// is committed.
/// </summary>
internal sealed class HeldMessages
{
    private readonly PgMigrateCommand _cmdlet;
    private readonly Queue<Action> _held = new();
    private readonly bool _mayStop;
    private bool _isHolding;

    /// <summary>For a cmdlet whose parameters are bound.</summary>
    public HeldMessages(PgMigrateCommand cmdlet)
    {
        _cmdlet = cmdlet;
        _mayStop = MayStop(cmdlet, "WarningAction", "WarningPreference")
            || MayStop(cmdlet, "InformationAction", "InformationPreference");
    }

    /// <summary>A transaction starts.</summary>
    public void Hold() => _isHolding = _mayStop;

    /// <summary>The transaction has ended: writes its messages in order.</summary>
    public void Release()
    {
        _isHolding = false;
        while (_held.TryDequeue(out var write))
        {
            write();
        }
    }

    /// <summary>Writes a warning, now or when the transaction has ended.</summary>
    public void WriteWarning(string text) => Write(() => _cmdlet.WriteWarning(text));

    /// <summary>Writes to the information stream, now or when the transaction has ended.</summary>
    public void WriteInformation(string text, string[] tags) => Write(() => _cmdlet.WriteInformation(text, tags));

    private void Write(Action write)
    {
        if (_isHolding)
        {
            _held.Enqueue(write);
        }
        else
        {
            write();
        }
    }

    // The parameter of the call, else the variable in the caller's scope.
    private static bool MayStop(PSCmdlet cmdlet, string parameter, string variable)
    {
        var value = cmdlet.MyInvocation.BoundParameters.TryGetValue(parameter, out var given)
            ? given
            : cmdlet.SessionState.PSVariable.GetValue(variable);
        return LanguagePrimitives.TryConvertTo<ActionPreference>(value, out var action)
            && action is ActionPreference.Stop or ActionPreference.Inquire;
    }
}
