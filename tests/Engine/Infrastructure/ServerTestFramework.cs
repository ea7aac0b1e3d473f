using System.Reflection;
using PgMigrate.Connections;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("PgMigrate.Tests.Infrastructure.ServerTestFramework", "PgMigrate.Engine.Tests")]

namespace PgMigrate.Tests.Infrastructure;

/// <summary>
/// Stops the throw-away server before the run is reported as finished: after that the test host may be killed at any
/// time, and with it whatever cleans up at the end of the process.
/// </summary>
internal sealed class ServerTestFramework : XunitTestFramework
{
    // The driver reads its switch for SQL rewriting once a process: as the engine wants it, before a test's own statement
    // comes first.
    public ServerTestFramework(IMessageSink messageSink)
        : base(messageSink)
    {
        DriverSettings.Apply();
        ServerGuard.WatchOwner();
    }

    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(
        AssemblyName assemblyName, ISourceInformationProvider sources, IMessageSink diagnostics)
        : XunitTestFrameworkExecutor(assemblyName, sources, diagnostics)
    {
        protected override async void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink execution, ITestFrameworkExecutionOptions options)
        {
            using var runner = new Runner(TestAssembly, testCases, DiagnosticMessageSink, execution, options);
            await runner.RunAsync();
        }
    }

    private sealed class Runner(
        ITestAssembly assembly,
        IEnumerable<IXunitTestCase> testCases,
        IMessageSink diagnostics,
        IMessageSink execution,
        ITestFrameworkExecutionOptions options)
        : XunitTestAssemblyRunner(assembly, testCases, diagnostics, execution, options)
    {
        protected override async Task BeforeTestAssemblyFinishedAsync()
        {
            PostgresServer.Stop();
            await base.BeforeTestAssemblyFinishedAsync();
        }
    }
}
