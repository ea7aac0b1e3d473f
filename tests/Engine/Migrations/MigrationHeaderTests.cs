using System.Globalization;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class MigrationHeaderTests
{
    [Theory]
    [InlineData("-- Description: adds users\nSELECT 1;", "adds users")]
    [InlineData("--description:adds users  \n-- Description: later\nSELECT 1;", "adds users")]
    [InlineData("/* x */\n\n-- Description: größe: 1\n-- UP\nSELECT 1;", "größe: 1")]
    [InlineData("SELECT '\n-- Description: no\n';", null)]
    [InlineData("SELECT 1\n-- Description: no\n;", null)]
    [InlineData("-- A Description: no\nSELECT 1;", null)]
    public void The_description_comes_from_its_line(string text, string? description)
    {
        var parsed = Parsed.From(text);

        Assert.Empty(parsed.Problems);
        Assert.Equal(description, parsed.Migration.Description);
    }

    [Fact]
    public void Dependencies_come_from_their_lines()
    {
        var parsed = Parsed.From("-- Migration: x\n-- Depends: 002_add_users, 003_add_posts.sql ,4\nSELECT 1;");

        Assert.Empty(parsed.Problems);
        Assert.Equal(["002_add_users", "003_add_posts.sql", "4"], parsed.Migration.DependsOn);
    }

    [Theory]
    [InlineData("\\if false\n{0}\n\\endif", false, null)]
    [InlineData("\\if true\n{0}\n\\endif", true, null)]
    [InlineData("\\if false\n\\else\n{0}\n\\endif", true, null)]
    [InlineData("\\if on\n\\elif on\n{0}\n\\endif", false, null)]
    [InlineData("\\if off\n\\if on\n{0}\n\\endif\n\\endif", false, null)]
    [InlineData("\\if off\nSELECT 1;\n\\endif\n{0}", true, null)]
    [InlineData("\\if :x\n{0}\n\\endif", false, 2)]
    [InlineData("\\if :{{?x}}\n\\else\n{0}\n\\endif", false, 3)]
    [InlineData("\\if off\n\\elif :x\n{0}\n\\endif", false, 3)]
    [InlineData("\\if on\n\\elif :x\n{0}\n\\endif", false, null)]
    public void A_directive_counts_where_its_branch_is_taken(string text, bool counts, int? refusedAt)
    {
        foreach (var line in new[] { "-- pgmigrate: no-transaction", "-- Depends: 007_x" })
        {
            var parsed = Parsed.From(string.Format(CultureInfo.InvariantCulture, text, line) + "\nSELECT 1;");

            Assert.Equal(
                counts,
                parsed.Migration.Up.Transaction == ScriptTransaction.None || parsed.Migration.DependsOn.Count > 0);
            Assert.Equal(
                refusedAt is null ? [] : [("DirectiveConditional", refusedAt)],
                parsed.FileProblems.Select(problem => (problem.Code, problem.Line)));
        }
    }

    [Theory]
    [InlineData("001 (the x table)", "001")]
    [InlineData("001 (x, y (and z)), 002_b.sql (more)", "001", "002_b.sql")]
    [InlineData("001_a (copy, that is), users:003_c", "001_a", "users:003_c")]
    [InlineData("001_a(1), 2", "001_a(1)", "2")]
    [InlineData("(first) 001", "001")]
    public void A_note_in_parentheses_is_not_part_of_a_name(string depends, params string[] expected)
    {
        var parsed = Parsed.From($"-- Depends: {depends}\nSELECT 1;");

        Assert.Equal(expected, parsed.Migration.DependsOn);
    }

    [Theory]
    [InlineData("-- Depends: (none)")]
    [InlineData("-- depends: None")]
    [InlineData("-- Depends:")]
    public void A_file_without_dependencies_has_no_problem(string line)
    {
        var parsed = Parsed.From(line + "\n-- Created: 2025-10-25\nSELECT 1;");

        Assert.Empty(parsed.Problems);
        Assert.Empty(parsed.Migration.DependsOn);
    }

    [Theory]
    [InlineData("-- pgmigrate: out-of-order\nSELECT 1;", true)]
    [InlineData("--pgmigrate:out-of-order\nSELECT 1;", true)]
    [InlineData("SELECT 1;\n-- pgmigrate: out-of-order", true)]
    [InlineData("SELECT '\n-- pgmigrate: out-of-order\n';", false)]
    [InlineData("-- see pgmigrate: out-of-order\nSELECT 1;", false)]
    public void A_file_can_allow_being_applied_late(string text, bool isAllowed)
    {
        var parsed = Parsed.From(text);

        Assert.Empty(parsed.Problems);
        Assert.Equal(isAllowed, parsed.Migration.AllowsOutOfOrder);
    }

    [Theory] // pgdbm's own table (P20), then ours
    [InlineData("-- pgdbm:no-transaction\nX", true)]
    [InlineData("-- note\n-- pgdbm:no-transaction\nX", true)]
    [InlineData("CREATE TABLE t(i int);", false)]
    [InlineData("-- c\nCREATE INDEX i ON t(c);", false)]
    [InlineData("X\n-- we considered pgdbm:no-transaction here", false)]
    [InlineData("INSERT INTO d VALUES ('use -- pgdbm:no-transaction');", false)]
    [InlineData("-- pgdbm:no-transactional\nX", false)]
    [InlineData("-- pgdbm:no-transaction-mode\nX", false)]
    [InlineData("-- pgdbm:no-transactions\nX", false)]
    [InlineData("-- pgmigrate: no-transaction\nX", true)]
    [InlineData("--PGMIGRATE:no-transaction\nX", true)]
    public void The_no_transaction_directive_differs_from_similar_comments(string text, bool isDirective)
    {
        var parsed = Parsed.From(text);

        Assert.Equal(
            isDirective ? ScriptTransaction.None : ScriptTransaction.Wrapped, parsed.Migration.Up.Transaction);
    }

    [Theory]
    [InlineData("-- pgdbm:no-transactional")]
    [InlineData("-- pgmigrate: single-transaction")]
    [InlineData("-- pgmigrate: No-Transaction")]
    [InlineData("-- pgmigrate:")]
    public void An_unknown_directive_is_an_error_that_lists_the_known_ones(string line)
    {
        var problem = Assert.Single(Parsed.From("SELECT 1;\n" + line).Problems);

        Assert.Equal(("DirectiveUnknown", 2), (problem.Code, problem.Line));
        Assert.Contains("no-transaction, out-of-order", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-- +goose Up", "goose")]
    [InlineData("--+goose Down", "goose")]
    [InlineData("-- migrate:up", "dbmate")]
    [InlineData("-- migrate:down transaction:false", "dbmate")]
    [InlineData("-- +migrate Up", "sql-migrate")]
    [InlineData("-- Up Migration", "node-pg-migrate")]
    [InlineData("-- Down Migration", "node-pg-migrate")]
    [InlineData("--//@UNDO", "MyBatis Migrations")]
    [InlineData("--liquibase formatted sql", "Liquibase")]
    public void A_file_of_another_tool_is_refused_by_name(string mark, string tool)
    {
        var parsed = Parsed.From($"-- text\n{mark}\nCREATE TABLE t();");

        var problem = Assert.Single(parsed.FileProblems);
        Assert.Equal(("FileFormatNotSupported", 2), (problem.Code, problem.Line));
        Assert.Contains($"written for {tool},", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT '\n-- +goose Up\n';")]
    [InlineData("-- goose is not used\nSELECT 1;")]
    [InlineData("/*\n-- migrate:up\n*/ SELECT 1;")]
    public void Comments_about_another_tool_are_not_markers(string text) => Assert.Empty(Parsed.From(text).Problems);

    [Theory]
    [InlineData("-- Depends: a", true)]
    [InlineData("SELECT 1; -- x\n--DESCRIPTION: b", true)]
    [InlineData("-- dEpEnDs:a", true)]
    [InlineData("SELECT a::text, ':' DEFAULT 'depends on'", false)]
    [InlineData("", false)]
    public void A_header_line_is_seen_in_the_bytes(string text, bool expected) =>
        Assert.Equal(expected, MigrationHeader.MayStandIn(System.Text.Encoding.UTF8.GetBytes(text)));
}
