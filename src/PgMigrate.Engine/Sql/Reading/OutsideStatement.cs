namespace PgMigrate.Sql.Reading;

/// <summary>What is known of a statement that was under way when its session was lost.</summary>
public enum OutsideStatementKind
{
    /// <summary>Nothing: somebody has to look.</summary>
    Unknown,

    /// <summary>Running it again does no harm: VACUUM, REINDEX, CLUSTER, ALTER SYSTEM.</summary>
    Repeatable,

    /// <summary>CREATE INDEX CONCURRENTLY: the index is there and valid, there and invalid, or not there.</summary>
    CreateIndex,

    /// <summary>DROP INDEX CONCURRENTLY.</summary>
    DropIndex,

    /// <summary>DETACH PARTITION CONCURRENTLY.</summary>
    DetachPartition,

    /// <summary>CREATE DATABASE, TABLESPACE or SUBSCRIPTION.</summary>
    CreateShared,

    /// <summary>DROP DATABASE, TABLESPACE or SUBSCRIPTION.</summary>
    DropShared,
}

/// <summary>What a statement outside a transaction works on, as far as the catalogs tell later how it ended; pure.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The index, partition, database, tablespace or subscription, as it is written; null when not named.</param>
/// <param name="Table">The table of an index or a partition, as it is written; for REINDEX the index or the table.</param>
/// <param name="Catalog">The catalog that lists a shared object, such as <c>pg_database</c>.</param>
public sealed record OutsideStatement(
    OutsideStatementKind Kind, string? Name = null, string? Table = null, string? Catalog = null)
{
    /// <summary>True when a failure can leave an INVALID index behind.</summary>
    public bool CanLeaveInvalidIndex =>
        Kind == OutsideStatementKind.CreateIndex || (Kind == OutsideStatementKind.Repeatable && Table is not null);

    /// <summary>Reads a statement.</summary>
    public static OutsideStatement Read(SqlStatement statement)
    {
        var words = new Words(statement);
        return (words.Take(), words.Take()) switch
        {
            ("CREATE", "INDEX" or "UNIQUE") => ReadCreateIndex(words),
            ("DROP", "INDEX") => new(OutsideStatementKind.DropIndex, words.Skip("CONCURRENTLY", "IF", "EXISTS").TakeName()),
            ("CREATE", "DATABASE" or "TABLESPACE" or "SUBSCRIPTION") =>
                new(OutsideStatementKind.CreateShared, words.TakeName(), Catalog: CatalogOf(words.Last)),
            ("DROP", "DATABASE" or "TABLESPACE" or "SUBSCRIPTION") => ReadDropShared(words),
            ("ALTER", "TABLE") => ReadDetach(words),
            ("ALTER", "SYSTEM" or "DATABASE") or ("VACUUM" or "CLUSTER", _) => new(OutsideStatementKind.Repeatable),
            ("REINDEX", _) => ReadReindex(statement),
            _ => new(OutsideStatementKind.Unknown),
        };
    }

    private static OutsideStatement ReadCreateIndex(Words words)
    {
        words.Skip("INDEX", "CONCURRENTLY", "IF", "NOT", "EXISTS");
        var name = words.Peek() == "ON" ? null : words.TakeName();
        return new(OutsideStatementKind.CreateIndex, name, words.Skip("ON", "ONLY").TakeName());
    }

    private static OutsideStatement ReadDropShared(Words words)
    {
        var catalog = CatalogOf(words.Last);
        return new(OutsideStatementKind.DropShared, words.Skip("IF", "EXISTS").TakeName(), Catalog: catalog);
    }

    private static OutsideStatement ReadDetach(Words words)
    {
        var table = words.Skip("IF", "EXISTS", "ONLY").TakeName();
        return words.Take() == "DETACH"
            ? new(OutsideStatementKind.DetachPartition, words.Skip("PARTITION").TakeName(), table)
            : new(OutsideStatementKind.Unknown);
    }

    private static OutsideStatement ReadReindex(SqlStatement statement)
    {
        var words = new Words(statement);
        words.Take();
        if (words.Peek() == "(")
        {
            while (words.Take() is not (")" or ""))
            {
                // options
            }
        }

        var isOne = words.Take() is "INDEX" or "TABLE";
        return new(OutsideStatementKind.Repeatable, Table: isOne ? words.Skip("CONCURRENTLY").TakeName() : null);
    }

    private static string CatalogOf(string word) => word switch
    {
        "DATABASE" => "pg_database",
        "TABLESPACE" => "pg_tablespace",
        _ => "pg_subscription",
    };

    // The words of a statement one after the other; names keep their case and their quotes.
    private sealed class Words
    {
        private readonly List<string> _tokens = [];
        private int _next;

        public Words(SqlStatement statement)
        {
            var text = statement.Text.AsSpan();
            var tokens = new SqlTokenizer(text, statement.StandardStrings);
            while (tokens.Read(out var token))
            {
                if (!token.IsTrivia)
                {
                    _tokens.Add(text[token.Start..token.End].ToString());
                }
            }
        }

        public string Last { get; private set; } = "";

        public string Peek() => _next < _tokens.Count ? _tokens[_next].ToUpperInvariant() : "";

        public string Take()
        {
            Last = Peek();
            _next++;
            return Last;
        }

        public Words Skip(params ReadOnlySpan<string> words)
        {
            foreach (var word in words)
            {
                _next += Peek() == word ? 1 : 0;
            }

            return this;
        }

        public string? TakeName()
        {
            if (_next >= _tokens.Count)
            {
                return null;
            }

            var name = _tokens[_next++];
            while (Peek() == "." && _next + 1 < _tokens.Count)
            {
                name += "." + _tokens[_next + 1];
                _next += 2;
            }

            return name;
        }
    }
}
