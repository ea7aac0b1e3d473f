using PgMigrate.Errors;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scratch;

/// <summary>What the statements of a desired schema make; pure.</summary>
internal sealed class MadeObjects
{
    private readonly Dictionary<(string Class, string Name), List<LoadStatement>> _makers = [];

    /// <summary>Collects it.</summary>
    public static MadeObjects Of(IEnumerable<LoadStatement> statements)
    {
        var made = new MadeObjects();
        foreach (var statement in statements)
        {
            made.Add(statement);
        }

        return made;
    }

    /// <summary>
    /// The statements that drop what a statement before them makes. The order would decide whether it is there.
    /// </summary>
    public static IEnumerable<MigrationProblem> FindDropped(IEnumerable<LoadStatement> statements)
    {
        var made = new MadeObjects();
        foreach (var statement in statements)
        {
            foreach (var dropped in statement.Desired.Dropped)
            {
                if (made.Find(dropped).FirstOrDefault() is { } maker)
                {
                    var (line, _) = maker.Statement.Source!.PositionOf(maker.Statement.Offset);
                    yield return statement.Problem(
                        ErrorCodes.SchemaStatementRefused,
                        $"This statement drops {dropped.Name}, which the desired schema makes in "
                            + $"{maker.Statement.Source.FileName}:{line}. Delete both of them, or this one.");
                }
            }

            made.Add(statement);
        }
    }

    /// <summary>True when another statement, in other words, may make the same object.</summary>
    public bool HasOther(LoadStatement statement) =>
        statement.Desired.Made is not { } made
        || Find(made).Any(other => other.Place != statement.Place && WordsOf(other) != WordsOf(statement));

    private static string WordsOf(LoadStatement statement) => string.Join(' ', statement.Statement.Text.TrimEnd(';')
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();

    private void Add(LoadStatement statement)
    {
        if (statement.Desired.Made is not { } made)
        {
            return;
        }

        var key = (made.Class, made.Name.Name);
        if (!_makers.TryGetValue(key, out var makers))
        {
            _makers[key] = makers = [];
        }

        makers.Add(statement);
    }

    private IEnumerable<LoadStatement> Find(DesiredObject wanted) =>
        _makers.GetValueOrDefault((wanted.Class, wanted.Name.Name), [])
            .Where(maker => maker.Desired.Made!.MayBe(wanted));
}
