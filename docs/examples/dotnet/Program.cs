using Shop;

var app = WebApplication.CreateBuilder(args).Build();

// From appsettings.json, a user secret, or the variable ConnectionStrings__Shop.
var connectionString = app.Configuration.GetConnectionString("Shop")
    ?? throw new InvalidOperationException("There is no connection string 'Shop'.");

// No request is served before the database is up to date. An error ends the start-up.
var applied = await StartUp.MigrateAsync(
    connectionString,
    Path.Combine(AppContext.BaseDirectory, "migrations"),
    app.Logger,
    app.Lifetime.ApplicationStopping);

app.MapGet("/", () => $"{applied} migrations were applied at start-up");
app.Run();
