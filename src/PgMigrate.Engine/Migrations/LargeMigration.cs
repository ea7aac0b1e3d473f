using System.Text;
using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations;

/// <summary>Reads what is needed of every file from a migration file that is too large to be held.</summary>
internal static class LargeMigration
{
    /// <summary>Files with more bytes than this are read in parts.</summary>
    public const long Threshold = 4 * 1024 * 1024;

    private const int Chunk = 256 * 1024;

    /// <summary>Reads a file for its checksum; null with a problem when it is not text.</summary>
    public static TextFile? Read(FormatFile file, out MigrationProblem? problem)
    {
        problem = null;
        try
        {
            return TextFile.Read(file.Name.FileName, file.UpPath);
        }
        catch (InvalidDataException e)
        {
            problem = Describe(file, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = Problem(file, ErrorCodes.FileUnreadable, $"The file cannot be read: {e.Message}");
        }

        return null;
    }

    /// <summary>False when a file certainly has no description and no dependencies.</summary>
    public static bool MayHaveHeader(MigrationFormat format, FormatFile file, TextFile text)
    {
        if (file.Description is not null || file.DependsOn.Count > 0)
        {
            return true;
        }

        using var start = text.Open(withChecksum: false);
        return format.RulesFor(file).HasHeader && MigrationHeader.MayStandIn(Encoding.UTF8.GetBytes(start.Read(Chunk)));
    }

    // To find out what is wrong with the bytes, the file is read as a whole.
    private static MigrationProblem Describe(FormatFile file, InvalidDataException e)
    {
        var isText = MigrationText.TryDecode(File.ReadAllBytes(file.UpPath), out _, out var bad);
        var (code, message) = isText ? (ErrorCodes.FileEncoding, e.Message) : (bad!.Value.Code, bad.Value.Message);
        return Problem(file, code, message) with
        {
            Line = isText ? null : bad!.Value.Line,
        };
    }

    private static MigrationProblem Problem(FormatFile file, string code, string message) => new()
    {
        Code = code,
        Message = message,
        FileName = file.Name.FileName,
        FilePath = file.UpPath,
    };
}
