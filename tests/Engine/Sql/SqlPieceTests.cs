using PgMigrate.Sql;
using Xunit;
using static PgMigrate.Sql.SqlPieceKind;

namespace PgMigrate.Tests.Sql;

public sealed class SqlPieceTests
{
    private static readonly Dictionary<string, (SqlPieceKind, string)[]> Pieced = new()
    {
        {
            "-- a\n/* b */ SELECT 1; ;",
            [(LineComment, "-- a"), Line, (BlockComment, "/* b */"), Space, (Statement, "SELECT 1;"), (Blank, " ;")]
        },
        { "S -- a\n \n", [(Statement, "S -- a"), (Blank, "\n \n")] },
        { "S /* a */ \\g\nT;", [(Statement, "S /* a */"), Space, (PsqlCommand, "\\g"), Line, (Statement, "T;")] },
        { "\\a\\t\r\nS;", [(PsqlCommand, "\\a"), (PsqlCommand, "\\t"), (Blank, "\r\n"), (Statement, "S;")] },
        { "\\echo 'a \\\\ b' ; \\\\ S;", [(PsqlCommand, "\\echo 'a \\\\ b' ; \\\\"), Space, (Statement, "S;")] },
        { "\\echo 'a \\\\ S;\nT;", [(PsqlCommand, "\\echo 'a \\\\ S;"), Line, (Statement, "T;")] },
        { "\\! a \\\\ b;\nS;", [(PsqlCommand, "\\! a \\\\ b;"), Line, (Statement, "S;")] },
        { "\\o | a \\\\ b;\nS;", [(PsqlCommand, "\\o | a \\\\ b;"), Line, (Statement, "S;")] },
        { "S \\gset a\\\\ T;", [(Statement, "S"), Space, (PsqlCommand, "\\gset a\\\\"), Space, (Statement, "T;")] },
        { "COPY t FROM stdin;\n1;'\n\\.\nS;", [Copy, Line, (CopyData, "1;'\n\\."), Line, (Statement, "S;")] },
        { "COPY t FROM stdin;\r\n1\r\n\\.\r\n", [Copy, (Blank, "\r\n"), (CopyData, "1\r\n\\."), (Blank, "\r\n")] },
        { "COPY t FROM stdin;\n\\.", [Copy, Line, (CopyData, "\\.")] },
        { "COPY t FROM stdin;\n1\n\\.x\n2", [Copy, Line, (CopyData, "1\n\\.x\n2")] },
        { "COPY t FROM stdin;\n", [Copy, Line] },
        {
            "COPY t FROM stdin; S; -- a\n1\n\\.\nT;",
            [
                Copy, Space, (Statement, "S;"), Space, (LineComment, "-- a"), Line,
                (CopyData, "1\n\\."), Line, (Statement, "T;"),
            ]
        },
        {
            "COPY t FROM stdin\\; COPY u FROM stdin;\n1\n\\.\n2\n\\.\nT;",
            [
                (Statement, "COPY t FROM stdin\\; COPY u FROM stdin;"), Line,
                (CopyData, "1\n\\."), Line, (CopyData, "2\n\\."), Line, (Statement, "T;"),
            ]
        },
        {
            "COPY t FROM stdin\\g\n1\n\\.\n",
            [(Statement, "COPY t FROM stdin"), (PsqlCommand, "\\g"), Line, (CopyData, "1\n\\."), Line]
        },
        {
            "\\copy t from stdin csv\n;\n\\.\nS;",
            [(PsqlCommand, "\\copy t from stdin csv"), Line, (CopyData, ";\n\\."), Line, (Statement, "S;")]
        },
    };

    public static TheoryData<string> Scripts => [.. Pieced.Keys];

    private static (SqlPieceKind, string) Space => (Blank, " ");

    private static (SqlPieceKind, string) Line => (Blank, "\n");

    private static (SqlPieceKind, string) Copy => (Statement, "COPY t FROM stdin;");

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_falls_into_pieces(string script) =>
        Assert.Equal(Pieced[script], Pieces(script));

    [Theory]
    [InlineData("copy t from StdIn;")]
    [InlineData("COPY s.\"from\" (a, \"b)\", c) FROM STDIN WITH (FORMAT csv);")]
    [InlineData("/* a */ COPY BINARY t FROM -- b\n STDIN;")]
    [InlineData("COPY t FROM STDOUT;")]
    [InlineData("SELECT 1\\; COPY t FROM STDIN;")]
    public void COPY_from_the_script_reads_rows(string copy) =>
        Assert.Contains(Pieces(copy + "\n1\n\\.\n"), p => p.Kind == CopyData);

    [Theory]
    [InlineData("COPY t TO STDOUT;")]
    [InlineData("COPY (SELECT 1 FROM stdin) TO STDOUT;")]
    [InlineData("COPY t FROM 'stdin';")]
    [InlineData("COPY t FROM \"stdin\";")]
    [InlineData("COPY t FROM PROGRAM 'cat stdin';")]
    [InlineData("SELECT copy FROM stdin;")]
    [InlineData("\"copy\" COPY t FROM stdin;")]
    [InlineData("COPY t FROM pstdin;")]
    public void Any_other_statement_reads_no_rows(string statement) =>
        Assert.DoesNotContain(Pieces(statement + "\nS;\n\\.\n"), p => p.Kind == CopyData);

    // The server rejects such a COPY, so psql continues with SQL.
    [Theory]
    [InlineData("COPY t (a, b) FROM stdin;\n\nSELECT 1;")]
    [InlineData("COPY t (a) FROM stdin;\nCOPY t (b) FROM stdin;\n1\n\\.\n")]
    public void COPY_without_possible_rows_reads_none(string script) =>
        Assert.Equal(2, Pieces(script).Count(p => p.Kind == Statement));

    [Fact]
    public void An_empty_line_can_be_the_row_of_a_single_column() =>
        Assert.Contains((CopyData, "\n\\."), Pieces("COPY t (a) FROM stdin;\n\n\\.\n"));

    private static IEnumerable<(SqlPieceKind Kind, string Text)> Pieces(string script) =>
        SqlSplitter.Split(script).Pieces.Select(p => (p.Kind, script.Substring(p.Offset, p.Length)));
}
