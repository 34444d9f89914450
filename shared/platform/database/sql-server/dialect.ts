import {
  Kysely,
  MssqlAdapter,
  MssqlIntrospector,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryCompiler,
} from "kysely";
import { SqlServerQueryCompiler } from "./compiler.ts";
import { SqlServerDriver } from "./driver.ts";
import type { SqlServerOptions } from "./pool.ts";
import { SqlServerRewrite } from "./rewrite.ts";

/** Kysely's dialect of SQL Server over the service's own driver. */
class SqlServerDialect implements Dialect {
  readonly #options: SqlServerOptions;

  constructor(options: SqlServerOptions) {
    this.#options = options;
  }

  createDriver(): Driver {
    return new SqlServerDriver(this.#options);
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

/** Queries on SQL Server. The driver is loaded, and connects, at the first of them. */
export function openSqlServer(options: SqlServerOptions): Kysely<object> {
  return new Kysely<object>({ dialect: new SqlServerDialect(options), plugins: [new SqlServerRewrite()] });
}
