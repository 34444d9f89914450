import {
  MssqlQueryCompiler,
  type CompiledQuery,
  type FunctionNode,
  type QueryId,
  type RootOperationNode,
  type TopNode,
} from "kysely";
import { quote } from "../quoted-bytes.ts";
import { SqlServerRewrite } from "./rewrite.ts";

/** Kysely's compiler for SQL Server, plus what the service's queries need. */
export class SqlServerQueryCompiler extends MssqlQueryCompiler {
  /** A bound null has a type, NVARCHAR, which a varbinary column refuses (error 257); the literal has none. */
  protected override appendValue(parameter: unknown): void {
    if (parameter === null) this.append("null");
    else super.appendValue(parameter);
  }

  protected override appendImmediateValue(value: unknown): void {
    if (typeof value === "boolean") this.append(value ? "1" : "0");
    else super.appendImmediateValue(value);
  }

  /** A column of bytes has nothing but bytes here: see `quotedBytes`. */
  protected override visitFunction(node: FunctionNode): void {
    if (node.func === quote) this.compileList(node.arguments);
    else super.visitFunction(node);
  }

  /** The row limit is a parameter, so that queries that differ only in it share a plan. */
  protected override visitTop(node: TopNode): void {
    if (typeof node.expression !== "object") return super.visitTop(node);
    this.append("top(");
    this.visitNode(node.expression);
    this.append(")");
  }
}

/**
 * What SQL Server would receive for a store's query, whichever engine it was built for.
 * @throws Error if SQL Server has no form of it
 */
export function compileForSqlServer(node: RootOperationNode, queryId: QueryId): CompiledQuery {
  const rewritten = new SqlServerRewrite().transformQuery({ node, queryId });
  return new SqlServerQueryCompiler().compileQuery(rewritten, queryId);
}
