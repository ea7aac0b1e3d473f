namespace PgMigrate.Sql.Reading;

/// <summary>What a statement means for the surrounding transaction.</summary>
internal enum StatementKind
{
    /// <summary>No special meaning.</summary>
    Ordinary,

    /// <summary>BEGIN or START TRANSACTION.</summary>
    Begin,

    /// <summary>COMMIT or END, without AND CHAIN.</summary>
    Commit,

    /// <summary>Any other command that starts, ends or prepares a transaction; savepoints are ordinary.</summary>
    OtherTransaction,

    /// <summary>COPY FROM STDIN, whose rows follow it in the script.</summary>
    CopyFromClient,

    /// <summary>COPY TO STDOUT.</summary>
    CopyToClient,

    /// <summary>Sets client_encoding to something other than UTF-8.</summary>
    ClientEncoding,

    /// <summary>DISCARD ALL, which releases every advisory lock of the session.</summary>
    DiscardAll,

    /// <summary>PostgreSQL rejects it in a transaction block.</summary>
    OutsideTransaction,
}
