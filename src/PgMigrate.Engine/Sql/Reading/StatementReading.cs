using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>
/// What a statement is and does, read from its tokens. Each property is read on first use and cached, so a statement of
/// which only the kind matters is read no further than its first words.
/// </summary>
/// <param name="text">The statement; it can be a part of a larger text without being copied.</param>
/// <param name="standardStrings">Whether a backslash in a plain string constant is an ordinary character.</param>
internal sealed class StatementReading(ReadOnlyMemory<char> text, bool standardStrings = true)
{
    private StatementKind? _kind;
    private StatementDetail? _detail;
    private OutsideStatement? _outside;
    private SessionEffects? _session;
    private SettingKind? _setting;

    /// <summary>Reads a statement that is a text of its own.</summary>
    public StatementReading(string text, bool standardStrings = true)
        : this(text.AsMemory(), standardStrings)
    {
    }

    /// <summary>What it means for the surrounding transaction.</summary>
    public StatementKind Kind => _kind ??= KindReader.Read(text.Span, standardStrings);

    /// <summary>What it does, as a record; reads the whole statement.</summary>
    public StatementDetail Detail => _detail ??= DetailReader.Read(StatementCursor.Read(text, standardStrings));

    /// <summary>The relations that it creates or drops; null when it does neither.</summary>
    public NamedRelations? CreatedOrDropped => StartsWithAny("CREATE", "DROP") ? NamedRelations.Of(Detail) : null;

    /// <summary>The object of a statement that runs outside a transaction.</summary>
    public OutsideStatement Outside => _outside ??= OutsideStatement.Read(StatementCursor.Read(text, standardStrings));

    /// <summary>True when it contains only blanks, comments and semicolons.</summary>
    public bool IsEmpty
    {
        get
        {
            Span<SqlToken> buffer = stackalloc SqlToken[1];
            return TokenSpan.Read(text.Span, standardStrings, buffer).IsEnd(0);
        }
    }

    /// <summary>
    /// True when it must run alone: PostgreSQL rejects it in a transaction, or it may commit by itself.
    /// </summary>
    public bool NeedsNoTransaction => MayCommit || Kind == StatementKind.OutsideTransaction;

    /// <summary>True for LOCK and savepoint commands, which PostgreSQL rejects outside a transaction.</summary>
    public bool NeedsTransaction =>
        Kind == StatementKind.Ordinary && StartsWithAny("LOCK", "SAVEPOINT", "RELEASE", "ROLLBACK");

    /// <summary>True for CALL and DO, which can contain a COMMIT.</summary>
    public bool MayCommit => StartsWithAny("CALL", "DO");

    /// <summary>True for DO.</summary>
    public bool IsDo => StartsWithAny("DO");

    /// <summary>True for SAVEPOINT.</summary>
    public bool SetsSavepoint => StartsWithAny("SAVEPOINT");

    /// <summary>
    /// True for CREATE INDEX, DROP INDEX, REINDEX or DETACH CONCURRENTLY: it waits for older transactions.
    /// </summary>
    public bool IsConcurrent
    {
        get
        {
            if (Kind != StatementKind.OutsideTransaction)
            {
                return false;
            }

            Span<SqlToken> buffer = stackalloc SqlToken[TokenSpan.Enough];
            return TokenSpan.Read(text.Span, standardStrings, buffer).Contains("CONCURRENTLY");
        }
    }

    /// <summary>True for a call that opens, writes or closes a large object, as pg_dump writes it.</summary>
    public bool IsLargeObjectCall
    {
        get
        {
            Span<SqlToken> buffer = stackalloc SqlToken[5];
            var words = TokenSpan.Read(text.Span, standardStrings, buffer);
            return words.StartsWith("SELECT", "PG_CATALOG", ".") && words.IsAny(3, "LO_OPEN", "LOWRITE", "LO_CLOSE")
                && words.Is(4, "(");
        }
    }

    /// <summary>True for a COPY with binary rows.</summary>
    public bool IsBinaryCopy => StartsWithAny("COPY") && CopyOptions.Read(Words()).IsBinary;

    /// <summary>The options of a COPY.</summary>
    public CopyOptions Copy => CopyOptions.Read(Words());

