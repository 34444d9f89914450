import {
  Kysely,
  MssqlAdapter,
  MssqlIntrospector,
  sql,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryCompiler,
} from "kysely";
import { repeatable } from "../budget.ts";
import { DatabaseUnavailable } from "../errors.ts";
import { SqlServerQueryCompiler } from "./compiler.ts";
import { SqlServerDriver } from "./driver.ts";
import type { SqlServerOptions } from "./pool.ts";
import { SqlServerRewrite } from "./rewrite.ts";
import { WriteStop } from "./write-stop.ts";

/**
 * Queries on SQL Server. The driver is loaded, and connects, at the first one.
 * @param onFirstUse called once, when it has connected
 */
export function openSqlServer(
  options: SqlServerOptions,
  writeStop = new WriteStop(),
  onFirstUse?: () => void,
): Kysely<object> {
  const dialect = new SqlServerDialect(() => new SqlServerDriver(options, writeStop, onFirstUse));
  return new Kysely<object>({ dialect, plugins: [new SqlServerRewrite()] });
}

/** Kysely's dialect of SQL Server, with the service's own driver. */
class SqlServerDialect implements Dialect {
  readonly #createDriver: () => Driver;

  constructor(createDriver: () => Driver) {
    this.#createDriver = createDriver;
  }

  createDriver(): Driver {
    return this.#createDriver();
  }

  createQueryCompiler(): QueryCompiler {
    return new SqlServerQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new MssqlAdapter();
  }

  createIntrospector(queries: Kysely<unknown>): DatabaseIntrospector {
    return new MssqlIntrospector(queries);
  }
}

const updateability = sql<{ state: string }>`
  select cast(databasepropertyex(db_name(), 'Updateability') as nvarchar(20)) as state`;

/** Checks that the database accepts reads and writes. @throws DatabaseUnavailable */
export async function askSqlServer(queries: Kysely<object>, writeStop: WriteStop): Promise<void> {
  const [row] = (await repeatable(() => updateability.execute(queries))).rows;
  const reason = "it is read-only";
  if (row?.state === "READ_ONLY") throw new DatabaseUnavailable(undefined, { isTransient: false, reason });
  const refusal = writeStop.current();
  if (refusal) throw refusal;
}
