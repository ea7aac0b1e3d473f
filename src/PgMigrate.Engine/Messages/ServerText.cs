using Npgsql;

namespace PgMigrate.Messages;

/// <summary>
/// What the server said, as sentences for a message: with its DETAIL and HINT, passwords masked; pure.
/// </summary>
internal static class ServerText
{
    /// <summary>The words of an error. They end with a full stop.</summary>
    public static string Of(Exception error) => error is PostgresException server
        ? Of(server)
        : $"{PasswordMask.Apply(error.Message).TrimEnd('.')}.";

    /// <summary>The server's message with its SQLSTATE, its detail and its hint, each a sentence.</summary>
    public static string Of(PostgresException error)
    {
        var text = $"{Clean(error.MessageText)} (SQLSTATE {error.SqlState}).";
        text += string.IsNullOrEmpty(error.Detail) ? "" : $" Detail: {Clean(error.Detail)}.";
        return text + (string.IsNullOrEmpty(error.Hint) ? "" : $" Hint: {Clean(error.Hint)}.");
    }

    private static string Clean(string text) => ErrorText.Shorten(PasswordMask.Apply(text))!.TrimEnd().TrimEnd('.');
}
