using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PgMigrate.Errors;
using PgMigrate.Execution;

namespace PgMigrate.PowerShell.Binding;

/// <summary>
/// Completes module names from the tracking table of the database that the command line or the environment names. It
/// gives up after two seconds, and silently: a completer is no place for errors.
/// </summary>
public sealed class ModuleCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            var target = DatabaseTarget.Resolve(ReadInput(fakeBoundParameters), Environment.GetEnvironmentVariable);
            var schema = fakeBoundParameters["Schema"] as string;
            var table = fakeBoundParameters["HistoryTable"] as string ?? fakeBoundParameters["Table"] as string;
            var modules = Task.Run(() => Migrator.ListModulesAsync(target, schema, table, limit.Token))
                .GetAwaiter().GetResult();
            return modules
                .Where(module => module.StartsWith(wordToComplete.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
                .Select(module => new CompletionResult(
                    MigrationCompleter.Quote(module), module, CompletionResultType.ParameterValue, module))
                .ToList();
        }
        catch (Exception e) when (e is PgMigrateException or OperationCanceledException
            or System.Data.Common.DbException or IOException)
        {
            return [];
        }
    }

    private static ConnectionInput ReadInput(IDictionary bound) => new()
    {
        ConnectionString = bound["ConnectionString"] as string,
        HostName = bound["HostName"] as string,
        Port = LanguagePrimitives.TryConvertTo<int>(bound["Port"], out var port) && port > 0 ? port : null,
        Database = bound["Database"] as string ?? bound["DatabaseName"] as string,
        ConnectionName = bound["ConnectionName"] as string,
        UserName = (bound["Credential"] as PSCredential)?.UserName,
        Password = bound["Credential"] is PSCredential { UserName: not null } login
            ? login.GetNetworkCredential().Password
            : null,
    };
}
