using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Security;
using PgMigrate.Errors;
using PgMigrate.Scripts;

namespace PgMigrate.PowerShell.Binding;

/// <summary>Reads the placeholder values of -Variable.</summary>
internal static class PlaceholderVariables
{
    /// <remarks>Names are case-insensitive, as in a hashtable of PowerShell.</remarks>
    /// <exception cref="InitializationException">A value is missing.</exception>
    public static PlaceholderValues Read(Hashtable? variables, string? schema)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var secrets = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in variables ?? [])
        {
            var name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "";
            switch (entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value)
            {
                case null:
                    throw new InitializationException(
                        ErrorCodes.VariableInvalid, $"-Variable '{name}' has no value. Set one; '' is an empty "
                            + "text.");
                case SecureString secret:
                    values[name] = new NetworkCredential("", secret).Password;
                    secrets.Add(name);
                    break;
                case var value:
                    values[name] = LanguagePrimitives.ConvertTo<string>(value);
                    break;
            }
        }

        return new PlaceholderValues { Schema = schema, Variables = values, Secrets = secrets };
    }
}
