import type { Connection, ConnectionConfiguration } from "tedious";
import { addParameters, type Tedious } from "./parameters.ts";

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export interface Rows {
  readonly rows: Record<string, unknown>[];
  readonly rowCount: number;
}

/**
 * A connection to SQL Server. A statement that is not answered in time closes the connection, and the server then rolls
 * the transaction back: tedious's own limits end at the first byte of an answer, and wait for a cancellation to be
 * confirmed.
 */
export class Link {
  readonly #tedious: Tedious;
  readonly #connection: Connection;
  #isOpen = true;
  /** Instant of `performance.now()`. */
  lastUsedAt = performance.now();

  private constructor(tedious: Tedious, connection: Connection) {
    this.#tedious = tedious;
    this.#connection = connection;
    connection.once("end", () => (this.#isOpen = false));
  }

  /** Connects and logs in. Errors carry SQL Server's error number, which tedious reports only in an event. */
  static async open(tedious: Tedious, configuration: ConnectionConfiguration): Promise<Link> {
    const connection = new tedious.Connection(configuration);
    const link = new Link(tedious, connection);
    const numbers: number[] = [];
    connection.on("errorMessage", ({ number }) => numbers.push(number));
    // The current or next request gets the error; an event without a listener would end the process.
    connection.on("error", () => (link.#isOpen = false));
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => {
        if (!error) resolve();
        else reject(numbers.length === 0 ? named(error) : Object.assign(error, { number: numbers[0] }));
      });
    });
    connection.removeAllListeners("errorMessage");
    return link;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the server reports an open transaction here. */
  get isInTransaction(): boolean {
    return this.#connection.inTransaction;
  }

  /** Runs a text of one or more statements with its parameters. @returns the result of the last statement */
  async run(statement: Statement, limitMilliseconds: number): Promise<Rows> {
    const rows: Record<string, unknown>[] = [];
    let rowCount = 0;
    const wasInTransaction = this.isInTransaction;
    await this.#within(limitMilliseconds, (done) => {
      const isCountMoved = () => this.isInTransaction !== wasInTransaction;
      const request = new this.#tedious.Request(statement.sql, (error) =>
        done(isCountMoved() ? withoutMismatch(error) : error),
      );
      addParameters(this.#tedious, request, statement.parameters);
      const count = (ofStatement: number | undefined) => (rowCount = ofStatement ?? rowCount);
      request.on("doneInProc", count);
      request.on("done", count);
      request.on("row", (columns: readonly { metadata: { colName: string }; value: unknown }[]) => {
        rows.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value])));
      });
      this.#connection.execSql(request);
    });
    return { rows, rowCount };
  }

  async commit(limitMilliseconds: number): Promise<void> {
    await this.#within(limitMilliseconds, (done) => this.#connection.commitTransaction(done));
  }

  /** Rolls the transaction back, unless the server already has. */
  async rollback(limitMilliseconds: number): Promise<void> {
    if (!this.#connection.inTransaction) return;
    await this.#within(limitMilliseconds, (done) => this.#connection.rollbackTransaction(done));
  }

  close(): void {
    this.#isOpen = false;
    this.#connection.close();
  }

  #within(limitMilliseconds: number, send: (done: Done) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        this.close();
      }, limitMilliseconds);
      const done: Done = (error) => {
        clearTimeout(timer);
        this.lastUsedAt = performance.now();
        if (isLate) reject(late());
        else if (error) reject(named(error));
        else resolve();
      };
      try {
        send(done);
      } catch (error) {
        // A value cannot be a parameter: nothing was sent.
        clearTimeout(timer);
        reject(error);
      }
    });
  }
}

type Done = (error: Error | null | undefined) => void;

/** All of the driver's errors have a code except one: for a connection that the server closed in an orderly way. */
function named(error: Error): Error {
  return "code" in error
    ? error
    : Object.assign(new Error("the connection ended", { cause: error }), { code: "ECLOSE" });
}

function late(): Error {
  return Object.assign(new Error("no answer in time"), { code: "ETIMEOUT" });
}

/** "Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements." */
const countMismatch = 266;

/**
 * An error without 266. SQL Server adds it if a text run by `sp_executesql` begins or ends a transaction; it "only
 * sends a message to the client and does not affect execution" (Books Online, error 266).
 */
function withoutMismatch(error: Error | null | undefined): Error | null | undefined {
  const errors = error instanceof AggregateError ? (error.errors as Error[]) : error ? [error] : [];
  const others = errors.filter((one) => !("number" in one && one.number === countMismatch));
  return others.length > 1 ? new AggregateError(others) : others[0];
}
