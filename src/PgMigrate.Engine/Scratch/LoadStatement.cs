using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scratch;

/// <summary>A statement of a text that describes a schema, ready to run.</summary>
/// <param name="Place">Which one it is.</param>
/// <param name="Statement">The statement as it is written.</param>
/// <param name="Desired">What it means.</param>
/// <param name="Settings">What is in force at its place.</param>
internal sealed record LoadStatement(
    StatementPlace Place, SqlStatement Statement, DesiredStatement Desired, SettingNode? Settings)
{
    /// <summary>What is sent.</summary>
    public string Text { get; init; } = Statement.Text;

    /// <summary>A problem at its start.</summary>
    public MigrationProblem Problem(string code, string message) => ProblemAt(code, message, 0);

    /// <summary>A problem at an offset of what is sent.</summary>
    public MigrationProblem ProblemAt(string code, string message, int offset) => Statement.Source!.Problem(
        code, message, Statement.SourceOffset(Math.Clamp(offset, 0, Math.Max(0, Statement.Text.Length - 1))));
}
