using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>Untouched folders of real projects that other tools run.</summary>
public class RealFolderTests
{
    private const string Columns =
        """
        SELECT md5(string_agg(concat_ws(',', table_schema, table_name, column_name, data_type, is_nullable, column_default),
                              ';' ORDER BY table_schema, table_name, column_name))
          FROM information_schema.columns
         WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
           AND NOT (table_schema = 'public' AND table_name ~ '^(schema_migrations|pgm_history)(_log)?$')
        """;

    [RealDataFact]
    public async Task Conductor_runs_from_its_three_flyway_folders_as_one_set()
    {
        await using var box = await OpenAsync(
            "conductor/migration_postgres", "conductor/migration_postgres_data", "conductor/migration_postgres_notify");

        var results = await box.ApplyAllAsync();

        Assert.Equal(21, results.Count);
        Assert.All(results, result => Assert.Equal("flyway", result.Format));
        Assert.Equal(["10", "10.1", "11"], results.Select(result => result.Version).SkipWhile(version => version != "10").Take(3));
        Assert.Equal("f0c569deb25c62aada0106a7df58dbbe", await box.Database.ScalarAsync<string>(Columns));
        Assert.Empty(await box.ApplyAllAsync());
    }

    [RealDataFact]
    public async Task Conductor_runs_from_the_folder_above_as_well()
    {
        await using var box = await OpenAsync("conductor");

        Assert.Equal(21, (await box.ApplyAllAsync()).Count);
        Assert.Equal("f0c569deb25c62aada0106a7df58dbbe", await box.Database.ScalarAsync<string>(Columns));
    }

    [RealDataFact(Since = 14)] // CREATE OR REPLACE TRIGGER
    public async Task Crates_io_runs_up_as_a_whole_and_down_to_where_it_really_fails()
    {
        await using var box = await OpenAsync("crates-io");
        await box.Database.ExecuteAsync("CREATE EXTENSION ltree; CREATE EXTENSION pg_trgm; CREATE EXTENSION pgcrypto;");
        // One of the files drops the table of a tool they used before, which has the name of ours.
        box.Options = box.Options with { HistoryTable = "pgm_history" };

        var results = await box.ApplyAllAsync();

        Assert.Equal(285, results.Count);
        Assert.All(results, result => Assert.Equal("diesel", result.Format));
        Assert.Equal("1d4653cd36b312eca92303c71332c5f9", await box.Database.ScalarAsync<string>(Columns));
        var undo = await box.RunAsync(Sandbox.Undo with { Steps = 51 });
        var failure = undo.Failed<MigrationUndoException>().Result;
        Assert.Equal(50, undo.Results.Count(result => result.Is(MigrationOutcome.Undone)));
        Assert.Equal("2024-10-25-112826_make-unique-version-unique", failure.Name);
        Assert.Equal("2024-10-25-112826_make-unique-version-unique/down.sql", failure.Error!.FileName);
        Assert.NotNull(failure.Error.Line);
        Assert.NotNull(failure.Error.SqlState);
    }

    [RealDataFact]
    public async Task Openfga_runs_up_and_down()
    {
        await using var box = await OpenAsync("openfga");

        var results = await box.ApplyAllAsync();

        Assert.Equal(6, results.Count);
        Assert.All(results, result => Assert.Equal("goose", result.Format));
        Assert.Equal("b8b7639415ab685ceb5be240d77a9f59", await box.Database.ScalarAsync<string>(Columns));
        Assert.Equal(6, (await box.RunAsync(Sandbox.Undo with { All = true })).Succeeded().Count);
        Assert.Equal(0, await box.Database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'schema_migrations%'"));
    }

    private static async Task<Sandbox> OpenAsync(params string[] folders)
    {
        var box = await Sandbox.CreateAsync();
        box.Options = box.Options with
        {
            FolderPaths = [.. folders.Select(folder => Path.Combine(RealData.Folder!, folder))],
        };
        return box;
    }
}
