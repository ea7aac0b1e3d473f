using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace PgMigrate.Sql;

/// <summary>Characters outside ASCII that look like an ASCII character, or are invisible; pure.</summary>
internal static class LookAlikes
{
    private const string Cyrillic = "АA ВB ЕE КK МM НH ОO РP СC ТT ХX аa еe оo рp сc уy хx іi ІI јj ЈJ ѕs ЅS";
    private const string Greek = "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX οo";
    private const int FullWidthStart = 0xFF01;
    private const int FullWidthEnd = 0xFF5E;
    private const int FullWidthShift = 0xFEE0;

    private static readonly FrozenDictionary<int, (string Name, string Meant)> Known =
        new (int Code, string Name, string Meant)[]
    {
        (0x0085, "next line", " "), (0x00A0, "no-break space", " "), (0x00AD, "soft hyphen", ""),
        (0x00B4, "acute accent", "'"), (0x02B9, "modifier prime", "'"), (0x02BC, "modifier apostrophe", "'"),
        (0x037E, "Greek question mark", ";"), (0x061B, "Arabic semicolon", ";"), (0x060C, "Arabic comma", ","),
        (0x200B, "zero width space", ""), (0x200C, "zero width non-joiner", ""), (0x200D, "zero width joiner", ""),
        (0x200E, "left-to-right mark", ""), (0x200F, "right-to-left mark", ""), (0x2060, "word joiner", ""),
        (0xFEFF, "byte order mark", ""), (0x2028, "line separator", " "), (0x2029, "paragraph separator", " "),
        (0x202F, "narrow no-break space", " "), (0x3000, "ideographic space", " "),
        (0x2010, "hyphen", "-"), (0x2011, "non-breaking hyphen", "-"), (0x2012, "figure dash", "-"),
        (0x2013, "en dash", "-"), (0x2014, "em dash", "--"), (0x2015, "horizontal bar", "--"),
        (0x2212, "minus sign", "-"),
        (0x2018, "left single quotation mark", "'"), (0x2019, "right single quotation mark", "'"),
        (0x201A, "low single quotation mark", "'"), (0x201B, "reversed single quotation mark", "'"),
        (0x201C, "left double quotation mark", "\""), (0x201D, "right double quotation mark", "\""),
        (0x201E, "low double quotation mark", "\""), (0x201F, "reversed double quotation mark", "\""),
        (0x00AB, "left angle quotation mark", "\""), (0x00BB, "right angle quotation mark", "\""),
        (0x2032, "prime", "'"), (0x2033, "double prime", "\""), (0x2044, "fraction slash", "/"),
        (0x2215, "division slash", "/"), (0x00D7, "multiplication sign", "*"), (0x2217, "asterisk operator", "*"),
        (0x2236, "ratio", ":"), (0x2260, "not equal to", "<>"), (0x2264, "less-than or equal to", "<="),
        (0x2265, "greater-than or equal to", ">="), (0x2026, "horizontal ellipsis", "..."),
        (0x3001, "ideographic comma", ","),
        (0x3002, "ideographic full stop", "."), (0xFE54, "small semicolon", ";"), (0xFE50, "small comma", ","),
        (0x115F, "Hangul filler", ""), (0x1160, "Hangul filler", ""), (0x3164, "Hangul filler", ""),
        (0xFFA0, "Hangul filler", ""),
    }.ToFrozenDictionary(known => known.Code, known => (known.Name, known.Meant));

    private static readonly FrozenDictionary<int, (string Name, string Meant)> Letters =
        Pairs(Cyrillic, "Cyrillic").Concat(Pairs(Greek, "Greek"))
            .ToFrozenDictionary(pair => pair.Code, pair => ($"a {pair.Script} letter", pair.Meant));

    /// <summary>Its name, and the intended character; null for every other character.</summary>
    public static (string Name, string Meant)? Find(Rune rune)
    {
        if (Known.TryGetValue(rune.Value, out var known) || Letters.TryGetValue(rune.Value, out known))
        {
            return known;
        }

        if (rune.Value is >= FullWidthStart and <= FullWidthEnd)
        {
            var plain = rune.Value - FullWidthShift;
            return ("full-width " + NameOf(plain), ((char)plain).ToString());
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.SpaceSeparator => ("a space that SQL does not know", " "),
            UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator =>
                ("a line end that SQL does not know", " "),
            UnicodeCategory.Control => ("a control character", ""),
            UnicodeCategory.Format => ("an invisible character", ""),
            _ when rune.Value is >= 0xFE00 and <= 0xFE0F => ("a variation selector, which is invisible", ""),
            _ => null,
        };
    }

    /// <summary>True for a letter of another script: it is a mistake only next to Latin letters.</summary>
    public static bool IsLetter(Rune rune) => Letters.ContainsKey(rune.Value);

    private static string NameOf(int ascii) => ascii switch
    {
        ';' => "semicolon",
        ',' => "comma",
        '(' or ')' => "parenthesis",
        '\'' or '"' => "quotation mark",
        _ => "character",
    };

    private static IEnumerable<(int Code, string Script, string Meant)> Pairs(string pairs, string script) =>
        pairs.Split(' ').Select(pair => ((int)pair[0], script, pair[1..]));
}
