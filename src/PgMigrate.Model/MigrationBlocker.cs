using System.Globalization;

namespace PgMigrate;

/// <summary>A session, or a prepared transaction, that kept a migration waiting for a lock.</summary>
public sealed record MigrationBlocker
{
    /// <summary>PID on the server; 0 for a prepared transaction, which has no process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Its user; null when it has none or is not visible.</summary>
    public string? UserName { get; init; }

    /// <summary>Its application_name; null when it has none.</summary>
    public string? ApplicationName { get; init; }

    /// <summary>
    /// Its state: <c>active</c>, <c>idle in transaction</c>, <c>prepared</c>…; null when it is not visible.
    /// </summary>
    public string? State { get; init; }

    /// <summary>Age of its transaction in milliseconds; null when it is not visible.</summary>
    public double? TransactionMs { get; init; }

    /// <summary>Start of its last statement, passwords masked; null when there is none.</summary>
    public string? Query { get; init; }

    /// <summary>
    /// The locks it holds on the object waited for, such as <c>AccessShareLock</c>; null when it waits ahead in the
    /// queue.
    /// </summary>
    public string? LockMode { get; init; }

    /// <summary>
    /// The table or index waited for, or the kind of lock when it is neither; null when it is no longer known.
    /// </summary>
    public string? Relation { get; init; }

    /// <summary>All of it in one line.</summary>
    public override string ToString()
    {
        var parts = new List<string>
        {
            ProcessId == 0 ? "a prepared transaction" : string.Create(CultureInfo.InvariantCulture, $"process "
                + $"{ProcessId}"),
        };
        Add("user ", UserName);
        Add("application ", ApplicationName);
        Add("", ProcessId == 0 ? null : State);
        Add("transaction open for ", TransactionMs is { } age
            ? string.Create(CultureInfo.InvariantCulture, $"{age / 1000:F0} s")
            : null);
        Add("holds ", LockMode is null || Relation is null ? LockMode : $"{LockMode} on {Relation}");
        Add("query ", Query);
        return ConsoleText.Guard(string.Join(", ", parts));

        void Add(string label, string? text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                parts.Add(label + text);
            }
        }
    }
}
