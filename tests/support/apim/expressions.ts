import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { builtProgram } from "../../../tools/dotnet.ts";
import { whenDone } from "../when-done.ts";

/** A value of a policy's variable, with its .NET type. */
export interface Value {
  readonly type: "String" | "Boolean" | "Int32" | "Int64" | "Jwt" | "Response" | "Null";
  readonly value: unknown;
}

/** What an expression sees of a request. */
export interface ExpressionContext {
  readonly headers: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, Value>>;
  readonly lastError?: { readonly source: string; readonly reason: string; readonly policyId: string } | undefined;
}

/** Evaluates an expression. @throws Error with what it has thrown */
export type Evaluate = (expression: string, context: ExpressionContext) => Promise<Value>;

const folder = path.join(import.meta.dirname, "expressions");
const usings = ["System", "System.Collections.Generic", "System.Linq", "System.Text", "System.Text.RegularExpressions"];
const json = ["Newtonsoft.Json", "Newtonsoft.Json.Linq"];

/** The expressions as C#: a function for each. */
function toCode(expressions: readonly string[]): string {
  const functions = expressions.map((expression) => {
    const isBlock = expression.startsWith("@{");
    return `        context => ${isBlock ? expression.slice(1) : `{ return ${expression.slice(1)}; }`},`;
  });
  return [
    ...[...usings, ...json].map((name) => `using ${name};`),
    "static class Expressions",
    "{",
    "    public static readonly Func<IContext, object>[] All =",
    "    {",
    ...functions,
    "    };",
    "}",
    "",
  ].join("\n");
}

/** Compiles these expressions as C# 7, and runs them in a process of their own until the tests are done. */
export function startExpressions(expressions: readonly string[]): Evaluate {
  const read = (name: string) => readFileSync(path.join(folder, name), "utf8");
  const sources = ["expressions.csproj", "packages.lock.json", "Program.cs"].map((name) => [name, read(name)] as const);
  const program = builtProgram("expressions", {
    ...Object.fromEntries(sources),
    "Expressions.cs": toCode(expressions),
  });
  const child = spawn("dotnet", [program], { stdio: ["pipe", "pipe", "inherit"] });
  whenDone(() => void child.stdin.end());
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(line));
  return async (expression, context) => {
    const index = expressions.indexOf(expression);
    if (index === -1) throw new Error(`not compiled: ${expression}`);
    const answer = new Promise<string>((resolve) => waiting.push(resolve));
    // Only the variables that it names: the others are large, and would be parsed in vain.
    const named = Object.entries(context.variables).filter(([name]) => expression.includes(`"${name}"`));
    const { headers, lastError } = context;
    const asked = { expression: index, context: { headers, lastError, variables: Object.fromEntries(named) } };
    child.stdin.write(`${JSON.stringify(asked)}\n`);
    const { error, ...value } = JSON.parse(await answer) as Value & { error?: string };
    if (error !== undefined) throw new Error(`${error} in ${expression}`);
    return value;
  };
}
