namespace PgMigrate.Connections;

/// <summary>
/// Reads <c>postgresql://user:password@host:port/database?word=value</c> into the driver's settings; pure.
/// </summary>
internal static class ConnectionUri
{
    /// <summary>True for the schemes that libpq and Python's libraries write.</summary>
    public static bool IsOne(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return false;
        }

        // Python's libraries write postgresql+driver://.
        var name = text[..scheme].Split('+')[0];
        return name.Equals("postgres", StringComparison.OrdinalIgnoreCase)
            || name.Equals("postgresql", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The settings of a URI; <paramref name="origin"/> names the source in messages.</summary>
    public static ConnectionDraft Parse(
        string text, string origin, Func<string, IReadOnlyList<(string Word, string Value)>> services)
    {
        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        RefuseRawPassword(rest, origin);
        var draft = new ConnectionDraft();
        var query = Cut(ref rest, '?');
        var database = Cut(ref rest, '/');
        var at = rest.LastIndexOf('@');
        if (at >= 0)
        {
            var login = rest[..at];
            rest = rest[(at + 1)..];
            var password = Cut(ref login, ':');
            draft.Settings.Username = Decode(login, origin) is { Length: > 0 } user ? user : null;
            draft.Settings.Password = password is null ? null : Decode(password, origin);
        }

        ReadHosts(draft, rest, origin);
        if (!string.IsNullOrEmpty(database))
        {
            draft.Settings.Database = Decode(database, origin);
        }

        string? service = null;
        foreach (var (word, value) in ReadQuery(query, origin))
        {
            if (word == "service")
            {
                service = value;
            }
            else
            {
                ConnectionKeywords.Set(draft, word, value, origin);
            }
        }

        if (service is not null)
        {
            ConnectionKeywords.AddMissing(draft, services(service), $"The service '{service}'");
        }

        return draft;
    }

    private static IEnumerable<(string Word, string Value)> ReadQuery(string? query, string origin)
    {
        foreach (var pair in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var word = pair;
            var value = Cut(ref word, '=') ?? throw ConnectionSettings.Invalid(origin, $"the parameter '{pair}' has no "
                + "value");
            yield return (Decode(word, origin), Decode(value, origin));
        }
    }

    /// <summary>
    /// Rejects a password with a character that ends it too early: the rest would be parsed as a host, a port, a
    /// database or a parameter, and be shown. Such a password leaves an '@' over.
    /// </summary>
    private static void RefuseRawPassword(string rest, string origin)
    {
        var end = rest.AsSpan().IndexOfAny('/', '?') is >= 0 and var found ? found : rest.Length;
        var authority = rest[..end];
        var tail = rest[end..];
        var question = tail.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? "" : tail[(question + 1)..];
        var hasOddPort = !authority.Contains('@', StringComparison.Ordinal)
            && authority.Split(',').Any(host => host[(host.LastIndexOf(']') + 1)..] is var name
                && name.LastIndexOf(':') is >= 0 and var colon
                && !name[(colon + 1)..].All(char.IsAsciiDigit));
        if (hasOddPort
            || tail[..(question < 0 ? tail.Length : question)].Contains('@', StringComparison.Ordinal)
            || (query.Contains('@', StringComparison.Ordinal) && !HasKnownWords(query)))
        {
            throw ConnectionSettings.Invalid(
                origin,
                "a character of its password (or of another part) is not percent-encoded, so it is not clear "
                    + "where the password ends. Write '/' as %2F, '?' as %3F, '@' as %40, ':' as %3A, '#' as %23 and "
                    + "'%' as %25; [uri]::EscapeDataString($password) does it");
        }
    }

    private static bool HasKnownWords(string query) => query.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .All(pair => pair.Split('=') is [var word, _, ..] && ConnectionKeywords.IsWord(Uri.UnescapeDataString(word)));

    // host:port,host:port: libpq knows them as two lists.
    private static void ReadHosts(ConnectionDraft draft, string text, string origin)
    {
        if (text.Length == 0)
        {
            return;
        }

        var hosts = new List<string>();
        var ports = new List<string>();
        foreach (var server in text.Split(','))
        {
            var colon = server.LastIndexOf(':');
            var hasPort = colon > server.LastIndexOf(']');
            ports.Add(hasPort ? server[(colon + 1)..] : "");
            hosts.Add(Decode(hasPort ? server[..colon] : server, origin));
        }

        draft.Hosts = string.Join(',', hosts);
        if (ports.Exists(port => port.Length > 0))
        {
            (draft.Ports, draft.PortsOrigin) = (string.Join(',', ports), origin);
        }
    }

    private static string? Cut(ref string text, char separator)
    {
        var index = text.IndexOf(separator, StringComparison.Ordinal);
        if (index < 0)
        {
            return null;
        }

        var tail = text[(index + 1)..];
        text = text[..index];
        return tail;
    }

    private static string Decode(string text, string origin)
    {
        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0;
            i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                throw ConnectionSettings.Invalid(origin, "a '%' is not followed by two hexadecimal digits; write a "
                    + "literal one as %25");
            }
        }

        return Uri.UnescapeDataString(text);
    }
}
