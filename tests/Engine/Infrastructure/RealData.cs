using Xunit;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>Finds the folder of real inputs that lives beside the project.</summary>
public static class RealData
{
    private const string Variable = "PGMIGRATE_SHARED";
    private const string Data = "realdata";

    public static string? Folder { get; } = Find();

    private static string? Find()
    {
        string? configured = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(configured))
        {
            return Existing(Path.Combine(configured, Data));
        }

        string? found = null;
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null && found is null; at = at.Parent)
        {
            found = Existing(Path.Combine(at.FullName, "shared", Data));
        }

        return found;
    }

    private static string? Existing(string folder) => Directory.Exists(folder) ? folder : null;
}

/// <summary>A test that needs the real inputs and is skipped where they are absent.</summary>
public sealed class RealDataFactAttribute : FactAttribute
{
    private int _since;

    public RealDataFactAttribute()
    {
        if (RealData.Folder is null)
        {
            Skip = "No folder shared/realdata above the test binaries, nor in PGMIGRATE_SHARED.";
        }
    }

    /// <summary>The major that the inputs were written for; an older server skips the test.</summary>
    public int Since
    {
        get => _since;
        set
        {
            _since = value;
            Skip ??= PostgresServer.ReasonBefore(value);
        }
    }
}

/// <summary>Tests that need the real inputs and are skipped where they are absent.</summary>
public sealed class RealDataTheoryAttribute : TheoryAttribute
{
    public RealDataTheoryAttribute()
    {
        if (RealData.Folder is null)
        {
            Skip = "No folder shared/realdata above the test binaries, nor in PGMIGRATE_SHARED.";
        }
    }
}
