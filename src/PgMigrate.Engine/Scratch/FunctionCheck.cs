using System.Globalization;
using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Scratch;

/// <summary>A function whose language refuses its body.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">What tells it from others of its name, as the server writes it.</param>
/// <param name="Message">What the language says.</param>
internal sealed record FunctionFault(string Schema, string Name, string Arguments, string Message)
{
    /// <summary>The fault as a problem, at the statement that made the function where that is known.</summary>
    public MigrationProblem ToProblem(LoadStatement? maker)
    {
        var text = $"The body of {Schema}.{Name}({Arguments}) is refused by its language: {Message} Correct it.";
        return (maker?.Problem(ErrorCodes.FunctionBodyInvalid, text)
            ?? new MigrationProblem { Code = ErrorCodes.FunctionBodyInvalid, Message = text }) with
        {
            Severity = nameof(ProblemSeverity.Warning),
        };
    }
}

/// <summary>Asks the language of each function what it says of the body: while loading it was not asked.</summary>
internal static class FunctionCheck
{
    private sealed record Function(
        long Id, string Validator, string Schema, string Name, string Arguments, string? SearchPath);

    /// <summary>The functions of a database that are refused, in the order of their names.</summary>
    public static async Task<IReadOnlyList<FunctionFault>> FindAsync(
        ScratchDatabase database, CancellationToken cancellationToken)
    {
        var session = await database.OpenForLoadAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        var functions = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
        var refused = await CheckAsync(session, functions, function => function.SearchPath, cancellationToken)
            .ConfigureAwait(false);

        // A body without schemas is written for a search_path that its schema is in.
        var left = await CheckAsync(
            session,
            refused.Where(one => one.Function.SearchPath is null).Select(one => one.Function),
            function => SqlIdentifier.Quote(function.Schema),
            cancellationToken).ConfigureAwait(false);
        var ids = left.Select(one => one.Function.Id).ToHashSet();
        return [.. refused.Where(one => one.Function.SearchPath is not null || ids.Contains(one.Function.Id))
            .Select(one => new FunctionFault(
                one.Function.Schema, one.Function.Name, one.Function.Arguments, ServerText.Of(one.Error)))];
    }

    private static async Task<IReadOnlyList<Function>> ReadAsync(
        DatabaseSession session, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EmbeddedSql.Read("FunctionCheck.sql"), session.Connection);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var functions = new List<Function>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            functions.Add(new Function(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                await reader.IsDBNullAsync(5, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(5)));
        }

        return functions;
    }

    private static async Task<IReadOnlyList<(Function Function, PostgresException Error)>> CheckAsync(
        DatabaseSession session,
        IEnumerable<Function> functions,
        Func<Function, string?> pathOf,
        CancellationToken cancellationToken)
    {
        const int Together = 500;
        var refused = new List<(Function, PostgresException)>();
        foreach (var some in functions.Chunk(Together))
        {
            var batch = new BarrierBatch<Function>(session.Connection);
            foreach (var function in some)
            {
                batch.Add("SELECT pg_catalog.set_config('check_function_bodies', 'on', true)", function, isLast: false);
                if (pathOf(function) is { } path)
                {
                    batch.Add(
                        $"SELECT pg_catalog.set_config('search_path', {SqlIdentifier.Literal(path)}, true)", function,
                        isLast: false);
                }

                batch.Add(
                    string.Create(CultureInfo.InvariantCulture, $"SELECT {function.Validator}({function.Id})"),
                    function,
                    isLast: true);
            }

            refused.AddRange(await batch.RunAsync(cancellationToken).ConfigureAwait(false));
        }

        return refused;
    }
}
