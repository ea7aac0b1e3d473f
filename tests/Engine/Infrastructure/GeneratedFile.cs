using System.Globalization;
using System.Text;
using PgMigrate.Scripts;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>
/// A file made at random of statements, markers, headings, notes, blanks and quotes. Each statement inserts a number of
/// its own into the table <c>ran</c>, and the file knows which of them are in a DOWN section that a marker starts.
/// </summary>
internal sealed class GeneratedFile
{
    private static readonly string[] Comments =
    [
        "-- Rollback: DROP TABLE x;", "-- Rollback: by hand", "-- ROLLBACK - by hand", "-- DOWN (manual):", "-- DOWN - x",
        "-- DOWN: ALTER TABLE x DROP COLUMN y;", "-- [DOWN] x", "-- === DOWN ===", "-- down;", "-- undo migration #35",
        "-- UNDO x", "-- To undo:", "-- Down the road", "-- Roll back by hand", "/* DOWN */", "/* Rollback: x */",
        "/*\nDOWN\nDROP TABLE x;\n*/", "/* a\n-- DOWN\nb */", "-- UP: make x", "-- UP - make x", "-- === UP ===",
        "/* UP */", "-- up-to-date", "-- UPDATE x", "-- DROP TABLE x;", "-- INSERT INTO ran VALUES ('0', 0);", "--", "-- x",
        "-- Revert, if needed", "-- Description: x", "/*+ SeqScan(t) */", "-- ROLLBACKS", "-- down/rollback",
    ];

    private static readonly (string Text, ScriptPartKind Kind, bool NeedsUp)[] Markers =
    [
        ("-- DOWN", ScriptPartKind.Down, false), ("--down", ScriptPartKind.Down, false), ("  -- Down: ", ScriptPartKind.Down, false),
        ("---- ROLLBACK", ScriptPartKind.Down, false), ("-- DOWN (drops x)", ScriptPartKind.Down, true),
        ("-- UP", ScriptPartKind.Up, false), ("-- up:", ScriptPartKind.Up, false), ("-- UP (makes x)", ScriptPartKind.Up, false),
    ];

    private readonly Random _random;
    private readonly string _name;
    private readonly StringBuilder _text = new();
    private readonly List<int> _down = [];
    private ScriptPartKind _section;
    private bool _hasUp;
    private int _count;

    private GeneratedFile(string name, Random random) => (_name, _random) = (name, random);

    public string Text => _text.ToString();

    /// <summary>The numbers below a marker of DOWN.</summary>
    public IReadOnlyList<int> Down => _down;

    /// <summary>Makes a file; without markers, none of its numbers is in a DOWN section.</summary>
    public static GeneratedFile Make(string name, Random random, bool withMarkers)
    {
        var file = new GeneratedFile(name, random);
        var lineEnd = random.Next(4) == 0 ? "\r\n" : "\n";
        var parts = random.Next(2, 9);
        for (var i = 0; i < parts; i++)
        {
            file.Add(withMarkers);
        }

        file.AddStatement();
        file._text.Replace("\n", lineEnd);
        return file;
    }

    private void Add(bool withMarkers)
    {
        switch (_random.Next(10))
        {
            case < 4:
                AddStatement();
                break;
            case < 7:
                _text.Append(Pick(Comments)).Append('\n', _random.Next(1, 3));
                break;
            case 7 when withMarkers:
                AddMarker();
                break;
            case 8 when _random.Next(3) == 0:
                _text.Append(CultureInfo.InvariantCulture, $"\\if {(_random.Next(2) == 0 ? "false" : "true")}\n")
                    .Append(Pick(Comments)).Append('\n');
                AddStatement();
                _text.Append("\\endif\n");
                break;
            default:
                _text.Append('\n');
                break;
        }
    }

    private void AddMarker()
    {
        var (text, kind, needsUp) = Markers[_random.Next(Markers.Length)];
        if (needsUp && !_hasUp)
        {
            return; // Without sections it is not a marker, and an error when SQL is below it.
        }

        _text.Append(text).Append('\n', _random.Next(1, 3));
        _section = kind;
        _hasUp |= kind == ScriptPartKind.Up;
    }

    private void AddStatement()
    {
        var number = ++_count;
        var row = string.Create(CultureInfo.InvariantCulture, $"'{_name}', {number}");
        _text.Append(_random.Next(6) switch
        {
            0 => $"INSERT INTO ran SELECT {row} WHERE '\n-- DOWN\n' <> $$\n-- UP\n$$;",
            1 => $"DO $$\nBEGIN\n-- DOWN\nINSERT INTO ran VALUES ({row});\nEND $$;",
            2 => $"INSERT INTO ran -- DOWN - x\nVALUES ({row});",
            3 => $"INSERT INTO ran VALUES ({row}); -- DOWN",
            4 => $"/* DOWN */ INSERT INTO ran VALUES ({row});",
            _ => $"INSERT INTO ran VALUES ({row});",
        }).Append('\n', _random.Next(1, 3));
        if (_section == ScriptPartKind.Down)
        {
            _down.Add(number);
        }
    }

    private string Pick(string[] all) => all[_random.Next(all.Length)];
}
