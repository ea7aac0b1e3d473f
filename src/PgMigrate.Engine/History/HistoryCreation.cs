using System.Globalization;
using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Sql;

namespace PgMigrate.History;

/// <summary>Creates the tracking table and its log.</summary>
internal sealed class HistoryCreation(HistoryTable table)
{
    /// <summary>Version of the tables' layout; a newer one is rejected.</summary>
    public const int FormatVersion = 1;

    /// <summary>Start of the comment on the tracking table; the version follows.</summary>
    public const string CommentStart = "PgMigrate history, format ";

    /// <summary>Creates both tables in one transaction and revokes what default privileges granted.</summary>
    public async Task CreateAsync(NpgsqlConnection connection, bool withSchema, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, "BEGIN", cancellationToken).ConfigureAwait(false);
            if (withSchema)
            {
                await ExecuteAsync(
                    connection,
                    $"CREATE SCHEMA IF NOT EXISTS {SqlIdentifier.Quote(table.Schema)}",
                    cancellationToken).ConfigureAwait(false);
            }

            foreach (var statement in Ddl())
            {
                await ExecuteAsync(connection, statement, cancellationToken).ConfigureAwait(false);
            }

            await RevokeGrantsAsync(connection, cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(connection, "COMMIT", CancellationToken.None).ConfigureAwait(false);
            await RequireUsableAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or IOException
            && connection.FullState != System.Data.ConnectionState.Open)
        {
            throw new ConnectionException(
                ErrorCodes.ConnectionLost,
                $"The connection was lost while the tracking table {table.QualifiedName} was created: "
                    + $"{ServerText.Of(e)} No migration was run. Run again.",
                e);
        }
        catch (Exception e) when (e is not (PostgresException or PgMigrateException))
        {
            // Cancelled, most likely. In an open transaction the lock could not be released.
            await RollBackAsync(connection).ConfigureAwait(false);
            throw;
        }
        catch (PostgresException e)
        {
            await RollBackAsync(connection).ConfigureAwait(false);
            throw new InitializationException(
                ErrorCodes.HistoryCreateFailed,
                $"The tracking table {table.QualifiedName} could not be created: {ServerText.Of(e)} "
                    + NextStep(e),
                e);
        }
    }

    /// <summary>The commands that create the log alone, in one line, for a user who has lost it.</summary>
    public string LogScript()
    {
        var create = Template().Single(statement => statement.StartsWith("CREATE TABLE "
            + "\0{log}", StringComparison.Ordinal));
        return Fill(string.Join(' ', create.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
                .Replace("( ", "(", StringComparison.Ordinal).Replace(" )", ")", StringComparison.Ordinal))
            + $"; REVOKE ALL ON TABLE {table.QualifiedLog} FROM PUBLIC;";
    }

    // An event trigger can change a new table in any way: row-level security, another owner.
    private async Task RequireUsableAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var probe = await new HistoryProbe(table).ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        if (probe.Access.HidesRows || probe.Access.HidesLog)
        {
            probe = probe with
            {
                Access = probe.Access with
                {
                    EventTriggers = await ReadEventTriggersAsync(connection, cancellationToken).ConfigureAwait(false),
                },
            };
        }

        if (probe.Access.ProblemsOf(HistoryUse.Apply, table)
            .FirstOrDefault(problem => problem.Is(ProblemSeverity.Error))
            is { } denied)
        {
            throw new InitializationException(denied.Code, $"{denied.Message} The table was created; no migration was "
                + "run.");
        }
    }

    private static async Task<IReadOnlyList<string>> ReadEventTriggersAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            "SELECT evtname::pg_catalog.text FROM pg_catalog.pg_event_trigger "
                + "WHERE evtevent = 'ddl_command_end' AND evtenabled <> 'D' ORDER BY 1",
            connection);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private string NextStep(PostgresException e) => e.SqlState == PostgresErrorCodes.InsufficientPrivilege
        ? $"The login needs CREATE on schema {SqlIdentifier.Quote(table.Schema)}: GRANT CREATE ON SCHEMA "
            + $"{SqlIdentifier.Quote(table.Schema)} TO <role>; or name another schema with -Schema."
        : "No migration was run. Remove the cause and run again.";

    private IEnumerable<string> Ddl() => Template().Select(Fill);

    // A name can contain anything but NUL, even ";\n" or {log}: split first, and mark the places with a NUL.
    private static string[] Template() => EmbeddedSql.Read("HistoryTable.sql")
        .Replace("{", "\0{", StringComparison.Ordinal)
        .Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private string Fill(string statement)
    {
        var comment = string.Create(CultureInfo.InvariantCulture, $"{CommentStart}{FormatVersion}");
        return statement
            .Replace("\0{history}", table.QualifiedName, StringComparison.Ordinal)
            .Replace("\0{log}", table.QualifiedLog, StringComparison.Ordinal)
            .Replace("\0{comment}", SqlIdentifier.Literal(comment), StringComparison.Ordinal)
            .Replace("\0{", "{", StringComparison.Ordinal);
    }

    private async Task RevokeGrantsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var grants = new List<string>();
        var command = new NpgsqlCommand(EmbeddedSql.Read("HistoryGrants.sql"), connection);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.AddText(table.Schema);
            command.Parameters.AddText(table.Name);
            command.Parameters.AddText(table.LogName);
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    var kind = reader.GetString(1) == "S" ? "SEQUENCE" : "TABLE";
                    var grantee = reader.IsDBNull(2) ? "PUBLIC" : SqlIdentifier.Quote(reader.GetString(2));
                    grants.Add(
                        $"REVOKE ALL ON {kind} {SqlIdentifier.Quote(table.Schema, reader.GetString(0))} FROM "
                            + $"{grantee}");
                }
            }
        }

        foreach (var revoke in grants)
        {
            await ExecuteAsync(connection, revoke, cancellationToken).ConfigureAwait(false);
        }
    }

    // Never throws: it must not hide the error it follows. The server rolls a lost connection back.
    private static async Task RollBackAsync(NpgsqlConnection connection)
    {
        try
        {
            await ExecuteAsync(connection, "ROLLBACK", CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException)
        {
        }
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
