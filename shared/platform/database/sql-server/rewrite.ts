import {
  AliasNode,
  FetchNode,
  OperationNodeTransformer,
  OutputNode,
  ReferenceNode,
  SelectAllNode,
  SelectionNode,
  TableNode,
  TopNode,
  ValueNode,
  type ColumnNode,
  type DeleteQueryNode,
  type InsertQueryNode,
  type KyselyPlugin,
  type OperationNode,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryId,
  type QueryResult,
  type ReturningNode,
  type SelectQueryNode,
  type UnknownRow,
  type UpdateQueryNode,
} from "kysely";

/**
 * Turns a store's query into SQL Server's form: `returning` into `OUTPUT INSERTED.…` or `OUTPUT DELETED.…`, `limit`
 * into `TOP`, `limit` with `offset` into `OFFSET … FETCH`.
 * @throws Error naming what SQL Server has no form for, such as `on conflict`
 */
export class SqlServerRewrite implements KyselyPlugin {
  readonly #transformer = new Transformer();

  transformQuery({ node, queryId }: PluginTransformQueryArgs): PluginTransformQueryArgs["node"] {
    return this.#transformer.transformNode(node, queryId);
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

class Transformer extends OperationNodeTransformer {
  protected override transformInsertQuery(node: InsertQueryNode, queryId?: QueryId): InsertQueryNode {
    refuse(node.onConflict, "on conflict");
    refuse(node.onDuplicateKey, "on duplicate key");
    refuse(node.orAction ?? node.replace, "insert or …");
    const { returning, ...rest } = super.transformInsertQuery(node, queryId);
    return { ...rest, ...outputOf(returning, "inserted") };
  }

  protected override transformUpdateQuery(node: UpdateQueryNode, queryId?: QueryId): UpdateQueryNode {
    refuse(node.limit, "limit in an update");
    const { returning, ...rest } = super.transformUpdateQuery(node, queryId);
    return { ...rest, ...outputOf(returning, "inserted") };
  }

  protected override transformDeleteQuery(node: DeleteQueryNode, queryId?: QueryId): DeleteQueryNode {
    refuse(node.limit, "limit in a delete");
    const { returning, ...rest } = super.transformDeleteQuery(node, queryId);
    return { ...rest, ...outputOf(returning, "deleted") };
  }

  protected override transformSelectQuery(node: SelectQueryNode, queryId?: QueryId): SelectQueryNode {
    refuse(node.distinctOn, "distinct on");
    refuse(node.endModifiers, "for update and its like");
    const { limit, offset, ...rest } = super.transformSelectQuery(node, queryId);
    if (!limit && !offset) return rest;
    if (!offset && !rest.setOperations) return { ...rest, top: topOf(limit?.limit) };
    if (!rest.orderBy) throw new Error("SQL Server takes an offset, or a limit on a union, with an order by only");
    const fetch = limit && { ...FetchNode.create(0, "only"), rowCount: limit.limit as ValueNode };
    return {
      ...rest,
      offset: offset ?? { kind: "OffsetNode", offset: ValueNode.createImmediate(0) },
      ...(fetch && { fetch }),
    };
  }
}

function refuse(part: unknown, what: string): void {
  if (part !== undefined && part !== false) throw new Error(`SQL Server has no form of this query: ${what}`);
}

/** This folder's compiler accepts a node where Kysely's accepts a number: `top(@1)` shares one plan for every limit. */
function topOf(limit: OperationNode | undefined): TopNode {
  return { ...TopNode.create(0), expression: limit as unknown as number };
}

function outputOf(
  returning: ReturningNode | undefined,
  source: "inserted" | "deleted",
): { output: OutputNode } | undefined {
  return returning && { output: OutputNode.create(returning.selections.map((selection) => from(selection, source))) };
}

function from({ selection }: SelectionNode, source: "inserted" | "deleted"): SelectionNode {
  if (AliasNode.is(selection)) {
    const { node, alias } = selection;
    return SelectionNode.create(AliasNode.create(columnOf(node, source), alias));
  }
  return SelectionNode.create(columnOf(selection, source));
}

function columnOf(node: OperationNode, source: "inserted" | "deleted"): ReferenceNode {
  const table = TableNode.create(source);
  if (SelectAllNode.is(node)) return ReferenceNode.createSelectAll(table);
  if (!ReferenceNode.is(node)) throw new Error("SQL Server has no form of this query: returning an expression");
  return ReferenceNode.create(node.column as ColumnNode, table);
}
