// Evaluates policy expressions as API Management does: compiled as C# 7, with a context of which they see what its
// documentation lists. A line of JSON asks for several, a line answers.
using System;
using System.Collections.Generic;
using System.Linq;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

public interface IMessageBody
{
    T As<T>(bool preserveContent = false);
}

public interface IResponse
{
    int StatusCode { get; }
    IMessageBody Body { get; }
}

public interface IRequest
{
    IReadOnlyDictionary<string, string[]> Headers { get; }
    string IpAddress { get; }
}

public interface ILastError
{
    string Source { get; }
    string Reason { get; }
    string PolicyId { get; }
}

public interface IContext
{
    IRequest Request { get; }
    IReadOnlyDictionary<string, object> Variables { get; }
    ILastError LastError { get; }
}

public class Jwt
{
    public string Subject { get; set; }
}

public static class Extensions
{
    public static string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> headers, string name, string otherwise)
    {
        string[] values;
        return headers.TryGetValue(name, out values) ? string.Join(",", values) : otherwise;
    }

    // As in the gateway, a variable of another type is an error.
    public static T GetValueOrDefault<T>(this IReadOnlyDictionary<string, object> variables, string name, T otherwise)
    {
        object value;
        return variables.TryGetValue(name, out value) ? (T)value : otherwise;
    }
}

class Body : IMessageBody
{
    readonly string text;
    public Body(string text) { this.text = text; }
    public T As<T>(bool preserveContent = false) { return (T)(object)text; }
}

class Response : IResponse
{
    public int StatusCode { get; set; }
    public IMessageBody Body { get; set; }
}

class Context : IContext, IRequest, ILastError
{
    public IReadOnlyDictionary<string, string[]> Headers { get; set; }
    public string IpAddress { get; set; }
    public IReadOnlyDictionary<string, object> Variables { get; set; }
    public string Source { get; set; }
    public string Reason { get; set; }
    public string PolicyId { get; set; }
    public IRequest Request { get { return this; } }
    public ILastError LastError { get { return Source == null ? null : this; } }
}

static class Program
{
    // Long texts, by their numbers: a line that begins with "+" tells one. The oldest are forgotten, as by who asks.
    const long Limit = 64;
    static readonly Dictionary<long, string> Texts = new Dictionary<long, string>();

    static void Main()
    {
        JsonConvert.DefaultSettings = () => new JsonSerializerSettings { DateParseHandling = DateParseHandling.None };
        string line;
        while ((line = Console.ReadLine()) != null)
        {
            if (line[0] == '+') Keep(line);
            else Console.WriteLine(Answer(JObject.Parse(line)).ToString(Formatting.None));
        }
    }

    static void Keep(string line)
    {
        int space = line.IndexOf(' ');
        long number = long.Parse(line.Substring(1, space - 1));
        Texts[number] = JsonConvert.DeserializeObject<string>(line.Substring(space + 1));
        Texts.Remove(number - Limit);
    }

    static JArray Answer(JObject asked)
    {
        var answers = new JArray();
        foreach (var expression in (JArray)asked["expressions"])
        {
            try
            {
                answers.Add(ToJson(Expressions.All[(int)expression](ToContext((JObject)asked["context"]))));
            }
            catch (Exception error)
            {
                answers.Add(new JObject(new JProperty("error", error.GetType().Name + ": " + error.Message)));
            }
        }
        return answers;
    }

    static string ToText(JToken given)
    {
        return given is JObject ? Texts[(long)given["text"]] : (string)given;
    }

    static Context ToContext(JObject given)
    {
        var variables = new Dictionary<string, object>();
        foreach (var one in (JObject)given["variables"]) variables[one.Key] = ToValue((JObject)one.Value);
        var headers = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        foreach (var one in (JObject)given["headers"]) headers[one.Key] = new[] { ToText(one.Value) };
        JToken error = given["lastError"];
        return new Context
        {
            Headers = headers,
            IpAddress = "203.0.113.7",
            Variables = variables,
            Source = (string)error?["source"],
            Reason = (string)error?["reason"],
            PolicyId = (string)error?["policyId"],
        };
    }

    static object ToValue(JObject given)
    {
        JToken value = given["value"];
        switch ((string)given["type"])
        {
            case "String": return ToText(value);
            case "Boolean": return (bool)value;
            case "Int32": return (int)value;
            case "Int64": return (long)value;
            case "Jwt": return new Jwt { Subject = ToText(value) };
            case "Response":
                return new Response { StatusCode = (int)value["status"], Body = new Body(ToText(value["body"])) };
            default: return null;
        }
    }

    static JObject ToJson(object value)
    {
        string type = value == null ? "Null" : value.GetType().Name;
        foreach (var kept in Texts)
        {
            // Not one that is equal: to compare would take longer than to send.
            if (ReferenceEquals(kept.Value, value)) value = new JObject(new JProperty("text", kept.Key));
        }
        return new JObject(new JProperty("type", type), new JProperty("value", value));
    }
}
