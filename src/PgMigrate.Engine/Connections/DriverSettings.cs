using System.Runtime.CompilerServices;
using Npgsql;

namespace PgMigrate.Connections;

/// <summary>
/// Switches the driver's SQL rewriting off, which splits BEGIN ATOMIC bodies. The switch is process-wide and read
/// once per loaded driver, so it is set, read and restored: another module's Npgsql must not see it.
/// </summary>
internal static class DriverSettings
{
    private const string Switch = "Npgsql.EnableSqlRewriting";

    // A static initializer makes a second runspace wait until the first has finished.
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
            // A switch cannot be unset; to the driver, true means the same as unset.
            AppContext.SetSwitch(Switch, !isKnown || former);
        }

        return true;
    }
}
