using System.Runtime.CompilerServices;
using Npgsql;

namespace PgMigrate.Connections;

/// <summary>
/// Switches the driver's own SQL rewriting off: it splits BEGIN ATOMIC bodies. The switch is process-wide and read
/// once per loaded driver, so it is set, read and put back: another module's Npgsql must not see it.
/// </summary>
internal static class DriverSettings
{
    private const string Switch = "Npgsql.EnableSqlRewriting";

    // A static initialiser makes a second runspace wait until the first has finished.
    private static readonly bool IsApplied = ApplyOnce();

    public static bool Apply() => IsApplied;

    private static bool ApplyOnce()
    {
        var isKnown = AppContext.TryGetSwitch(Switch, out var former);
        AppContext.SetSwitch(Switch, false);
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(NpgsqlCommand).TypeHandle);
        }
        finally
        {
            // A switch cannot be unset; true is what an unset one means to the driver.
            AppContext.SetSwitch(Switch, !isKnown || former);
        }

        return true;
    }
}
