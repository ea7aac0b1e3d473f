using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace PgMigrate.Tests.Sql;

/// <summary>A database that is not UTF8 has only some characters, so what the engine itself sends is plain ASCII.</summary>
public partial class OwnSqlTests
{
    public static TheoryData<string> Files => [.. typeof(Migrator).Assembly.GetManifestResourceNames()
        .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Files))]
    public void An_embedded_file_is_ascii(string name)
    {
        using var stream = typeof(Migrator).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);

        Assert.DoesNotContain(reader.ReadToEnd(), character => !char.IsAscii(character));
    }

    [Fact]
    public void A_constant_that_is_sql_is_ascii()
    {
        var constants = Constants().Where(text => Statement().IsMatch(text)).ToList();

        Assert.True(constants.Count > 30, $"Only {constants.Count} constants were found.");
        Assert.DoesNotContain(constants, text => !Ascii.IsValid(text));
    }

    private static List<string> Constants()
    {
        using var file = File.OpenRead(typeof(Migrator).Assembly.Location);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        var constants = new List<string>();
        for (var handle = MetadataTokens.UserStringHandle(1); !handle.IsNil; handle = metadata.GetNextHandle(handle))
        {
            constants.Add(metadata.GetUserString(handle));
        }

        return constants;
    }

    [GeneratedRegex(
        @"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|SET|RESET|CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE|LOCK|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|DEALLOCATE|CLOSE|UNLISTEN|DISCARD|SHOW|ON CONFLICT)\b",
        RegexOptions.CultureInvariant)]
    private static partial Regex Statement();
}
