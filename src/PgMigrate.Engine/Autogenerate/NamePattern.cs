using System.Text;
using System.Text.RegularExpressions;

namespace PgMigrate.Autogenerate;

/// <summary>
/// A pattern as PowerShell writes them: <c>*</c>, <c>?</c>, <c>[a-z]</c>, and a backtick in front of what is meant as
/// it is. Upper and lower case differ, as they do in PostgreSQL.
/// </summary>
internal sealed class NamePattern(string pattern)
{
    private readonly Regex _regex = new(ToRegex(pattern), RegexOptions.Singleline | RegexOptions.CultureInvariant);

    public bool IsMatch(string name) => _regex.IsMatch(name);

    public override string ToString() => pattern;

    private static string ToRegex(string pattern)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            var end = pattern[i] == '[' ? pattern.IndexOf(']', Math.Min(i + 2, pattern.Length)) : -1;
            if (end > 0)
            {
                var set = pattern[(i + 1)..end];
                regex.Append('[').Append(Regex.Replace(set, @"[\\\[\]^]", @"\$0")).Append(']');
                i = end;
                continue;
            }

            regex.Append(pattern[i] switch
            {
                '*' => ".*",
                '?' => ".",
                '`' when i + 1 < pattern.Length => Regex.Escape(pattern[++i].ToString()),
                var other => Regex.Escape(other.ToString()),
            });
        }

        return regex.Append(@"\z").ToString();
    }
}
