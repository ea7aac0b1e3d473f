using System.Diagnostics;
using System.Globalization;
using System.Text;
using PgMigrate.Scratch;
using PgMigrate.Tests.Infrastructure;
using Xunit;
using Xunit.Abstractions;

namespace PgMigrate.Tests.Scratch;

/// <summary>Many objects load about as fast as psql loads them.</summary>
public class LoadSpeedTests(ITestOutputHelper output)
{
    // PGMIGRATE_SOAK asks for the number that takes a while.
    private static readonly int Tables =
        Environment.GetEnvironmentVariable("PGMIGRATE_SOAK") is { Length: > 0 } ? 5000 : 300;

    [PsqlFact]
    public async Task Many_tables_load_in_about_the_time_of_psql()
    {
        var sql = Text(Tables);
        await using var other = await TestDatabase.CreateAsync();
        var watch = Stopwatch.StartNew();
        await Psql.RunAsync(other, sql);
        var psql = watch.Elapsed;
        await using var database = await ScratchDatabase.CreateAsync(await Loading.ServerAsync(), CancellationToken.None);
        watch.Restart();

        var load = await SchemaLoader.LoadAsync(database, [Loading.Text(sql)], CancellationToken.None);

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Tables} tables, {load.Order.Count} statements: {watch.Elapsed.TotalSeconds:F2} s, psql {psql.TotalSeconds:F2} s"));
        Assert.Equal(4 * Tables - 1, load.Order.Count);

        // Far more than it takes: the machine has other work.
        Assert.True(watch.Elapsed < (3 * psql) + TimeSpan.FromSeconds(5), $"{watch.Elapsed}, psql {psql}");
    }

    private static string Text(int tables)
    {
        var text = new StringBuilder();
        for (var i = 0; i < tables; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"CREATE TABLE t{i} (id int NOT NULL, parent int, name text DEFAULT 'x' CHECK (name <> ''));\n");
            text.Append(CultureInfo.InvariantCulture, $"ALTER TABLE ONLY t{i} ADD CONSTRAINT t{i}_pkey PRIMARY KEY (id);\n");
            text.Append(CultureInfo.InvariantCulture, $"CREATE INDEX t{i}_name ON t{i} (name);\n");
            if (i > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"ALTER TABLE ONLY t{i} ADD CONSTRAINT t{i}_parent FOREIGN KEY (parent) REFERENCES t{i - 1} (id);\n");
            }
        }

        return text.ToString();
    }
}
