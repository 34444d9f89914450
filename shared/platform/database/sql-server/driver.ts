import {
  DeleteQueryNode,
  InsertQueryNode,
  SelectQueryNode,
  UpdateQueryNode,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
} from "kysely";
import { withRetry, type Budget } from "../budget.ts";
import { DatabaseUnavailable } from "../errors.ts";
import { endsConnection, stopsWrites, translate, wasNeverSent } from "./faults.ts";
import type { Link } from "./link.ts";
import { budgetOf, createPool, statementMilliseconds, type LinkPool, type SqlServerOptions } from "./pool.ts";
import type { WriteStop } from "./write-stop.ts";

/** How long a commit or a rollback may take although the budget has run out. */
const farewellMilliseconds = 2000;

/**
 * Kysely's driver for SQL Server. Connecting is tried again within the budget, and so is a statement outside a
 * transaction, unless it is a write that may have taken effect. See docs/decisions/0011-sql-server-driver.md.
 */
export class SqlServerDriver implements Driver {
  readonly #options: SqlServerOptions;
  readonly #writeStop: WriteStop;
  #pool: LinkPool | undefined;

  constructor(options: SqlServerOptions, writeStop: WriteStop) {
    this.#options = options;
    this.#writeStop = writeStop;
  }

  async init(): Promise<void> {
    this.#pool ??= await createPool(this.#options);
  }

  async acquireConnection(): Promise<Lease> {
    if (!this.#pool) throw new Error("the driver was not initialised");
    const budget = budgetOf(this.#options);
    const limit = statementMilliseconds(this.#options);
    const lease = new Lease(this.#pool, { budget, statementMilliseconds: limit, writeStop: this.#writeStop });
    await withRetry(budget, () => lease.connect(), always);
    return lease;
  }

  async beginTransaction(lease: Lease): Promise<void> {
    await lease.begin();
  }

  async commitTransaction(lease: Lease): Promise<void> {
    await lease.commit();
  }

  async rollbackTransaction(lease: Lease): Promise<void> {
    await lease.rollback();
  }

  async releaseConnection(lease: Lease): Promise<void> {
    lease.release();
  }

  async destroy(): Promise<void> {
    await this.#pool?.close();
  }
}

const always = () => true;

function isWrite({ query }: CompiledQuery): boolean {
  return InsertQueryNode.is(query) || UpdateQueryNode.is(query) || DeleteQueryNode.is(query);
}

/** The use of one connection at a time, from the pool and back. */
class Lease implements DatabaseConnection {
  readonly #pool: LinkPool;
  readonly #budget: Budget;
  readonly #statementMilliseconds: number;
  readonly #writeStop: WriteStop;
  #link: Link | undefined;
  #isInTransaction = false;

  constructor(pool: LinkPool, terms: { budget: Budget; statementMilliseconds: number; writeStop: WriteStop }) {
    this.#pool = pool;
    this.#budget = terms.budget;
    this.#statementMilliseconds = terms.statementMilliseconds;
    this.#writeStop = terms.writeStop;
  }

  /** Borrows a connection. */
  async connect(): Promise<void> {
    try {
      this.#link = await this.#pool.borrow(Math.max(0, this.#budget.endsAt - performance.now()));
    } catch (error) {
      throw translate(error, { wasSent: false });
    }
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    // In a transaction all of it runs again, on a connection of its own.
    if (this.#isInTransaction) return this.#run<R>(query);
    const isRead = SelectQueryNode.is(query.query);
    return withRetry(
      this.#budget,
      async () => {
        if (!this.#link?.isOpen) {
          this.release();
          await this.connect();
        }
        return this.#run<R>(query);
      },
      (error) => isRead || !error.isEffectUnknown,
    );
  }

  // eslint-disable-next-line require-yield -- the service reads no result in pieces
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("streaming is not supported");
  }

  async begin(): Promise<void> {
    this.#isInTransaction = true;
    await this.#guarded((link) => link.begin(this.#limit()));
  }

  /** Whatever happens once the commit is on its way leaves it unknown whether it was taken. */
  async commit(): Promise<void> {
    try {
      await this.#linkInUse().commit(Math.max(this.#limit(), this.#farewell()));
      this.#isInTransaction = false;
    } catch (error) {
      this.#link?.close();
      const isEffectUnknown = !wasNeverSent(error);
      const reason = isEffectUnknown ? "the answer to a commit was lost" : "the connection was lost";
      throw new DatabaseUnavailable(error, { isTransient: true, isEffectUnknown, reason });
    }
  }

  /** Undoes the transaction. Where that fails the connection ends, and the server undoes it. */
  async rollback(): Promise<void> {
    try {
      if (this.#link?.isOpen) await this.#link.rollback(this.#farewell());
      this.#isInTransaction = false;
    } catch {
      this.#link?.close();
    }
  }

  release(): void {
    const link = this.#link;
    this.#link = undefined;
    if (!link) return;
    if (this.#isInTransaction) link.close();
    this.#pool.giveBack(link);
  }

  async #run<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount } = await this.#guarded((link) => link.run(query, this.#limit()));
    if (isWrite(query) && rowCount > 0) this.#writeStop.clear();
    return { rows: rows as R[], numAffectedRows: BigInt(rowCount) };
  }

  async #guarded<T>(work: (link: Link) => Promise<T>): Promise<T> {
    const link = this.#linkInUse();
    try {
      return await work(link);
    } catch (error) {
      const meaning = translate(error, { wasSent: !this.#isInTransaction });
      if (meaning instanceof DatabaseUnavailable && endsConnection(error)) link.close();
      if (meaning instanceof DatabaseUnavailable && stopsWrites(error)) this.#writeStop.note(meaning);
      throw meaning;
    }
  }

  #linkInUse(): Link {
    if (!this.#link) throw new Error("the connection was released");
    return this.#link;
  }

  /** What ending a transaction may take, although the budget has run out. */
  #farewell(): number {
    return Math.min(this.#statementMilliseconds, farewellMilliseconds);
  }

  /** What a statement may take now. */
  #limit(): number {
    return Math.max(1, Math.min(this.#statementMilliseconds, this.#budget.endsAt - performance.now()));
  }
}
