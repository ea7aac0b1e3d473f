using PgMigrate.Sql;

namespace PgMigrate.Scratch;

/// <summary>
/// A setting of a text and the settings before it: what is in force at a statement. Null stands for what the session
/// starts with.
/// </summary>
/// <param name="Parent">What was in force before it.</param>
/// <param name="Text">The statement that sets it.</param>
/// <param name="Statement">That statement as it is written.</param>
/// <param name="IsLocal">True when COMMIT ends it.</param>
internal sealed record SettingNode(SettingNode? Parent, string Text, SqlStatement Statement, bool IsLocal)
{
    private readonly int _depth = (Parent?._depth ?? 0) + 1;

    /// <summary>The settings in force without those that COMMIT ends.</summary>
    public static SettingNode? WithoutLocal(SettingNode? node)
    {
        if (node is null)
        {
            return null;
        }

        var parent = WithoutLocal(node.Parent);
        return node.IsLocal ? parent
            : ReferenceEquals(parent, node.Parent) ? node
            : new SettingNode(parent, node.Text, node.Statement, IsLocal: false);
    }

    /// <summary>
    /// What to run to come from the settings of one place to those of another, in order; null when the session has to
    /// be reset first.
    /// </summary>
    public static IReadOnlyList<SettingNode>? Between(SettingNode? from, SettingNode? to)
    {
        var steps = new Stack<SettingNode>();
        var at = to;
        while (at is not null && at._depth > (from?._depth ?? 0))
        {
            steps.Push(at);
            at = at.Parent;
        }

        return ReferenceEquals(at, from) ? [.. steps] : null;
    }
}
