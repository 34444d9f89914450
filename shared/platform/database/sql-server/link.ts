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

type Done = (error: Error | null | undefined, rowCount?: unknown) => void;

/**
 * One connection to SQL Server. What is not answered within its time ends the connection, and the server then undoes the
 * transaction: tedious's own limits stop at the first byte of an answer, and wait for a cancellation to be confirmed.
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

  /** Connects and logs in. What it throws bears SQL Server's number, which tedious keeps to an event of its own. */
  static async open(tedious: Tedious, configuration: ConnectionConfiguration): Promise<Link> {
    const connection = new tedious.Connection(configuration);
    const link = new Link(tedious, connection);
    const numbers: number[] = [];
    connection.on("errorMessage", ({ number }) => numbers.push(number));
    // The request in hand is told, or the next one; an event without a listener would end the process.
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

  /** Runs one statement with its parameters. */
  async run(statement: Statement, limitMilliseconds: number): Promise<Rows> {
    const rows: Record<string, unknown>[] = [];
    const rowCount = await this.#within(limitMilliseconds, (done) => {
      const request = new this.#tedious.Request(statement.sql, done);
      addParameters(this.#tedious, request, statement.parameters);
      request.on("row", (columns: readonly { metadata: { colName: string }; value: unknown }[]) => {
        rows.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value])));
      });
      this.#connection.execSql(request);
    });
    return { rows, rowCount };
  }

  async begin(limitMilliseconds: number): Promise<void> {
    await this.#within(limitMilliseconds, (done) => this.#connection.beginTransaction(done));
  }

  async commit(limitMilliseconds: number): Promise<void> {
    await this.#within(limitMilliseconds, (done) => this.#connection.commitTransaction(done));
  }

  /** Undoes the transaction, unless the server has done so. */
  async rollback(limitMilliseconds: number): Promise<void> {
    if (!this.#connection.inTransaction) return;
    await this.#within(limitMilliseconds, (done) => this.#connection.rollbackTransaction(done));
  }

  close(): void {
    this.#isOpen = false;
    this.#connection.close();
  }

  #within(limitMilliseconds: number, send: (done: Done) => void): Promise<number> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        this.close();
      }, limitMilliseconds);
      const done: Done = (error, rowCount) => {
        clearTimeout(timer);
        this.lastUsedAt = performance.now();
        if (isLate) reject(late());
        else if (error) reject(named(error));
        else resolve(typeof rowCount === "number" ? rowCount : 0);
      };
      try {
        send(done);
      } catch (error) {
        // A value that cannot be a parameter: nothing was sent.
        clearTimeout(timer);
        reject(error);
      }
    });
  }
}

/** The driver's errors have a code, all but one: for a connection that the server has ended in an orderly way. */
function named(error: Error): Error {
  return "code" in error
    ? error
    : Object.assign(new Error("the connection ended", { cause: error }), { code: "ECLOSE" });
}

function late(): Error {
  return Object.assign(new Error("no answer in time"), { code: "ETIMEOUT" });
}
