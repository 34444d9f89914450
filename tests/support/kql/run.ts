// Runs queries on rows, as Kusto would: the operators and functions that our queries use, and an error for any other.
// The tree and the names of the columns come from Microsoft's parser. Where Kusto's answer depends on rules about empty
// dynamic values, the query must convert them first.
import { evaluate, nameOf, type Row, type Scope, type Value } from "./evaluate.ts";
import { aggregate, keyOf } from "./aggregate.ts";
import { itemsOf, kindOf, type List, type ReadQuery, type SyntaxNode } from "./kusto.ts";

export type { Row };

/**
 * The rows that a query finds.
 * @param query without findings
 * @param now what `ago` counts from
 * @throws Error for what is not supported
 */
export function runQuery(query: ReadQuery, tables: Readonly<Record<string, readonly Row[]>>, now: Date): Row[] {
  if (query.findings.length > 0) throw new Error(query.findings.join("\n"));
  const constants: Record<string, Value> = {};
  let found: Row[] = [];
  for (const statement of elements(query.root["Statements"])) {
    if (kindOf(statement) === "LetStatement")
      constants[nameOf(node(statement, "Name"))] = evaluate(node(statement, "Expression"), { row: {}, constants, now });
    else found = pipe(node(statement, "Expression"), { tables, constants, now });
  }
  return found;
}

interface Source {
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  readonly constants: Readonly<Record<string, Value>>;
  readonly now: Date;
}

const node = (parent: SyntaxNode, member: string) => parent[member] as SyntaxNode;

/** The elements of a list with separators. */
function elements(list: unknown): SyntaxNode[] {
  return itemsOf(list as List<{ readonly Element$1: SyntaxNode }>).map(({ Element$1 }) => Element$1);
}

function pipe(expression: SyntaxNode, source: Source): Row[] {
  if (kindOf(expression) === "PipeExpression")
    return operate(node(expression, "Operator"), pipe(node(expression, "Expression"), source), source);
  const rows = source.tables[nameOf(expression)];
  if (!rows) throw new Error(`no rows of ${nameOf(expression)}`);
  return [...rows];
}

function operate(operator: SyntaxNode, rows: Row[], { constants, now }: Source): Row[] {
  const scope = (row: Row): Scope => ({ row, constants, now });
  switch (kindOf(operator)) {
    case "FilterOperator":
      return rows.filter((row) => evaluate(node(operator, "Condition"), scope(row)) === true);
    case "ExtendOperator":
      return rows.map((row) => extend(row, operator, scope));
    case "ProjectOperator":
      return rows.map((row) => pick(operator, scope(row)));
    case "SummarizeOperator":
      return summarize(operator, rows, scope);
    case "SortOperator":
      return sort(rows, elements(operator["Expressions"]), scope);
    case "TopOperator":
      return sort(rows, [node(operator, "ByExpression")], scope).slice(0, numberOf(node(operator, "Expression")));
    case "TakeOperator":
      return rows.slice(0, numberOf(node(operator, "Expression")));
    default:
      throw new Error(`${kindOf(operator)} is not supported`);
  }
}

const numberOf = ({ LiteralValue }: SyntaxNode) => Number(String(LiteralValue));

/** The name and value of `name = expression`, or of a column alone. */
function named(expression: SyntaxNode): { name: string; value: SyntaxNode } {
  if (kindOf(expression) === "SimpleNamedExpression")
    return { name: nameOf(node(expression, "Name")), value: node(expression, "Expression") };
  if (kindOf(expression) === "NameReference") return { name: nameOf(expression), value: expression };
  throw new Error("a column needs a name");
}

/** Within an `extend`, all expressions see the row as it was. */
function extend(row: Row, operator: SyntaxNode, scope: (row: Row) => Scope): Row {
  return { ...row, ...pick(operator, scope(row)) };
}

function pick(operator: SyntaxNode, scope: Scope): Row {
  const columns = elements(operator["Expressions"]).map(named);
  return Object.fromEntries(columns.map(({ name, value }) => [name, evaluate(value, scope)]));
}

function summarize(operator: SyntaxNode, rows: Row[], scope: (row: Row) => Scope): Row[] {
  const clause = operator["ByClause"] as SyntaxNode | null;
  const by = clause ? elements(clause["Expressions"]) : [];
  const aggregates = elements(operator["Aggregates"]);
  const columns = operator.ResultType?.Columns;
  const names = columns ? itemsOf(columns).map(({ Name }) => Name) : [];
  if (names.length !== by.length + aggregates.length) throw new Error("an aggregate with several columns");
  const value = (expression: SyntaxNode) =>
    kindOf(expression) === "SimpleNamedExpression" ? node(expression, "Expression") : expression;
  const groups = new Map<string, { key: Value[]; rows: Row[] }>();
  // Without a group there is one result, also of no rows.
  if (by.length === 0) groups.set("", { key: [], rows: [] });
  for (const row of rows) {
    const key = by.map((expression) => evaluate(value(expression), scope(row)));
    const name = key.map(keyOf).join(",");
    const group = groups.get(name) ?? { key, rows: [] };
    group.rows.push(row);
    groups.set(name, group);
  }
  return [...groups.values()].map((group) => {
    const results = aggregates.map((expression) => aggregate(value(expression), group.rows.map(scope)));
    return Object.fromEntries([...group.key, ...results].map((one, index) => [names[index] ?? "", one]));
  });
}

function sort(rows: Row[], by: readonly SyntaxNode[], scope: (row: Row) => Scope): Row[] {
  const keys = by.map((expression) => {
    const isOrdered = kindOf(expression) === "OrderedExpression";
    const ordering = isOrdered ? (expression["Ordering"] as SyntaxNode | null) : null;
    // Descending unless it says otherwise.
    const isAscending = (ordering?.["AscOrDescKeyword"] as SyntaxNode | null)?.Text === "asc";
    return { expression: isOrdered ? node(expression, "Expression") : expression, sign: isAscending ? 1 : -1 };
  });
  return rows.toSorted((one, other) => {
    for (const { expression, sign } of keys) {
      const [a, b] = [one, other].map((row) => comparable(evaluate(expression, scope(row))));
      if (a !== undefined && b !== undefined && a !== b) return a < b ? -sign : sign;
    }
    return 0;
  });
}

function comparable(value: Value): number | string {
  if (value instanceof Date) return value.getTime();
  if (typeof value === "number" || typeof value === "string") return value;
  throw new Error("rows are ordered by a number, a text or a time");
}
