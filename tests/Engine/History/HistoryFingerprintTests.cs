using PgMigrate.History;
using PgMigrate.Migrations;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.History;

public class HistoryFingerprintTests
{
    private static readonly HistoryEntry[] Rows = [.. Of("1_a.sql", "2_b.sql").Entries];

    [Fact]
    public void The_same_rows_have_the_same_fingerprint() =>
        Assert.Equal(HistoryFingerprint.Of(Rows), HistoryFingerprint.Of([.. Of("1_a.sql", "2_b.sql").Entries]));

    public static TheoryData<string, HistoryEntry[]> Changes => new()
    {
        { "none", [] },
        { "fewer", [Rows[0]] },
        { "other order", [Rows[1], Rows[0]] },
        { "other id", [Rows[0], Rows[1] with { Id = 9 }] },
        { "other version", [Rows[0], Rows[1] with { Version = MigrationVersion.FromStored("3") }] },
        { "other sum", [Rows[0], Rows[1] with { Checksum = "x" }] },
        { "other state", [Rows[0], Rows[1] with { State = "interrupted" }] },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Any_change_changes_the_fingerprint(string change, HistoryEntry[] rows)
    {
        Assert.NotEmpty(change);
        Assert.NotEqual(HistoryFingerprint.Of(Rows), HistoryFingerprint.Of(rows));
    }

    [Fact]
    public void An_empty_history_has_a_fingerprint_too() => Assert.Equal(64, HistoryFingerprint.Of([]).Value.Length);
}
