using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Execution.Failures;
using PgMigrate.History;
using PgMigrate.Sessions;
using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Execution.Transactions;

/// <summary>
/// Finds out from the catalogs how a statement without a transaction ended, and drops what a failed one left: an
/// INVALID index answers no query, and can still reject rows of the application.
/// </summary>
internal sealed class OutcomeProbe(DatabaseSession session)
{
    /// <summary>True when a statement whose end was not seen is done; false when it can be run again.</summary>
    /// <exception cref="StepFaultException">The catalogs do not show it.</exception>
    public async Task<bool> IsDoneAsync(SqlStatement statement, CancellationToken cancellationToken)
    {
        var what = statement.Reading.Outside;
        switch (what)
        {
            case { Kind: OutsideStatementKind.Repeatable }:
                return false;
            case { Kind: OutsideStatementKind.CreateIndex, Name: { } name, Table: { } table }:
                var state = await ReadIndexAsync(name, table, cancellationToken).ConfigureAwait(false);
                if (state is { IsValid: false })
                {
                    await DropAsync([state.Value.FullName]).ConfigureAwait(false);
                }

                return state is { IsValid: true };
            case { Kind: OutsideStatementKind.DropIndex, Name: { } name }:
                return await ScalarAsync("SELECT pg_catalog.to_regclass($1) IS NULL", [name], cancellationToken)
                    .ConfigureAwait(false) is true;
            case { Kind: OutsideStatementKind.DetachPartition, Name: { } name, Table: { } table }:
                return await IsDetachedAsync(name, table, cancellationToken).ConfigureAwait(false);
            case { Kind: OutsideStatementKind.CreateShared or OutsideStatementKind.DropShared, Name: { } name }:
                return await IsSharedThereAsync(what.Catalog!, name, cancellationToken).ConfigureAwait(false)
                    == (what.Kind == OutsideStatementKind.CreateShared);
            default:
                throw new StepFaultException(
                    ErrorCodes.StatementInDoubt,
                    "An earlier run lost its connection while this statement ran, and nothing in the database shows "
                        + "whether the statement is done. Check it. Then finish the file by hand and use -MarkApplied, "
                        + "or undo by hand what it did and use -MarkPending to run it from its start.");
        }
    }

    /// <summary>Fails when an index build succeeded and the index is INVALID: IF NOT EXISTS accepts one.</summary>
    /// <exception cref="StepFaultException">The index is INVALID.</exception>
    public async Task RequireValidAsync(SqlStatement statement)
    {
        if (statement.Reading.Outside is { Kind: OutsideStatementKind.CreateIndex, Name: { } name, Table: { } table }
            && await ReadIndexAsync(name, table, CancellationToken.None).ConfigureAwait(false) is (false, var fullName))
        {
            throw new StepFaultException(
                ErrorCodes.IndexInvalid,
                $"The index {fullName} is INVALID: an earlier build of it failed, and IF NOT EXISTS accepts what is "
                    + $"there. Drop it (DROP INDEX CONCURRENTLY {fullName};) and run again.");
        }
    }

    /// <summary>
    /// The INVALID indexes of the table that a statement works on; none for statements that leave none.
    /// </summary>
    public async Task<IReadOnlyList<string>> FindInvalidAsync(SqlStatement statement)
    {
        var what = statement.Reading.Outside;
        if (!what.CanLeaveInvalidIndex || what.Table is null)
        {
            return [];
        }

        var command = Command(EmbeddedSql.Read("InvalidIndexes.sql"), [what.Table]);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var found = new List<string>();
        while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    /// <summary>Drops INVALID indexes and returns a sentence for the error. Never throws.</summary>
    public async Task<string> DropAsync(IReadOnlyList<string> indexes)
    {
        var sentences = new List<string>();
        foreach (var index in indexes)
        {
            sentences.Add(await session.TryExecuteAsync($"DROP INDEX CONCURRENTLY IF EXISTS {index}")
                .ConfigureAwait(false)
                ? $"The INVALID index {index} that it left was dropped."
                : $"It left the INVALID index {index}, which could not be dropped and slows down every write. Drop it: "
                    + $"DROP INDEX CONCURRENTLY {index};");
        }

        return string.Join(' ', sentences);
    }

    private async Task<(bool IsValid, string FullName)?> ReadIndexAsync(
        string name, string table, CancellationToken cancellationToken)
    {
        var command = Command(EmbeddedSql.Read("IndexState.sql"), [name, table]);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? (reader.GetBoolean(0), reader.GetString(1))
            : null;
    }

    private async Task<bool> IsDetachedAsync(string partition, string table, CancellationToken cancellationToken)
    {
        var pending = await ScalarAsync(EmbeddedSql.Read("DetachState.sql"), [partition, table], cancellationToken)
            .ConfigureAwait(false);
        return pending is not true ? pending is null : throw new StepFaultException(
            ErrorCodes.StatementInDoubt,
            $"An earlier run lost its connection while the partition was detached. Finish it (ALTER TABLE {table} "
                + $"DETACH PARTITION {partition} FINALIZE;) and run again.");
    }

    private async Task<bool> IsSharedThereAsync(string catalog, string name, CancellationToken cancellationToken)
    {
        var column = catalog switch { "pg_database" => "datname", "pg_tablespace" => "spcname", _ => "subname" };
        return await ScalarAsync(
            $"SELECT EXISTS (SELECT FROM pg_catalog.{catalog} WHERE {column} = (pg_catalog.parse_ident($1))[1])",
            [name],
            cancellationToken).ConfigureAwait(false) is true;
    }

    private async Task<object?> ScalarAsync(string sql, string[] parameters, CancellationToken cancellationToken)
    {
        var command = Command(sql, parameters);
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    private NpgsqlCommand Command(string sql, string[] parameters)
    {
        var command = new NpgsqlCommand(sql, session.Connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddText(parameter);
        }

        return command;
    }
}
