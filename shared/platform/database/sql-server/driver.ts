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
import { isDeferred, isFinal } from "../prepared.ts";
import { endsConnection, stopsWrites, translate, wasNeverSent } from "./faults.ts";
import type { Link, Rows, Statement } from "./link.ts";
import { compose, type Message } from "./message.ts";
import { budgetOf, createPool, statementMilliseconds, type LinkPool, type SqlServerOptions } from "./pool.ts";
import type { WriteStop } from "./write-stop.ts";

/**
 * Kysely's driver for SQL Server. It retries connecting within the budget, and also statements outside a transaction,
 * unless they are writes that may have taken effect. See docs/decisions/0011-sql-server-driver.md.
 */
export class SqlServerDriver implements Driver {
  readonly #options: SqlServerOptions;
  readonly #writeStop: WriteStop;
  #onFirstUse: (() => void) | undefined;
  #pool: LinkPool | undefined;

  /** @param onFirstUse called once, when the first connection has been made */
  constructor(options: SqlServerOptions, writeStop: WriteStop, onFirstUse?: () => void) {
    this.#options = options;
    this.#writeStop = writeStop;
    this.#onFirstUse = onFirstUse;
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
    this.#onFirstUse?.();
    this.#onFirstUse = undefined;
    return lease;
  }

  async beginTransaction(lease: Lease): Promise<void> {
    lease.begin();
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

/** How long a commit or rollback may take even if the budget is spent. */
const farewellMilliseconds = 2000;

const always = () => true;

/** For example, the server ends a transaction if one of its statements is a deadlock victim. */
function undone(): DatabaseUnavailable {
  return new DatabaseUnavailable(undefined, { isTransient: true, reason: "the server rolled the transaction back" });
}

function isWrite({ query }: CompiledQuery): boolean {
  return InsertQueryNode.is(query) || UpdateQueryNode.is(query) || DeleteQueryNode.is(query);
}

/** The state of a transaction: its begin travels with its first statement, its commit perhaps with its last. */
type Phase = "none" | "due" | "begun" | "committed";

/** One use of a connection at a time, from the pool and back. */
class Lease implements DatabaseConnection {
  readonly #pool: LinkPool;
  readonly #budget: Budget;
  readonly #statementMilliseconds: number;
  readonly #writeStop: WriteStop;
  #link: Link | undefined;
  #phase: Phase = "none";
  /** Writes of the transaction that travel with its next message. */
  #deferred: Statement[] = [];

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
    // A transaction is retried as a whole, on another connection.
    if (this.#phase !== "none") return this.#runInTransaction(query);
    const isRead = SelectQueryNode.is(query.query);
    return withRetry(
      this.#budget,
      async () => {
        if (!this.#link?.isOpen) {
          this.release();
          await this.connect();
        }
        return this.#run<R>(query, query);
      },
      (error) => isRead || !error.isEffectUnknown,
    );
  }

  // eslint-disable-next-line require-yield -- the service reads no result in pieces
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("streaming is not supported");
  }

  /** Begins a transaction, without sending anything yet. */
  begin(): void {
    this.#phase = "due";
  }

  /** Commits. Once the commit is on its way, any failure leaves it unknown whether it took effect. */
  async commit(): Promise<void> {
    const limit = Math.max(this.#limit(), this.#farewell());
    if (this.#deferred.length > 0) {
      const message = this.#nextMessage();
      await this.#guarded((link) => link.run(message, limit), { wasSent: true });
    } else if (this.#phase === "begun") await this.#commitAlone(limit);
    this.#phase = "none";
  }

  async #commitAlone(limit: number): Promise<void> {
    try {
      await this.#linkInUse().commit(limit);
    } catch (error) {
      this.#link?.close();
      const isEffectUnknown = !wasNeverSent(error);
      const reason = isEffectUnknown ? "the answer to a commit was lost" : "the connection was lost";
      throw new DatabaseUnavailable(error, { isTransient: true, isEffectUnknown, reason });
    }
  }

  /** Rolls the transaction back. If that fails, the connection is closed and the server rolls it back. */
  async rollback(): Promise<void> {
    this.#deferred = [];
    try {
      if (this.#link?.isOpen) await this.#link.rollback(this.#farewell());
      this.#phase = "none";
    } catch {
      this.#link?.close();
    }
  }

  release(): void {
    const link = this.#link;
    this.#link = undefined;
    if (!link) return;
    if (this.#phase !== "none") link.close();
    this.#pool.giveBack(link);
  }

  async #runInTransaction<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#phase === "committed") throw new Error("the transaction ended with the query before this one");
    if (isDeferred(query)) {
      this.#deferred.push(query);
      return { rows: [] };
    }
    if (!isFinal(query)) return this.#run<R>(query, this.#nextMessage(query));
    const result = await this.#run<R>(query, this.#nextMessage(query, { commits: true }), { wasSent: true });
    this.#phase = "committed";
    return result;
  }

  /** The next message of the transaction, ending with this statement, with the commit, or with both. */
  #nextMessage(last?: Statement, { commits = !last } = {}): Statement {
    const message: Message = { begins: this.#phase === "due", before: this.#deferred, commits, ...(last && { last }) };
    this.#phase = "begun";
    this.#deferred = [];
    // Otherwise what follows would be kept, although what came before was rolled back.
    if (!message.begins && !this.#link?.isInTransaction) throw undone();
    return compose(message);
  }

  async #run<R>(query: CompiledQuery, message: Statement, sent?: { wasSent: boolean }): Promise<QueryResult<R>> {
    const { rows, rowCount }: Rows = await this.#guarded((link) => link.run(message, this.#limit()), sent);
    if (isWrite(query) && rowCount > 0) this.#writeStop.clear();
    return { rows: rows as R[], numAffectedRows: BigInt(rowCount) };
  }

  /** @param sent whether the statement may take effect permanently, not only within an open transaction */
  async #guarded<T>(work: (link: Link) => Promise<T>, sent = { wasSent: this.#phase === "none" }): Promise<T> {
    const link = this.#linkInUse();
    try {
      return await work(link);
    } catch (error) {
      const meaning = translate(error, sent);
      // A text failed within a transaction that it had begun itself: the server rolls that back.
      if (this.#phase === "none" && link.isInTransaction) link.close();
      if (meaning instanceof DatabaseUnavailable && endsConnection(error)) link.close();
      if (meaning instanceof DatabaseUnavailable && stopsWrites(error)) this.#writeStop.note(meaning);
      throw meaning;
    }
  }

  #linkInUse(): Link {
    if (!this.#link) throw new Error("the connection was released");
    return this.#link;
  }

  /** How long ending a transaction may take, even if the budget is spent. */
  #farewell(): number {
    return Math.min(this.#statementMilliseconds, farewellMilliseconds);
  }

  /** How long a statement may take now. */
  #limit(): number {
    return Math.max(1, Math.min(this.#statementMilliseconds, this.#budget.endsAt - performance.now()));
  }
}
