import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { builtProgram } from "../../../tools/dotnet.ts";
import { whenDone } from "../when-done.ts";
import { createTexts } from "./texts.ts";

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

/** Compiles these expressions as C# 7. @returns the program, for `dotnet` */
function compile(expressions: readonly string[]): string {
  const read = (name: string) => readFileSync(path.join(folder, name), "utf8");
  const sources = ["expressions.csproj", "packages.lock.json", "Program.cs"].map((name) => [name, read(name)] as const);
  return builtProgram("expressions", { ...Object.fromEntries(sources), "Expressions.cs": toCode(expressions) });
}

type Answer = Value & { readonly error?: string };

/** What is kept of answers, since a question costs two switches. */
const answersKept = 5000;

/** Runs these expressions in a process of their own until the tests are done. */
export function startExpressions(expressions: readonly string[]): Evaluate {
  const child = spawn("dotnet", [compile(expressions)], { stdio: ["pipe", "pipe", "inherit"] });
  whenDone(() => void child.stdin.end());
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(line));
  const texts = createTexts();
  const parsed = expressions.map(parse);
  const known = new Map<string, Answer>();

  /** Asks for several in one message. @returns their answers, in order */
  async function ask(asked: readonly Parsed[], context: ExpressionContext): Promise<Answer[]> {
    const variables = Object.fromEntries(asked.flatMap(({ names }) => namedOf(names, context)));
    const headers = asked.some(({ seesRequest }) => seesRequest) ? context.headers : {};
    const seen = { headers, variables, lastError: context.lastError };
    const line = JSON.stringify({ expressions: asked.map(({ index }) => index), context: seen }, texts.shorten);
    child.stdin.write(`${texts.takeUnsent()}${line}\n`);
    const answers = JSON.parse(await new Promise<string>((resolve) => waiting.push(resolve))) as Answer[];
    return answers.map((answer) => Object.assign(answer, { value: texts.restore(answer.value) }));
  }

  /** An expression with all that it sees: of the same the same comes out. */
  const keyOf = ({ index, names, seesRequest, seesError }: Parsed, context: ExpressionContext) =>
    JSON.stringify(
      [index, namedOf(names, context), seesRequest && context.headers, seesError && context.lastError],
      texts.shorten,
    );

  /** Asks for this one, and at once for all others that could come next. */
  async function askAhead(wanted: Parsed, context: ExpressionContext): Promise<Answer> {
    if (known.size > answersKept) known.clear();
    const others = parsed.filter((one) => one !== wanted && isAnswerable(one, context));
    const asked = [wanted, ...others]
      .map((one) => ({ one, key: keyOf(one, context) }))
      .filter(({ one, key }) => one === wanted || !known.has(key));
    const answers = await ask(
      asked.map(({ one }) => one),
      context,
    );
    for (const [place, { key }] of asked.entries()) known.set(key, answers[place] as Answer);
    return answers[0] as Answer;
  }

  return async (expression, context) => {
    const wanted = parsed[expressions.indexOf(expression)];
    if (!wanted) throw new Error(`not compiled: ${expression}`);
    const { error, ...value } = wanted.seesTime
      ? ((await ask([wanted], context))[0] as Answer)
      : (known.get(keyOf(wanted, context)) ?? (await askAhead(wanted, context)));
    if (error !== undefined) throw new Error(`${error} in ${expression}`);
    return value;
  };
}

/** What an expression sees. */
interface Parsed {
  readonly index: number;
  /** Its texts, of which some name variables. */
  readonly names: readonly string[];
  readonly seesRequest: boolean;
  readonly seesError: boolean;
  readonly seesTime: boolean;
}

function parse(expression: string, index: number): Parsed {
  return {
    index,
    names: [...new Set([...expression.matchAll(/"([\w-]+)"/g)].map(([, name = ""]) => name))],
    seesRequest: expression.includes("Request"),
    seesError: expression.includes("LastError"),
    seesTime: expression.includes("Now"),
  };
}

/** The variables that it names, as far as they are set. */
function namedOf(names: readonly string[], { variables }: ExpressionContext): [string, Value][] {
  return names.flatMap((name) => {
    const value = variables[name];
    return value ? [[name, value] as [string, Value]] : [];
  });
}

/** Whether it can be answered ahead: it is the same at any time, and all is there that it names. */
function isAnswerable({ names, seesRequest, seesError, seesTime }: Parsed, { variables }: ExpressionContext): boolean {
  if (seesRequest || seesError || seesTime) return false;
  const named = names.filter((name) => name.startsWith("latchkey-"));
  return named.length > 0 && named.every((name) => name in variables);
}
