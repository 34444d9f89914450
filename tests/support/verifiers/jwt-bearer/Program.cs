// A resource server on ASP.NET Core, as docs/tokens.md shows it ("documented"), or with nothing but an Authority ("defaults").
// For when it looks for keys again its time is the test's, which POST /time moves on; for when tokens expire it is the machine's.
// Words: how, issuer, the instant at which it starts. It prints its address.
using System.Reflection;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Time.Testing;

var (how, issuer) = (args[0], args[1]);
var time = new FakeTimeProvider(DateTimeOffset.Parse(args[2]));
var builder = WebApplication.CreateSlimBuilder();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.ClearProviders();
builder.Services.AddSingleton<TimeProvider>(time);
if (how == "documented")
    builder.Services.AddLatchkey(issuer, audience: issuer);
else
    builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
    {
        options.Authority = issuer;
        options.Audience = issuer;
    });
builder.Services.AddAuthorization();
builder.Services.Configure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options => options.RequireHttpsMetadata = false);
// The library's own seam for its tests, which is not public.
builder.Services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
    options.ConfigurationManager!.GetType().GetField("TimeProvider", BindingFlags.Instance | BindingFlags.NonPublic)!
        .SetValue(options.ConfigurationManager, time));

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.MapGet("/", () => "protected").RequireAuthorization();
app.MapPost("/time", (double seconds) => time.Advance(TimeSpan.FromSeconds(seconds)));
await app.StartAsync();
Console.WriteLine(app.Urls.Single());
// Whoever started it closes its input when done.
await Console.In.ReadToEndAsync();
await app.StopAsync();
