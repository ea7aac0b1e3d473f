using PgMigrate.Scripts;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class PlaceholderValuesTests
{
    [Theory]
    [InlineData("It'sHunter2Tail", "unrecognized role option \"shunter2tail\"", "unrecognized role option \"***\"")]
    [InlineData("It'sHunter2Tail", "near \"It'sHunter2Tail\" or Hunter2", "near \"***\" or ***")]
    [InlineData("abc", "abc in abcd, ABC", "*** in ***d, ABC")]
    [InlineData("", "nothing to mask", "nothing to mask")]
    [InlineData("s3cret-word", "the word is s3cr", "the *** is ***")]
    public void Parts_of_a_secret_are_masked_in_server_messages(string secret, string said, string shown)
    {
        var values = new PlaceholderValues
        {
            Variables = new Dictionary<string, string> { ["pw"] = secret, ["open"] = "unrecognized" },
            Secrets = new HashSet<string> { "pw" },
        };

        Assert.Equal(shown, values.MaskParts(said));
        Assert.Null(values.MaskPartsOrNull(null));
    }
}
