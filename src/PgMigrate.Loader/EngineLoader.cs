using System.Management.Automation;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace PgMigrate.Loader;

/// <summary>
/// Keeps the engine and its driver in a load context of their own, so that an older logging assembly or another Npgsql
/// in the session disturbs neither side. PowerShell calls it when the nested module is imported; it opens once per
/// process and stays open, since types that were handed out cannot be taken back.
/// </summary>
public sealed class EngineLoader : IModuleAssemblyInitializer
{
    private const string EngineName = "PgMigrate.Engine";

    // Images are compiled against the .NET 10 framework: an older runtime would ignore their code, and pay its size.
    private const int ImageRuntime = 10;

    // The driver needs version 9 of it. Newer frameworks have one, and listeners of the process hang on that one.
    private const string FrameworkOwned = "System.Diagnostics.DiagnosticSource";
    private const int FrameworkOwnedSince = 9;
    private static int _isOpen;

    /// <summary>Answers from now on when the cmdlets ask for the engine. Nothing is read yet.</summary>
    public void OnImport()
    {
        if (Interlocked.Exchange(ref _isOpen, 1) == 0)
        {
            var context = new EngineContext(Path.GetDirectoryName(typeof(EngineLoader).Assembly.Location)!);
            AssemblyLoadContext.Default.Resolving += (_, name) =>
                name.Name == EngineName ? context.LoadFromAssemblyName(name) : null;
        }
    }

    private sealed class EngineContext(string moduleFolder) : AssemblyLoadContext("PgMigrate")
    {
        private readonly string _il = Path.Combine(moduleFolder, "dependencies");
        private readonly string? _images = FindImages(Path.Combine(moduleFolder, "dependencies"));

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            if (assemblyName.Name == FrameworkOwned && Environment.Version.Major >= FrameworkOwnedSince)
            {
                return null;
            }

            var file = assemblyName.Name + ".dll";
            if (_images is not null && File.Exists(Path.Combine(_images, file))
                && IsForThisPlatform(Path.Combine(_images, file)))
            {
                try
                {
                    return LoadFromAssemblyPath(Path.Combine(_images, file));
                }
                catch (BadImageFormatException)
                {
                    // A damaged image: the IL beside it runs everywhere.
                }
            }

            var path = Path.Combine(_il, file);
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }

        // The framework's own image says what this platform is. Trying a foreign one would be too late: the runtime
        // remembers that the name failed, and then refuses the IL as well.
        private static bool IsForThisPlatform(string image) =>
            MachineOf(image) == MachineOf(typeof(object).Assembly.Location);

        private static ushort MachineOf(string file)
        {
            const int HeaderOffset = 0x3C;
            const int MachineOffset = 4;
            Span<byte> start = stackalloc byte[512];
            using var handle = File.OpenHandle(file);
            var length = RandomAccess.Read(handle, start, 0);
            var header = length == start.Length ? BitConverter.ToInt32(start[HeaderOffset..]) : 0;
            return header is > 0 and < 500 ? BitConverter.ToUInt16(start[(header + MachineOffset)..]) : (ushort)0;
        }

        private static string? FindImages(string dependencies)
        {
            var system = OperatingSystem.IsWindows() ? "win"
                : OperatingSystem.IsMacOS() ? "osx"
                : OperatingSystem.IsLinux() ? "linux"
                : null;
            var architecture = RuntimeInformation.ProcessArchitecture switch
            {
                Architecture.X64 => "x64",
                Architecture.Arm64 => "arm64",
                _ => null,
            };
            var folder = Path.Combine(dependencies, $"{system}-{architecture}");
            return system is not null && architecture is not null && Environment.Version.Major >= ImageRuntime
                && Directory.Exists(folder)
                ? folder
                : null;
        }
    }
}
