using PgMigrate.Autogenerate.Renames;
using PgMigrate.Schema.Catalog;
using PgMigrate.Sql.Reading;
using Xunit;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>Names as users write them, and names that the server derives.</summary>
public class RenameNameTests
{
    [Theory]
    [InlineData("app.users.mail", null, "app|users|mail", null)]
    [InlineData(" App.USERS ", null, "app|users", null)]
    [InlineData("\"App\".\"a.b\".\"x\"\"y\"", null, "App|a.b|x\"y", null)]
    [InlineData("users", null, "users", null)]
    [InlineData("constraint app.users.mail", "constraint", "app|users|mail", null)]
    [InlineData("MATERIALIZED  VIEW app.m", "materialized view", "app|m", null)]
    [InlineData("app.f(int, varchar)", null, "app|f", "integer, character varying")]
    [InlineData("function app.f()", "function", "app|f", "")]
    [InlineData("app.f(text[], app.mood, numeric)", null, "app|f", "text[], app.mood, numeric")]
    [InlineData("app.mood.'So-so'", null, "app|mood|So-so", null)]
    [InlineData("app.mood.'it''s'", null, "app|mood|it's", null)]
    [InlineData("app.\"größe\"", null, "app|größe", null)]
    public void A_name_is_read_as_SQL_writes_it(string text, string? kind, string parts, string? arguments)
    {
        var name = WrittenName.Parse(text);

        Assert.NotNull(name);
        Assert.Equal((kind, parts, arguments), (name.Kind, string.Join('|', name.Parts), name.Arguments));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("app.")]
    [InlineData(".users")]
    [InlineData("app..users")]
    [InlineData("a.b.c.d")]
    [InlineData("app.\"users")]
    [InlineData("app.users mail")]
    [InlineData("app.users-old")]
    [InlineData("1abc")]
    [InlineData("app.f(int) x")]
    [InlineData("a, b")]
    [InlineData("\"\"")]
    public void Other_text_is_no_name(string text) => Assert.Null(WrittenName.Parse(text));

    [Theory]
    [InlineData("users", "mail", "key", "users_mail_key")]
    [InlineData("users", null, "pkey", "users_pkey")]
    [InlineData(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "key",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbb_key")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", null, "pkey",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_pkey")]
    public void A_derived_name_is_cut_as_the_server_cuts_it(string table, string? columns, string label, string name) =>
        Assert.Equal(name, DerivedName.Make(table, columns, label));

    [Theory]
    [InlineData("floatrange", "floatmultirange")]
    [InlineData("span", "span_multirange")]
    public void The_name_of_a_multirange_is_that_of_its_range(string range, string name) =>
        Assert.Equal(name, DerivedName.Multirange(range));

    [Theory]
    [InlineData("constraint", "UNIQUE (a, \"B c\")", "a,B c")]
    [InlineData("constraint", "UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b)", "a,b")]
    [InlineData("constraint", "FOREIGN KEY (a, b) REFERENCES s.t(x, y)", "a,b")]
    [InlineData("constraint", "EXCLUDE USING gist (room WITH =, during WITH &&)", "room,during")]
    [InlineData("index", "CREATE INDEX i ON s.t USING btree (a DESC, lower(b), ((c || d))) WHERE (a > 0)", "a,lower,expr")]
    [InlineData("index", "CREATE INDEX i ON ONLY s.t USING btree (((a + 1)), ((b + 1)))", "expr,expr1")]
    [InlineData("statistics", "CREATE STATISTICS s.x (ndistinct) ON a, \"B\" FROM s.t", "a,B")]
    public void The_columns_of_a_definition_are_listed_in_order(string kind, string definition, string columns)
    {
        var entry = new CatalogObject(new ObjectKey(kind, "x"), "x", "x", "s", ["definition"], [definition]);

        Assert.Equal(columns, string.Join(',', ListedColumns.Of(entry["definition"]!, entry.Kind == "statistics")));
    }
}
