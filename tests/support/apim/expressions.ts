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
  /** Answers to short questions, as lines: most are asked again with every request, and a question costs two switches. */
  const known = new Map<string, string>();
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(line));
  const ask = (line: string) => {
    child.stdin.write(`${line}\n`);
    return new Promise<string>((resolve) => waiting.push(resolve));
  };
  return async (expression, context) => {
    const index = expressions.indexOf(expression);
    if (index === -1) throw new Error(`not compiled: ${expression}`);
    // Only what it names: the rest is large, and would be parsed in vain.
    const named = Object.entries(context.variables).filter(([name]) => expression.includes(`"${name}"`));
    const headers = expression.includes("Request") ? context.headers : {};
    const lastError = expression.includes("LastError") ? context.lastError : undefined;
    const asked = JSON.stringify({
      expression: index,
      context: { headers, lastError, variables: Object.fromEntries(named) },
    });
    const answer = known.get(asked) ?? (await ask(asked));
    // Of the same the same comes out, except where the time does.
    if (asked.length < 500 && !expression.includes("Now")) known.set(asked, answer);
    const { error, ...value } = JSON.parse(answer) as Value & { error?: string };
    if (error !== undefined) throw new Error(`${error} in ${expression}`);
    return value;
  };
}
