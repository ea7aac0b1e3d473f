using PgMigrate.Sql.Tokens;
using Xunit;

namespace PgMigrate.Tests.Sql;

/// <summary>Each case lists the tokens with a blank between them.</summary>
public sealed class SqlWordsTests
{
    [Theory]
    [InlineData("create unique index concurrently i on t (a)", 4, "CREATE UNIQUE INDEX CONCURRENTLY")]
    [InlineData(" -- a\n/* b /* c */ */ Begin;", 9, "BEGIN ;")]
    [InlineData("ROLLBACK/**/TO s", 9, "ROLLBACK TO S")]
    [InlineData("SET client_encoding='UTF8';", 9, "SET CLIENT_ENCODING = 'UTF8' ;")]
    [InlineData("copy \"From\".t(a)from stdin", 9, "COPY \"From\" . T ( A ) FROM STDIN")]
    [InlineData("SELECT E'\\'', $a$b$a$, $1, 1.5", 9, "SELECT E'\\'' , $a$b$a$ , $1 , 1.5")]
    [InlineData("", 9, "")]
    [InlineData("SELECT 'open", 9, "SELECT 'open")]
    [InlineData("SELECT 1", 0, "")]
    public void The_first_tokens_of_a_statement_are_read(string statement, int max, string tokens) =>
        Assert.Equal(tokens, string.Join(' ', SqlWords.Leading(statement, max)));
}
