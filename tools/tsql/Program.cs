// Compiles T-SQL with Microsoft's own parser and model of Azure SQL Database. Each line of standard input is a JSON document:
//
//   { "scripts": [ source ], "groups": [ { "schema": [ source ], "statements": [ source ] } ] }
//   source: { "name": "sql/0001_accounts.sql", "line": 3, "text": "create table …", "parameters": "@1 int" }
//
// Scripts are only parsed. The schema of a group becomes a model that each of its statements must bind to: every table, column
// and parameter in it must exist. The answer to each line is one line: a JSON array of findings, `name:line: message`.
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;

var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
while (Console.In.ReadLine() is { } line)
{
    var input = JsonSerializer.Deserialize<Input>(line, options) ?? throw new ArgumentException("no input");
    var findings = input.Scripts.SelectMany(Check.Parse)
        .Concat(input.Groups.SelectMany(group => Check.Bind(group.Schema, group.Statements)))
        .Distinct();
    Console.WriteLine(JsonSerializer.Serialize(findings, options));
}

/// <param name="Line">The line of the file on which the text begins, from 1.</param>
record Source(string Name, string Text, int Line = 1, string Parameters = "");
record Group(Source[] Schema, Source[] Statements);
record Input(Source[] Scripts, Group[] Groups);

static partial class Check
{
    /// <summary>The schemas of all names in a message, such as [dbo].[users].[email].</summary>
    [GeneratedRegex(@"(?<![\].:])\[(\w+)\]\.\[")]
    private static partial Regex Schemas();

    /// <summary>
    /// Whether everything missing belongs to SQL Server itself and so is not in the model of a user database: its catalogue views,
    /// and the procedure sp_getapplock. Misspelt names of these are not found.
    /// </summary>
    private static bool IsBuiltIn(string message) =>
        message.Contains("[dbo].[sp_getapplock]")
        || Schemas().Matches(message) is { Count: > 0 } names && names.All(match => match.Groups[1].Value == "sys");

    /// <summary>The last name of a reference such as [dbo].[users].[email].</summary>
    [GeneratedRegex(@"reference to .*\[([^\]]+)\]\.?$")]
    private static partial Regex LastName();

    /// <summary>The parse errors of a script.</summary>
    public static IEnumerable<string> Parse(Source script)
    {
        new TSql170Parser(true, SqlEngineType.SqlAzure).Parse(new StringReader(script.Text), out var errors);
        return errors.Select(error => Finding(script, error.Line, error.Message));
    }

    /// <summary>
    /// What the schema, or a statement, refers to that the schema does not have. All statements are in one model, since to
    /// build one takes long. One that cannot be in a model spoils it for the others: then each has its own.
    /// </summary>
    public static IEnumerable<string> Bind(Source[] schema, Source[] statements) =>
        BindTogether(schema, statements, out var findings)
            ? findings
            : [.. BindAlone(schema, []), .. statements.AsParallel().AsOrdered().SelectMany(statement => BindAlone(schema, [statement]))];

    private static string[] BindAlone(Source[] schema, Source[] statements)
    {
        BindTogether(schema, statements, out var findings);
        return findings;
    }

    /// <returns>Whether the model took them all; otherwise the findings are about the first that it did not take.</returns>
    private static bool BindTogether(Source[] schema, Source[] statements, out string[] findings)
    {
        using var model = new TSqlModel(SqlServerVersion.SqlAzure, new TSqlModelOptions());
        foreach (var (index, source) in schema.Concat(statements.Select(Procedure)).Index())
        {
            try
            {
                // Each under its own name: a second text with the same name would replace the first.
                model.AddOrUpdateObjects(source.Text, $"{index}", new TSqlObjectOptions());
            }
            catch (DacModelException)
            {
                // The first error would be repeated for all texts after it.
                findings = [.. model.GetModelErrors().Select(error => Finding(source, error.Line, error.Message))];
                return false;
            }
        }
        findings = [.. model.Validate().Select(message => message.Message)
            .Select(message => (Message: Named().Replace(message, ""), Name: Named().Match(message)))
            .Where(found => !IsBuiltIn(found.Message))
            .Select(found => Unresolved(found.Name.Success ? [statements[int.Parse(found.Name.Groups[1].Value)]] : schema, found.Message))];
        return true;
    }

    /// <summary>How a message names the procedure of a statement, by the statement's index.</summary>
    [GeneratedRegex(@"^Error validating element \[dbo\]\.\[statement(\d+)\]: Procedure: \[dbo\]\.\[statement\d+\] ")]
    private static partial Regex Named();

    /// <summary>A statement binds as the body of a procedure, which also declares its parameters.</summary>
    private static Source Procedure(Source statement, int index) =>
        // The model counts the line added before the text.
        statement with
        {
            Text = $"create procedure statement{index} {statement.Parameters} as\n{statement.Text}",
            Line = statement.Line - 1,
        };

    /// <summary>The model does not say where an unresolved name is; the text does.</summary>
    private static string Unresolved(Source[] sources, string message)
    {
        var name = LastName().Match(message).Groups[1].Value;
        var source = Array.Find(sources, source => source.Text.Contains(name)) ?? sources[0];
        var before = source.Text[..Math.Max(0, source.Text.IndexOf(name, StringComparison.Ordinal))];
        return Finding(source, before.Count(character => character == '\n') + 1, message);
    }

    private static string Finding(Source source, int line, string message) =>
        $"{source.Name}:{source.Line + line - 1}: {message.Trim().ReplaceLineEndings(" ")}";
}
