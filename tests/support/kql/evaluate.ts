import { itemsOf, kindOf, type List, type SyntaxNode } from "./kusto.ts";

/** A timespan, in milliseconds. */
export interface Span {
  readonly span: number;
}

/** A value of a column: dynamic ones are what JSON says, null if there is nothing. */
export type Value = string | number | boolean | Date | Span | object | null;

export type Row = Readonly<Record<string, Value>>;

/** Where an expression is evaluated. */
export interface Scope {
  readonly row: Row;
  /** What `let` has named. */
  readonly constants: Readonly<Record<string, Value>>;
  readonly now: Date;
}

/** The name that a node declares or refers to. */
export function nameOf(node: SyntaxNode): string {
  if (!node.SimpleName) throw new Error(`${kindOf(node)} has no simple name`);
  return node.SimpleName;
}

const node = (parent: SyntaxNode, member: string) => parent[member] as SyntaxNode;

/** A call's function and arguments. */
export function callOf(expression: SyntaxNode): { name: string; args: SyntaxNode[] } {
  const list = node(expression, "ArgumentList")["Expressions"] as List<{ readonly Element$1: SyntaxNode }>;
  return { name: nameOf(node(expression, "Name")), args: itemsOf(list).map(({ Element$1 }) => Element$1) };
}

/** The value of an expression that belongs to a single row. @throws Error for what is not supported */
export function evaluate(expression: SyntaxNode, scope: Scope): Value {
  const kind = kindOf(expression);
  switch (kind) {
    case "StringLiteralExpression":
      return String(expression.LiteralValue);
    case "LongLiteralExpression":
    case "RealLiteralExpression":
      return Number(String(expression.LiteralValue));
    case "BooleanLiteralExpression":
      return expression.LiteralValue === true;
    case "TimespanLiteralExpression":
      return spanOf(node(expression, "Token").Text ?? "");
    case "ParenthesizedExpression":
      return evaluate(node(expression, "Expression"), scope);
    case "NameReference":
      return lookUp(nameOf(expression), scope);
    case "PathExpression":
      return memberOf(evaluate(node(expression, "Expression"), scope), nameOf(node(expression, "Selector")));
    case "FunctionCallExpression":
      return call(expression, scope);
    case "InExpression":
      return isIn(expression, scope);
    case "NotInExpression":
      return !isIn(expression, scope);
    default:
      return binary(kind, expression, scope);
  }
}

function lookUp(name: string, { row, constants }: Scope): Value {
  const value = name in row ? row[name] : constants[name];
  if (value === undefined) throw new Error(`the sample rows have no ${name}`);
  return value;
}

/** A member of a dynamic value; of anything else there is none. */
function memberOf(value: Value, name: string): Value {
  if (typeof value !== "object" || value === null) return null;
  return (value as Record<string, Value>)[name] ?? null;
}

const unitMilliseconds = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };

function spanOf(text: string): Span {
  const unit = text.slice(-1);
  if (!(unit in unitMilliseconds)) throw new Error(`${text} is no timespan that is supported`);
  return { span: Number(text.slice(0, -1)) * unitMilliseconds[unit as keyof typeof unitMilliseconds] };
}

const functions: Readonly<Record<string, (args: readonly Value[], scope: Scope) => Value>> = {
  parse_json: ([text]) => parseJson(textOf(text)),
  tostring: ([value]) => toText(value),
  toint: ([value]) => toNumber(value),
  tolong: ([value]) => toNumber(value),
  strcat: (texts) => texts.map(textOf).join(""),
  coalesce: (found) => found.find((value) => value !== null) ?? null,
  iff: ([condition, yes, no]) => (condition === true ? yes : no) ?? null,
  ago: ([span], { now }) => new Date(now.getTime() - lengthOf(span)),
  bin: ([at, size]) => {
    if (!(at instanceof Date)) throw new Error("bin takes a time");
    return new Date(Math.floor(at.getTime() / lengthOf(size)) * lengthOf(size));
  },
  isnotempty: ([text]) => textOf(text) !== "",
  isempty: ([text]) => textOf(text) === "",
  not: ([value]) => value !== true,
};

function call(expression: SyntaxNode, scope: Scope): Value {
  const { name, args } = callOf(expression);
  const work = functions[name];
  if (!work) throw new Error(`${name}() is not supported`);
  return work(
    args.map((arg) => evaluate(arg, scope)),
    scope,
  );
}

/** What is no JSON is a dynamic text. */
function parseJson(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

function toText(value: Value | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

function toNumber(value: Value | undefined): Value {
  const text = toText(value);
  return text === "" || Number.isNaN(Number(text)) ? null : Math.trunc(Number(text));
}

function textOf(value: Value | undefined): string {
  if (typeof value !== "string") throw new Error("this takes a text: convert with tostring()");
  return value;
}

function lengthOf(value: Value | undefined): number {
  if (typeof value === "object" && value !== null && "span" in value) return value.span;
  throw new Error("this takes a timespan");
}

function isIn(expression: SyntaxNode, scope: Scope): boolean {
  const left = textOf(evaluate(node(expression, "Left"), scope));
  const list = node(expression, "Right")["Expressions"] as List<{ readonly Element$1: SyntaxNode }>;
  return itemsOf(list).some(({ Element$1 }) => textOf(evaluate(Element$1, scope)) === left);
}

/** Texts and times are compared as they are; whatever may be empty, which dynamic values may, is never greater. */
function binary(kind: string, expression: SyntaxNode, scope: Scope): Value {
  const left = evaluate(node(expression, "Left"), scope);
  const right = () => evaluate(node(expression, "Right"), scope);
  switch (kind) {
    case "AndExpression":
      return left === true && right() === true;
    case "OrExpression":
      return left === true || right() === true;
    case "EqualExpression":
      return scalar(left) === scalar(right());
    case "NotEqualExpression":
      return scalar(left) !== scalar(right());
    case "GreaterThanExpression":
      return isGreater(left, right());
    case "GreaterThanOrEqualExpression":
      return isGreater(left, right()) || scalar(left) === scalar(right());
    case "LessThanExpression":
      return isGreater(right(), left);
    case "HasExpression":
      return hasTerm(textOf(left), textOf(right()));
    case "StartsWithExpression":
      return textOf(left).toLowerCase().startsWith(textOf(right()).toLowerCase());
    case "DivideExpression":
      return Number(left) / Number(right());
    case "MultiplyExpression":
      return Number(left) * Number(right());
    default:
      throw new Error(`${kind} is not supported`);
  }
}

function scalar(value: Value): string | number | boolean {
  if (value instanceof Date) return value.getTime();
  if (typeof value === "object") throw new Error("a dynamic value is compared only once it is converted");
  return value;
}

function isGreater(left: Value, right: Value): boolean {
  if (left === null || right === null) return false;
  const [a, b] = [scalar(left), scalar(right)];
  if (typeof a !== typeof b) throw new Error("values of different types are compared");
  return a > b;
}

/** Whether a text has a term, which is a run of letters and digits; case does not matter. */
function hasTerm(text: string, term: string): boolean {
  if (!/^[a-z\d]+$/i.test(term)) throw new Error(`has '${term}' is not one term`);
  return text
    .toLowerCase()
    .split(/[^a-z\d]/)
    .includes(term.toLowerCase());
}
