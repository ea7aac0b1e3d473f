using System.Text;

namespace PgMigrate.Sql.Tokens;

/// <summary>The statements whose first words matter to the splitter.</summary>
internal enum SqlLead
{
    None,
    Create,
    CreateOr,
    CreateOrReplace,
    CreateRoutine,
    Copy,
    Setting,
    Other,
}

/// <summary>What a semicolon is nested in: parentheses, and the BEGIN and CASE blocks of a routine's body.</summary>
internal struct SqlNesting
{
    private int _parentheses;
    private int _blocks;

    public SqlLead Lead { get; private set; }

    public readonly int Depth => _parentheses + _blocks;

    public void Open() => _parentheses++;

    public void Close() => _parentheses = Math.Max(0, _parentheses - 1);

    /// <summary>A new command starts within the same query, after an escaped semicolon.</summary>
    public void StartCommand() => Lead = SqlLead.None;

    public void Word(ReadOnlySpan<char> word)
    {
        if (Lead == SqlLead.CreateRoutine)
        {
            CountBlocks(word);
        }
        else if (Lead != SqlLead.Other)
        {
            Lead = Advance(Lead, word);
        }
    }

    private static SqlLead Advance(SqlLead lead, ReadOnlySpan<char> word) => lead switch
    {
        SqlLead.None when Is(word, "CREATE") => SqlLead.Create,
        SqlLead.None when Is(word, "COPY") => SqlLead.Copy,
        SqlLead.None when Is(word, "SET") || Is(word, "RESET") => SqlLead.Setting,
        SqlLead.Create when Is(word, "OR") => SqlLead.CreateOr,
        SqlLead.CreateOr when Is(word, "REPLACE") => SqlLead.CreateOrReplace,
        SqlLead.Create or SqlLead.CreateOrReplace when Is(word, "FUNCTION") || Is(word, "PROCEDURE") =>
            SqlLead.CreateRoutine,
        SqlLead.Copy or SqlLead.Setting => lead,
        _ => SqlLead.Other,
    };

    // CASE also closes with END, so it counts once a body is open.
    private void CountBlocks(ReadOnlySpan<char> word)
    {
        if (_parentheses > 0)
        {
            return;
        }

        if (Is(word, "BEGIN") || (_blocks > 0 && Is(word, "CASE")))
        {
            _blocks++;
        }
        else if (_blocks > 0 && Is(word, "END"))
        {
            _blocks--;
        }
    }

    private static bool Is(ReadOnlySpan<char> word, string keyword) =>
        word.Length == keyword.Length && Ascii.EqualsIgnoreCase(word, keyword);
}
