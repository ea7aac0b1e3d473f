namespace PgMigrate.PowerShell.Base;

/// <summary>Where Get-Help -Online finds the page of a cmdlet.</summary>
internal static class HelpPages
{
    /// <summary>The folder of the pages; the name of the cmdlet and <c>.md</c> follow.</summary>
    public const string Root = "https://github.com/pgmigrate/pgmigrate/blob/main/docs/cmdlets/";
}
