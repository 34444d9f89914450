import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createContext, runInContext } from "node:vm";

/**
 * A node of the parser's tree, or a list of them. Its members depend on its kind; `run.ts` names those that it reads.
 */
export interface SyntaxNode {
  readonly Kind: number;
  readonly Text?: string;
  readonly LiteralValue?: unknown;
  readonly SimpleName?: string;
  readonly ResultType?: { readonly Name: string; readonly Columns?: List<{ readonly Name: string }> } | null;
  readonly [member: string]: unknown;
}

export interface List<T> {
  readonly Count: number;
  getItem(index: number): T;
}

/** A query that was parsed, and whose names were looked up. */
export interface ReadQuery {
  /** What is wrong with it, as `message (at "…")`; empty if nothing. */
  readonly findings: readonly string[];
  readonly root: SyntaxNode;
}

interface Parser {
  readonly KustoCode: {
    ParseAndAnalyze(
      text: string,
      globals: unknown,
    ): {
      readonly Syntax: SyntaxNode;
      GetDiagnostics(): List<{ readonly Message: string; readonly Start: number }>;
    };
  };
  readonly GlobalState: { readonly Default: { WithDatabase(database: unknown): unknown } };
  readonly Symbols: {
    readonly TableSymbol: { readonly $ctor7: new (name: string, schema: string, description: null) => unknown };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: readonly unknown[]) => unknown };
  };
  readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, number>> };
}

const packageFolder = path.dirname(createRequire(import.meta.url).resolve("@kusto/language-service-next/package.json"));
const files = ["bridge.min.js", "Kusto.Language.Bridge.min.js"];

/** Microsoft's parser of Kusto, translated from C#. It makes globals, so it gets a context of its own. */
function loadParser(): Parser {
  const context = createContext({});
  for (const file of files) runInContext(readFileSync(path.join(packageFolder, file), "utf8"), context);
  return (context as { Kusto: { Language: Parser } }).Kusto.Language;
}

let loaded: Parser | undefined;

/** The name of a node's kind, such as `FilterOperator`. */
export function kindOf({ Kind }: SyntaxNode): string {
  return kindNames().get(Kind) ?? `kind ${Kind}`;
}

let names: ReadonlyMap<number, string> | undefined;

function kindNames(): ReadonlyMap<number, string> {
  const { SyntaxKind } = (loaded ??= loadParser()).Syntax;
  return (names ??= new Map(Object.entries(SyntaxKind).map(([name, kind]) => [kind, name])));
}

/**
 * Parses a query and binds its names to tables, columns and functions.
 * @param tables the columns of each table, as `name: type, …`
 */
export function readQuery(text: string, tables: Readonly<Record<string, string>>): ReadQuery {
  const { KustoCode, GlobalState, Symbols } = (loaded ??= loadParser());
  const members = Object.entries(tables).map(
    ([name, columns]) => new Symbols.TableSymbol.$ctor7(name, `(${columns})`, null),
  );
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("logs", members));
  const code = KustoCode.ParseAndAnalyze(text, globals);
  const findings = itemsOf(code.GetDiagnostics()).map(
    ({ Message, Start }) => `${Message} (at "${text.slice(Start, Start + 20)}")`,
  );
  return { findings, root: code.Syntax };
}

/** The items of one of the parser's lists. */
export function itemsOf<T>(list: List<T>): T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}
