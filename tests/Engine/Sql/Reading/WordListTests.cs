using PgMigrate.Sql;
using PgMigrate.Sql.Reading;
using PgMigrate.Sql.Tokens;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Sql.Reading;

/// <summary>A statement is read in one room; the others ask its reading.</summary>
public class WordListTests
{
    private static readonly Type[] Readers =
        [typeof(SqlWords), typeof(TokenSpan), typeof(StatementCursor), typeof(KindReader)];

    [Fact]
    public void No_room_but_the_rooms_of_Sql_reads_the_words_of_a_statement() => Assert.Empty(
        TypeReferences.In(typeof(SqlStatement).Assembly)
            .Where(use => Readers.Contains(use.To)
                && use.From.Namespace?.StartsWith("PgMigrate.Sql", StringComparison.Ordinal) == false)
            .Select(use => $"{use.From.FullName} uses {use.To.Name}")
            .Distinct());
}
