namespace PgMigrate.Errors;

/// <content>A folder and the names of its files.</content>
public static partial class ErrorCodes
{
    /// <summary>A DOWN file has no UP file.</summary>
    public const string DownWithoutUp = nameof(DownWithoutUp);

    /// <summary>Two files have the same version.</summary>
    public const string DuplicateVersion = nameof(DuplicateVersion);

    /// <summary>A file or folder could not be read or written.</summary>
    public const string FileAccess = nameof(FileAccess);

    /// <summary>A file is empty.</summary>
    public const string FileEmpty = nameof(FileEmpty);

    /// <summary>A file is not text in UTF-8, or in UTF-16 with a byte order mark.</summary>
    public const string FileEncoding = nameof(FileEncoding);

    /// <summary>A file uses a feature of another tool that is not supported.</summary>
    public const string FileFormatNotSupported = nameof(FileFormatNotSupported);

    /// <summary>A file is ignored because its name is not the name of a migration.</summary>
    public const string FileIgnored = nameof(FileIgnored);

    /// <summary>A file name has no version, or one that cannot be parsed.</summary>
    public const string FileNameInvalid = nameof(FileNameInvalid);

    /// <summary>The new file could not be written.</summary>
    public const string FileNotWritten = nameof(FileNotWritten);

    /// <summary>A file cannot be read.</summary>
    public const string FileUnreadable = nameof(FileUnreadable);

    /// <summary>A path matches more than one folder.</summary>
    public const string FolderAmbiguous = nameof(FolderAmbiguous);

    /// <summary>The folder contains no SQL file.</summary>
    public const string FolderEmpty = nameof(FolderEmpty);

    /// <summary>The folder is written for another tool.</summary>
    public const string FolderFormatForeign = nameof(FolderFormatForeign);

    /// <summary>The folder to create already contains files.</summary>
    public const string FolderNotEmpty = nameof(FolderNotEmpty);

    /// <summary>The folder does not exist.</summary>
    public const string FolderNotFound = nameof(FolderNotFound);

    /// <summary>The folder cannot be read.</summary>
    public const string FolderUnreadable = nameof(FolderUnreadable);

    /// <summary>The folder fits more than one format.</summary>
    public const string FormatAmbiguous = nameof(FormatAmbiguous);

    /// <summary>The folder mixes files of several tools.</summary>
    public const string FormatMixed = nameof(FormatMixed);

    /// <summary>The folder mixes numbers and timestamps.</summary>
    public const string MixedNumbering = nameof(MixedNumbering);

    /// <summary>The tool of the folder applies its files in another order.</summary>
    public const string OrderDiffers = nameof(OrderDiffers);

    /// <summary>The plan of Sqitch cannot be parsed.</summary>
    public const string PlanInvalid = nameof(PlanInvalid);

    /// <summary>The migrations are written for another database system.</summary>
    public const string ProviderForeign = nameof(ProviderForeign);

    /// <summary>A setting of the folder's tool is not supported.</summary>
    public const string SettingUnknown = nameof(SettingUnknown);

    /// <summary>A migration has no file to apply.</summary>
    public const string UpMissing = nameof(UpMissing);

    /// <summary>Verify scripts are not run.</summary>
    public const string VerifyIgnored = nameof(VerifyIgnored);

    /// <summary>No number follows the last version.</summary>
    public const string VersionTooLarge = nameof(VersionTooLarge);
}