    /// <summary>
    /// True for a statement that changes a setting for the rest of the session and does nothing else.
    /// </summary>
    public bool IsSetting => Setting is SettingKind.Only;

    /// <summary>
    /// True for a SELECT that changes a setting and does other work, so that it cannot be repeated for the setting.
    /// </summary>
    public bool SetsAmongOthers => Setting is SettingKind.AmongOthers;

    /// <summary>
    /// True for SET TRANSACTION, its other forms and set_config('transaction_isolation', …); not for SET SESSION
    /// CHARACTERISTICS.
    /// </summary>
    public bool SetsTransactionOptions
    {
        get
        {
            Span<SqlToken> buffer = stackalloc SqlToken[TransactionOptions.LongestForm];
            return TransactionOptions.AreSetBy(TokenSpan.Read(text.Span, standardStrings, buffer))
                || (StartsWithAny("SELECT", "WITH", "VALUES") && Holds("set_config")
                    && TransactionOptions.AreCalledBy(text.Span));
        }
    }

    /// <summary>True for a command whose effect ends with its transaction and that does nothing else.</summary>
    public bool EndsWithTransaction =>
        SetsTransactionOptions || StartsWith("SET", "LOCAL") || StartsWith("SET", "CONSTRAINTS")
        || (StartsWithAny("SELECT") && IsSetting && SettingReader.IsLocal(Words()));

    /// <summary>The options after BEGIN or START TRANSACTION, in upper case; empty when there are none.</summary>
    public string BeginOptions => TransactionOptions.Read(Words());

    /// <summary>True for ALTER TYPE … ADD VALUE.</summary>
    public bool AddsEnumValue => StartsWith("ALTER", "TYPE") && Detail is AddEnumValue;

    /// <summary>True when it may add a value to an enum type, even in the body of a DO.</summary>
    public bool MayAddEnumValue => AddsEnumValue || Holds("ADD VALUE");

    /// <summary>
    /// What it may leave in its session; a superset, by its words and by the content of its bodies and constants.
    /// </summary>
    public SessionEffects Session => _session ??= SessionReader.Read(this);

    /// <summary>True when it may leave something in its session that a new session does not have.</summary>
    public bool MayLeaveInSession => Session != SessionEffects.None;

    /// <summary>True when it may change its role or the owner of an object.</summary>
    public bool MayChangeOwner => Holds("role") || Holds("authorization") || Holds("owner");

    /// <summary>True when it names advisory locks.</summary>
    public bool NamesAdvisoryLocks => Holds("advisory");

    /// <summary>True when it may change a setting, even in the body of a function.</summary>
    public bool MaySet(string setting) => Holds(setting);

    /// <summary>The kind of a part of a text; copies nothing.</summary>
    public static StatementKind KindOf(ReadOnlySpan<char> text, bool standardStrings = true) =>
        KindReader.Read(text, standardStrings);

    /// <summary>True when the text contains this in any case, even in a body or a constant.</summary>
    internal bool Holds(string part) => text.Span.Contains(part, StringComparison.OrdinalIgnoreCase);

    /// <summary>True when it begins with these words.</summary>
    internal bool StartsWith(params ReadOnlySpan<string> words)
    {
        Span<SqlToken> buffer = stackalloc SqlToken[TokenSpan.Enough];
        return TokenSpan.Read(text.Span, standardStrings, buffer[..Math.Min(words.Length, TokenSpan.Enough)])
            .StartsWith(words);
    }

    /// <summary>True when its first word is one of these.</summary>
    internal bool StartsWithAny(params ReadOnlySpan<string> words)
    {
        Span<SqlToken> buffer = stackalloc SqlToken[1];
        return TokenSpan.Read(text.Span, standardStrings, buffer).IsAny(0, words);
    }

    private SettingKind Setting => _setting ??=
        StartsWithAny("SET", "RESET") ? SettingKind.Only
        : Holds("set_config") && StartsWithAny("SELECT") ? SettingReader.Read(Words())
        : SettingKind.None;

    private List<string> Words() => SqlWords.Leading(text.Span, int.MaxValue, standardStrings);
}
