using System.Collections;
using System.Management.Automation;
using System.Reflection;
using PgMigrate.Errors;

namespace PgMigrate.PowerShell.Binding;

/// <summary>A setting from the file for a parameter of a call.</summary>
/// <param name="Property">The parameter.</param>
/// <param name="Value">Its value in the file.</param>
/// <param name="Default">Its default value.</param>
internal sealed record BoundSetting(PropertyInfo Property, object? Value, object? Default);

/// <summary>Sets the parameters that a call leaves out to the values of a settings file.</summary>
internal static class SettingsBinder
{
    // Parameters of a single call, or that only the caller may set, are not settings.
    private static readonly HashSet<string> NoSettings = new(StringComparer.OrdinalIgnoreCase)
    {
        "All", "Baseline", "Connection", "Content", "Credential", "Description", "Down", "Force", "From", "History",
        "Last", "MarkApplied", "MarkPending", "Name", "NoSettings", "Reason", "SettingsPath", "Steps", "Target", "To",
        "TokenProvider", "Version",
    };

    // Parameters that name the same thing in several ways: a call that uses one of them excludes the others.
    private static readonly string[][] Alternatives =
    [
        ["ConnectionString", "ConnectionName", "HostName", "Port", "Database", "Connection"],
        ["Path", "LiteralPath"],
        ["OutFile", "OutFolder"],
    ];

    /// <summary>The values in the file for parameters of this call.</summary>
    /// <exception cref="InitializationException">A setting is not a parameter, or its value is not valid.</exception>
    public static IReadOnlyList<BoundSetting> Bind(PSCmdlet cmdlet, SettingsFile file)
    {
        var given = cmdlet.MyInvocation.BoundParameters.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var chosen = Choose(file, cmdlet.GetType(), given)
            .Where(choice => IsInSet(choice.Property, cmdlet.ParameterSetName));
        return
        [
            .. chosen.Select(choice => new BoundSetting(
                choice.Property,
                Convert(cmdlet, file, choice.Property, choice.Setting),
                choice.Property.GetValue(cmdlet))),
        ];
    }

    /// <summary>
    /// The parameters of a line that is still being typed, and those that the file has for it. Values are as written,
    /// but for folders, which are rooted. An unknown command has its own parameters alone.
    /// </summary>
    /// <exception cref="InitializationException">A setting is no parameter.</exception>
    public static IDictionary Complete(SettingsFile file, string command, string completed, IDictionary bound)
    {
        var all = new Hashtable(bound, StringComparer.OrdinalIgnoreCase);
        if (Cmdlets().FirstOrDefault(type => NameOf(type).Equals(command, StringComparison.OrdinalIgnoreCase))
            is { } cmdlet)
        {
            // What is completed now will be given. An alias means its parameter.
            var given = bound.Keys.OfType<string>().Append(completed)
                .Select(name => PropertyOf(cmdlet, name)?.Name ?? name)
                .ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var (property, setting) in Choose(file, cmdlet, given))
            {
                all[property.Name] = IsFolder(property.Name) ? Rooted(file, setting.Value) : setting.Value;
            }
        }

