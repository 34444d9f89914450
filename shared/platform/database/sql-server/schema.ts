import { sql } from "kysely";
import type { Queries } from "../database.ts";
import { indexLine } from "../declared-schema.ts";

/** The schema of a live database from SQL Server's catalogue, in the lines of `declaredForSqlServer`. */
export async function sqlServerSchema(queries: Queries): Promise<string[]> {
  const [columns, indexes, keys] = [await readColumns(queries), await readIndexes(queries), await readKeys(queries)];
  return [...columns, ...indexes, ...keys].toSorted();
}

interface CatalogColumn {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly max_length: number;
  readonly scale: number;
  readonly is_nullable: boolean;
  readonly collation: string | null;
  readonly database_collation: string | null;
}

interface CatalogIndex {
  readonly table: string;
  readonly name: string;
  readonly is_primary_key: boolean;
  readonly is_unique_constraint: boolean;
  readonly is_unique: boolean;
  readonly has_filter: boolean;
  readonly column: string;
}

async function readColumns(queries: Queries): Promise<string[]> {
  const { rows } = await sql<CatalogColumn>`
    select t.name as [table], c.name as [column], y.name as type, c.max_length, c.scale, c.is_nullable,
      c.collation_name as collation, cast(databasepropertyex(db_name(), 'Collation') as nvarchar(128)) as database_collation
    from sys.columns c
    join sys.tables t on t.object_id = c.object_id
    join sys.types y on y.user_type_id = c.user_type_id
    where t.is_ms_shipped = 0
      -- The server's own columns in a ledger table.
      and c.generated_always_type = 0`.execute(queries);
  return rows.flatMap((row) => {
    const line = `column ${row.table}.${row.column} ${typeOf(row)} ${row.is_nullable ? "null" : "not null"}`;
    const isOwn = row.collation !== null && row.collation !== row.database_collation;
    return isOwn ? [line, `collation ${row.table}.${row.column} ${row.collation}`] : [line];
  });
}

/** A type as migrations declare it: lengths in characters, and the scale of dates. */
function typeOf({ type, max_length: bytes, scale }: CatalogColumn): string {
  const length = (perCharacter: number) => (bytes === -1 ? "max" : bytes / perCharacter);
  if (type === "nvarchar" || type === "nchar") return `${type}(${length(2)})`;
  if (["varchar", "char", "varbinary", "binary"].includes(type)) return `${type}(${length(1)})`;
  return type === "datetime2" ? `datetime2(${scale})` : type;
}

async function readIndexes(queries: Queries): Promise<string[]> {
  const { rows } = await sql<CatalogIndex>`
    select t.name as [table], i.name, i.is_primary_key, i.is_unique_constraint, i.is_unique, i.has_filter, c.name as [column]
    from sys.indexes i
    join sys.tables t on t.object_id = i.object_id
    join sys.index_columns p on p.object_id = i.object_id and p.index_id = i.index_id
    join sys.columns c on c.object_id = p.object_id and c.column_id = p.column_id
    where t.is_ms_shipped = 0 and p.is_included_column = 0
    order by t.name, i.name, p.key_ordinal`.execute(queries);
  const parts = Map.groupBy(rows, ({ table, name }) => `${table} ${name}`);
  return [...parts.values()].map((columns) => {
    const [first] = columns as [CatalogIndex, ...CatalogIndex[]];
    return indexLine({
      kind: first.is_primary_key ? "primary key" : first.is_unique_constraint ? "unique constraint" : "index",
      name: first.name,
      table: first.table,
      columns: columns.map(({ column }) => column),
      isUnique: first.is_unique,
      isFiltered: first.has_filter,
    });
  });
}

async function readKeys(queries: Queries): Promise<string[]> {
  const { rows } = await sql<{ table: string; part: string; target: string; key: string }>`
    select t.name as [table], c.name as part, r.name as target, k.name as [key]
    from sys.foreign_key_columns f
    join sys.tables t on t.object_id = f.parent_object_id
    join sys.columns c on c.object_id = f.parent_object_id and c.column_id = f.parent_column_id
    join sys.tables r on r.object_id = f.referenced_object_id
    join sys.columns k on k.object_id = f.referenced_object_id and k.column_id = f.referenced_column_id`.execute(
    queries,
  );
  return rows.map(({ table, part, target, key }) => `foreign key ${table}.${part} references ${target}.${key}`);
}
