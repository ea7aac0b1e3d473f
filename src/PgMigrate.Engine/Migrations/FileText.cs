using System.Text;
using PgMigrate.Files;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>One file of a migration: hashed when read, decoded on first use.</summary>
internal sealed class FileText
{
    private readonly (string Name, string Path) _file;
    private readonly byte[] _bytes = [];
    private readonly Sha256Digest _digest;
    private SqlSource? _source;

    private FileText(Sha256Digest digest, (string Name, string Path) file, byte[] bytes)
    {
        _digest = digest;
        _file = file;
        _bytes = bytes;
        Files = IncludedFiles.None;
    }

    private FileText(Sha256Digest digest, SqlSource source, IncludedFiles files)
    {
        _digest = digest;
        _source = source;
        Files = files;
    }

    /// <summary>SHA-256 of the text with its included files.</summary>
    public string Checksum => _digest.ToString();

    /// <summary>True when the checksum equals the recorded one.</summary>
    public bool HasChecksum(string recorded) => _digest.IsWrittenAs(recorded);

    /// <summary>The text.</summary>
    public SqlSource Source => _source ?? Decode();

    /// <summary>Its included files.</summary>
    public IncludedFiles Files { get; }

    /// <summary>The whole text with its included files.</summary>
    public string Expanded => Expand(Source, Files);

    /// <summary>From the bytes of a file; null with a problem when they are not text.</summary>
    /// <remarks>A file with only blanks is not text, unless the tool of its format accepts it.</remarks>
    public static FileText? Read(
        string? root,
        (string Name, string Path) file,
        byte[] bytes,
        out MigrationProblem? problem,
        bool allowsEmpty = false)
    {
        problem = null;
        var hasIncludes = root is not null && IncludeReader.MayStandIn(bytes);
        if (!hasIncludes && MigrationChecksum.TryOfBytes(bytes) is { } digest)
        {
            return new FileText(digest, file, bytes);
        }

        if (MigrationText.TryDecode(bytes, out var text, out var bad))
        {
            var source = new SqlSource(file.Name, file.Path, text);
            return Of(source, hasIncludes ? IncludeReader.Read(root!, source) : IncludedFiles.None);
        }

        if (allowsEmpty && bad.Value.Code == MigrationText.Empty)
        {
            return Of(new SqlSource(file.Name, file.Path, ""), IncludedFiles.None);
        }

        problem = new MigrationProblem
        {
            Code = bad.Value.Code,
            Message = bad.Value.Message,
            FileName = file.Name,
            FilePath = file.Path,
            Line = bad.Value.Line,
        };
        return null;
    }

    /// <summary>From a text with LF line ends.</summary>
    public static FileText Of(SqlSource source, IncludedFiles files) =>
        new(MigrationChecksum.DigestOf(Expand(source, files)), source, files);

    private SqlSource Decode()
    {
        var source = new SqlSource(_file.Name, _file.Path, Encoding.UTF8.GetString(_bytes));
        return Interlocked.CompareExchange(ref _source, source, null) ?? source;
    }

    private static string Expand(SqlSource source, IncludedFiles files) =>
        files.Expand(source, new SqlRange(0, source.Text.Length));
}
