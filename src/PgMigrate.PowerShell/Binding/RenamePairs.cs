using System.Collections;
using System.Management.Automation;
using PgMigrate.Errors;

namespace PgMigrate.PowerShell.Binding;

/// <summary>
/// Reads -Rename: any dictionary of texts. One of @{} does not tell upper case from lower case, others may.
/// </summary>
internal static class RenamePairs
{
    /// <summary>The pairs; none for null.</summary>
    /// <exception cref="PlanBlockedException">A key or a value is no text.</exception>
    public static IReadOnlyDictionary<string, string> Read(IDictionary? pairs)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry pair in pairs ?? new Hashtable())
        {
            if (Text(pair.Key) is not { } from || Text(pair.Value) is not { } to)
            {
                throw PlanBlockedException.For([new MigrationProblem
                {
                    Code = ErrorCodes.SchemaRenameInvalid,
                    Message = $"-Rename '{pair.Key}' = '{pair.Value}': both have to be names. Write "
                        + "@{ 'app.users.mail' = 'app.users.email' }.",
                }]);
            }

            read[from] = to;
        }

        return read;
    }

    private static string? Text(object? value) =>
        (value is PSObject wrapped ? wrapped.BaseObject : value) is string { Length: > 0 } text ? text : null;
}
