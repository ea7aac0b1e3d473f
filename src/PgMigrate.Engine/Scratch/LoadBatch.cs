using Npgsql;

namespace PgMigrate.Scratch;

/// <summary>
/// Statements that are sent together, each a transaction of its own: one that fails does not keep those behind it from
/// running.
/// </summary>
internal sealed class LoadBatch(NpgsqlConnection connection)
{
    private const int MostStatements = 200;
    private const int MostText = 512 * 1024;

    private readonly BarrierBatch<(LoadStatement Statement, LoadPart Part, SettingNode? Setting)> _batch =
        new(connection);

    private int _statements;
    private int _text;

    /// <summary>True when more should go into another one: a notice tells which statement did nothing.</summary>
    public bool IsFull => _statements >= MostStatements || _text >= MostText || MaySkip is not null;

    /// <summary>The statement that does nothing when its object is there; the last one, or null.</summary>
    public LoadStatement? MaySkip { get; private set; }

    /// <summary>Adds a setting that the statement needs.</summary>
    public void AddSetting(string sql, LoadStatement before, SettingNode? setting) =>
        _batch.Add(sql, (before, LoadPart.Setting, setting), isLast: true);

    /// <summary>Adds a statement and the check that ends its transaction.</summary>
    public void AddStatement(LoadStatement statement)
    {
        _statements++;
        _text += statement.Text.Length;
        MaySkip = statement.Desired.IfNotExists ? statement : null;
        if (statement.Desired.OrReplace)
        {
            _batch.Add(ReplaceCheck.ExecuteBefore, (statement, LoadPart.ReplaceCheck, null), isLast: false);
        }

        _batch.Add(statement.Text, (statement, LoadPart.Statement, null), isLast: false);
        if (statement.Desired.OrReplace)
        {
            _batch.Add(ReplaceCheck.ExecuteAfter, (statement, LoadPart.ReplaceCheck, null), isLast: false);
        }

        _batch.Add(SharedCheck.Execute, (statement, LoadPart.SharedCheck, null), isLast: true);
    }

    /// <summary>Runs all of it, and returns what failed, in order.</summary>
    public async Task<IReadOnlyList<LoadFailure>> RunAsync(CancellationToken cancellationToken) =>
        [.. (await _batch.RunAsync(cancellationToken).ConfigureAwait(false)).Select(failed => new LoadFailure(
            failed.Owner.Statement, failed.Error, failed.Owner.Part, failed.Owner.Setting))];
}