        return all;
    }

    // What is said for one cmdlet comes after what is said for all, and replaces it.
    private static List<(PropertyInfo Property, Setting Setting)> Choose(
        SettingsFile file, Type cmdlet, HashSet<string> given)
    {
        var chosen = new Dictionary<string, (PropertyInfo, Setting)>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in file.Settings.OrderBy(setting => setting.Cmdlet is not null))
        {
            RequireKnown(file, setting);
            if ((setting.Cmdlet is null || setting.Cmdlet.Equals(NameOf(cmdlet), StringComparison.OrdinalIgnoreCase))
                && PropertyOf(cmdlet, setting.Key) is { } property && IsLeftOut(property, given))
            {
                chosen[property.Name] = (property, setting);
            }
        }

        return [.. chosen.Values];
    }

    /// <summary>
    /// Sets the parameters. Called again for each piped object: the properties of the object take precedence, and they
    /// exclude the other ways to name the same thing.
    /// </summary>
    public static void Apply(PSCmdlet cmdlet, IReadOnlyList<BoundSetting> settings)
    {
        var given = cmdlet.MyInvocation.BoundParameters;
        foreach (var setting in settings.Where(setting => !given.ContainsKey(setting.Property.Name)))
        {
            var isOverruled = Array.Exists(
                Alternatives, group => group.Contains(setting.Property.Name) && group.Any(given.ContainsKey));
            setting.Property.SetValue(cmdlet, isOverruled ? setting.Default : setting.Value);
        }
    }

    private static bool IsLeftOut(PropertyInfo property, HashSet<string> given) =>
        !given.Contains(property.Name)
        && !Array.Exists(Alternatives, group => group.Contains(property.Name) && group.Any(given.Contains));

    private static bool IsInSet(PropertyInfo property, string parameterSet) =>
        property.GetCustomAttributes<ParameterAttribute>().Any(attribute =>
            attribute.ParameterSetName == ParameterAttribute.AllParameterSets
            || attribute.ParameterSetName == parameterSet);

    private static void RequireKnown(SettingsFile file, Setting setting)
    {
        var cmdlets = Cmdlets().Where(type => setting.Cmdlet is null
            || NameOf(type).Equals(setting.Cmdlet, StringComparison.OrdinalIgnoreCase)).ToList();
        if (cmdlets.Count == 0)
        {
            throw file.Invalid(setting.Line, $"There is no cmdlet {setting.Cmdlet}.");
        }

        var property = cmdlets.Select(type => PropertyOf(type, setting.Key)).FirstOrDefault(found => found is not null)
            ?? throw file.Invalid(
                setting.Line,
                $"{setting.Cmdlet ?? "No cmdlet"} has {(setting.Cmdlet is null ? "a" : "no")} parameter "
                    + $"{setting.Key}.");
        if (NoSettings.Contains(property.Name))
        {
            throw file.Invalid(setting.Line, $"{setting.Key} cannot be a setting: it belongs to a single call. Pass "
                + "it with the call.");
        }
    }

    private static object? Convert(PSCmdlet cmdlet, SettingsFile file, PropertyInfo property, Setting setting)
    {
        try
        {
            var engine = cmdlet.SessionState.PSVariable.GetValue("ExecutionContext") as EngineIntrinsics;
            var value = IsFolder(property.Name) ? Rooted(file, setting.Value) : setting.Value;
            foreach (var attribute in property.GetCustomAttributes<ArgumentTransformationAttribute>())
            {
                value = attribute.Transform(engine, value);
            }

            var converted = LanguagePrimitives.ConvertTo(value, property.PropertyType, null);
            foreach (var attribute in property.GetCustomAttributes<ValidateArgumentsAttribute>())
            {
                Validate(attribute, converted, engine);
            }

            return converted;
        }
        catch (Exception e) when (e is PSInvalidCastException or MetadataException
            or ArgumentTransformationMetadataException)
        {
            throw new InitializationException(
                ErrorCodes.SettingsInvalid, $"{file.Path}:{setting.Line}: the value of {setting.Key} is not valid for "
                    + $"-{property.Name}. {e.Message}", e);
        }
    }

    // The method that PowerShell calls is protected.
    private static void Validate(ValidateArgumentsAttribute attribute, object? value, EngineIntrinsics? engine)
    {
        var validate = typeof(ValidateArgumentsAttribute).GetMethod(
            "Validate", BindingFlags.Instance | BindingFlags.NonPublic, [typeof(object), typeof(EngineIntrinsics)])!;
        try
        {
            validate.Invoke(attribute, [value, engine]);
        }
        catch (TargetInvocationException e) when (e.InnerException is MetadataException inner)
        {
            throw inner;
        }
    }

    private static bool IsFolder(string parameter) => parameter is "Path" or "LiteralPath";

    // A folder is relative to the file, not to the current location.
    private static object? Rooted(SettingsFile file, object? value) => value switch
    {
        string text => Path.Combine(file.Folder, text),
        object?[] list => list.Select(item => Rooted(file, item)).ToArray(),
        _ => value,
    };

    private static IEnumerable<Type> Cmdlets() => typeof(SettingsBinder).Assembly.GetTypes()
        .Where(type => type.GetCustomAttribute<CmdletAttribute>() is not null);

    private static string NameOf(Type type) =>
        type.GetCustomAttribute<CmdletAttribute>() is { } cmdlet ? $"{cmdlet.VerbName}-{cmdlet.NounName}" : "";

    private static PropertyInfo? PropertyOf(Type type, string name) => Array.Find(
        type.GetProperties(), property => property.GetCustomAttributes<ParameterAttribute>().Any()
            && (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
                || (property.GetCustomAttribute<AliasAttribute>()?.AliasNames.Contains(name,
                    StringComparer.OrdinalIgnoreCase) ?? false)));
}
