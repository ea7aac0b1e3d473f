using System.Reflection;
using Xunit;

namespace PgMigrate.Tests.Model;

/// <summary>What the objects that cmdlets emit are made of.</summary>
public class OutputTests
{
    private static readonly Assembly Model = typeof(MigrationResult).Assembly;

    // A number in JSON, an Int32 after Clixml, and 0 is false: an enum is for parameters and for comparing.
    [Fact]
    public void No_property_of_an_output_object_is_an_enum() => Assert.Empty(
        Model.GetExportedTypes()
            .SelectMany(type => type.GetProperties())
            .Where(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType).IsEnum)
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}"));

    [Theory]
    [InlineData(typeof(MigrationState), typeof(MigrationStatus), nameof(MigrationStatus.State))]
    [InlineData(typeof(MigrationOutcome), typeof(MigrationResult), nameof(MigrationResult.Outcome))]
    [InlineData(typeof(MigrationDirection), typeof(MigrationResult), nameof(MigrationResult.Direction))]
    [InlineData(typeof(RunStatus), typeof(MigrationRunSummary), nameof(MigrationRunSummary.Status))]
    [InlineData(typeof(ProblemSeverity), typeof(MigrationProblem), nameof(MigrationProblem.Severity))]
    public void A_state_text_can_be_compared_with_the_enum(Type values, Type output, string property)
    {
        var asks = output.GetMethod("Is", [values])!;
        var item = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(output);
        foreach (var value in Enum.GetValues(values))
        {
            output.GetProperty(property)!.SetValue(item, value.ToString());
            Assert.Equal(
                [value], Enum.GetValues(values).Cast<object>().Where(other => (bool)asks.Invoke(item, [other])!));
        }
    }
}
