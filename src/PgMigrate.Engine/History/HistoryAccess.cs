using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.History;

/// <summary>What the history is used for.</summary>
internal enum HistoryUse
{
    /// <summary>Reading only.</summary>
    Read,

    /// <summary>Reading the log.</summary>
    ReadLog,

    /// <summary>Recording what was applied.</summary>
    Apply,

    /// <summary>As <see cref="Apply"/>, with a repeatable file: its row is replaced.</summary>
    ApplyRepeatable,

    /// <summary>As <see cref="Apply"/>, with a no-transaction file: its row is written before its end.</summary>
    ApplyNoTransaction,

    /// <summary>Deleting records.</summary>
    Remove,

    /// <summary>As <see cref="Remove"/>, with a no-transaction script.</summary>
    RemoveNoTransaction,
}

/// <summary>The rights that this login lacks on the tracking table, and its replication; pure.</summary>
internal sealed record HistoryAccess
{
    private static readonly string[] Reading = ["schema USAGE", "table SELECT"];
    private static readonly string[] ReadingLog = [.. Reading, "log SELECT"];
    private static readonly string[] Applying = [.. Reading, "table INSERT", "log INSERT"];
    private static readonly string[] ApplyingRepeatable = [.. Applying, "table UPDATE"];
    private static readonly string[] ApplyingOutside = [.. ApplyingRepeatable, "table DELETE"];
    private static readonly string[] Removing = [.. Reading, "table DELETE", "log SELECT", "log INSERT"];
    private static readonly string[] RemovingOutside = [.. Removing, "table UPDATE"];

    /// <summary>The role whose rights are checked.</summary>
    public string Role { get; init; } = "";

    /// <summary>The database.</summary>
    public string Database { get; init; } = "";

    /// <summary>
    /// Missing rights: <c>schema</c>, <c>table</c>, <c>log</c> or <c>database</c>, a blank, the right.
    /// </summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Publications that include the tracking table, by name; null when there is none.</summary>
    public string? Publications { get; init; }

    /// <summary>True when a subscription writes into it.</summary>
    public bool IsSubscribed { get; init; }

    /// <summary>True when row-level security of the tracking table applies to this role.</summary>
    public bool HidesRows { get; init; }

    /// <summary>True when row-level security of its log applies to this role.</summary>
    public bool HidesLog { get; init; }

    /// <summary>
    /// Names of the event triggers that fire for new tables, and may have turned it on; usually none.
    /// </summary>
    public IReadOnlyList<string> EventTriggers { get; init; } = [];

    /// <summary>What forbids this use of an existing table, or deserves a warning.</summary>
    public IReadOnlyList<MigrationProblem> ProblemsOf(HistoryUse use, HistoryTable table)
    {
        var needed = use switch
        {
            HistoryUse.ReadLog => ReadingLog,
            HistoryUse.Apply => Applying,
            HistoryUse.ApplyRepeatable => ApplyingRepeatable,
            HistoryUse.ApplyNoTransaction => ApplyingOutside,
            HistoryUse.Remove => Removing,
            HistoryUse.RemoveNoTransaction => RemovingOutside,
            _ => Reading,
        };
        var isReading = use is HistoryUse.Read or HistoryUse.ReadLog;
        var problems = new List<MigrationProblem>();
        if (GrantsFor(needed, table) is { } grants)
        {
            problems.Add(new MigrationProblem
            {
                Code = isReading ? ErrorCodes.HistoryReadDenied : ErrorCodes.HistoryWriteDenied,
                Message = $"{Role} lacks rights on the tracking table {table.QualifiedName}. Its owner can grant them: "
                    + grants,
            });
        }

        if (HidesRows || (HidesLog && use != HistoryUse.Read))
        {
            problems.Add(RowsHidden(table));
        }

        if (!isReading)
        {
            AddReplication(problems, table);
        }

        return problems;
    }

    // Policies that show every row today can hide one tomorrow, and then it would be applied again.
    private MigrationProblem RowsHidden(HistoryTable table)
    {
        string?[] hidden = [HidesRows ? table.QualifiedName : null, HidesLog ? table.QualifiedLog : null];
        var names = hidden.OfType<string>().ToList();
        var commands = string.Join(' ', names.Select(name =>
            $"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;"));
        var triggers = EventTriggers.Count == 0 ? "" : " An event trigger may have turned it on when the table was "
            + $"created ({string.Join(", ", EventTriggers)}): exclude the tracking table from it, or it will do so "
            + "again.";
        return new MigrationProblem
        {
            Code = ErrorCodes.HistoryRowsHidden,
            Message = $"Row-level security of {string.Join(" and ", names)} can hide rows from {Role}, so that what "
                + "is applied cannot be known or recorded. Log in as the owner, unless it is forced for the owner "
                + $"too; or run: {commands} The grants of the table still keep others out.{triggers}",
        };
    }

    /// <summary>What forbids creating the tables, or deserves a warning.</summary>
    public IReadOnlyList<MigrationProblem> ProblemsOfCreating(HistoryTable table, bool withSchema)
    {
        var problems = new List<MigrationProblem>();
        if (GrantsFor(withSchema ? ["database CREATE"] : ["schema USAGE", "schema CREATE"], table) is { } grants)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.HistoryCreateFailed,
                Message = $"The tracking table {table.QualifiedName} does not exist yet, and {Role} may not create it: "
                    + $"{grants} Or name another schema with -Schema.",
            });
        }

        AddReplication(problems, table);
        return problems;
    }

    private void AddReplication(List<MigrationProblem> problems, HistoryTable table)
    {
        if (IsSubscribed)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.HistorySubscribed,
                Message = $"The tracking table {table.QualifiedName} is written by a subscription of logical "
                    + "replication: it would record here what the publisher applied, without the tables. Remove the "
                    + "tracking table and its log from the publication there, then ALTER SUBSCRIPTION … REFRESH "
                    + "PUBLICATION (pg_subscription lists them); or name another tracking table with -HistoryTable.",
            });
        }

        if (Publications is not null)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.HistoryPublished,
                Severity = nameof(ProblemSeverity.Warning),
                Message = $"The tracking table {table.QualifiedName} is published (publication {Publications}): a "
                    + "subscriber would report migrations as applied whose tables it does not have. Remove "
                    + "the tracking table and its log from the publication.",
            });
        }
    }

    private string? GrantsFor(IEnumerable<string> needed, HistoryTable table)
    {
        var grants = needed.Intersect(Missing, StringComparer.Ordinal)
            .GroupBy(right => right.Split(' ')[0], right => right.Split(' ')[1], StringComparer.Ordinal)
            .Select(rights => $"GRANT {string.Join(", ", rights)} ON {NameOf(rights.Key, table)} TO "
                + $"{SqlIdentifier.Quote(Role)};")
            .ToList();
        return grants.Count == 0 ? null : string.Join(' ', grants);
    }

    private string NameOf(string kind, HistoryTable table) => kind switch
    {
        "schema" => "SCHEMA " + SqlIdentifier.Quote(table.Schema),
        "database" => "DATABASE " + SqlIdentifier.Quote(Database),
        "log" => table.QualifiedLog,
        _ => table.QualifiedName,
    };
}
