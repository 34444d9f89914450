import { DatabaseUnavailable, DuplicateKeyError, ForeignKeyError } from "../errors.ts";

interface Fault {
  readonly reason: string;
  readonly isTransient: boolean;
  readonly retryAfterSeconds?: number;
}

const transient = (reason: string, retryAfterSeconds = 5): Fault => ({ reason, isTransient: true, retryAfterSeconds });
const lasting = (reason: string): Fault => ({ reason, isTransient: false });

const lost = transient("the connection was lost");
const throttled = transient("it is at the limit of its tier", 10);
const busy = transient("it is busy or moving", 10);
const asleep = transient("it is asleep or starting, which can take a minute", 15);
const loginRefused = lasting("the login was refused: see DB_USERNAME and DB_PASSWORD, or the identity's permissions");
const full = lasting("it is full");
const readOnly = lasting("it is read-only");
const short = transient("it is short of memory or of locks", 10);
const outdated = lasting("its schema does not match this release: npm run migrate -- up");
const forbidden = lasting("the login lacks a permission: see sql/grants.mssql.sql");

/** By SQL Server's error number: faults that a caller cannot avoid. */
const faults: ReadonlyMap<number, Fault> = new Map([
  ...each([1205, 1222, 3960], transient("the statement lost a deadlock or a conflict", 1)),
  ...each([911, 4060, 4064], transient("the database cannot be opened: see DB_DATABASE")),
  ...each([40613, 17187, 18401, 922, 942], asleep),
  ...each([40501, 10928, 10929, 10936, 40549, 40550, 40551, 40552, 40553, 49918, 49919, 49920], throttled),
  ...each([40197, 40143, 40166, 40540, 615, 926, 4221, 42108, 42109, 6005, 983, 976], busy),
  ...each([701, 1204, 8645, 8651], short),
  ...each([20, 64, 121, 596, 233, 10053, 10054, 10060, 17142, 17830, 40020], lost),
  ...each([18456, 18452, 18461, 18470, 18486, 18487, 18488, 40532, 916], loginRefused),
  ...each([40615, 40914, 47073], lasting("the server's firewall does not admit this address")),
  ...each([1105, 9002, 40544], full),
  ...each([3906, 40502], readOnly),
  [3908, lasting("it is damaged, or in emergency mode")],
  ...each([207, 208, 2812], outdated),
  ...each([229, 230, 262], forbidden),
]);

function each(numbers: readonly number[], fault: Fault): (readonly [number, Fault])[] {
  return numbers.map((number) => [number, fault] as const);
}

/** By the error code of Node, tedious or tarn, as a pattern; the first match counts. */
const codes: readonly (readonly [RegExp, Fault])[] = [
  [/CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/, lasting("the server's certificate is not trusted")],
  [/^EENCRYPT$/, lasting("the server offers no encryption")],
  [/^ENOTFOUND$/, lasting("the server's name is not known: see DB_SERVER")],
  [/^ECONNREFUSED$/, transient("nothing answers at the server's port: see DB_SERVER and DB_PORT")],
  [/^(EAI_|EHOSTUNREACH|ENETUNREACH)/, transient("the server cannot be reached")],
  [/^ENOTOKEN$/, transient("the managed identity got no token: see AZURE_CLIENT_ID")],
  // A retry would go to the end of the queue.
  [/^EPOOLBUSY$/, lasting("every connection of the pool stayed in use: see DB_POOL_MAX")],
  [/^ETIMEOUT$/, transient("the server did not answer in time")],
  [/^(ESOCKET|ECLOSE|EINVALIDSTATE|ECONNRESET|EPIPE)$/, lost],
  [/^ELOGIN$/, lasting("the login was refused")],
];

/** Whether nothing was sent, as far as the error shows: the connection was already closed. */
export function wasNeverSent(error: unknown): boolean {
  return codesOf(error).includes("EINVALIDSTATE");
}

/** Whether a connection that reported `error` must not be used again. */
export function endsConnection(error: unknown): boolean {
  const number = numberOf(error);
  // After a failover an old connection stays with the server that became read-only.
  return number === undefined || faultOf(error) === readOnly || faultOf(error) === busy || faultOf(error) === lost;
}

/** Whether the database rejects writes, although it may answer reads. */
export function stopsWrites(error: unknown): boolean {
  const fault = faultOf(error);
  return fault === full || fault === readOnly;
}

/**
 * What a driver's error means to the service: a `DuplicateKeyError`, a `ForeignKeyError` or a `DatabaseUnavailable`; or
 * the error itself, which is then a bug of ours.
 * @param wasSent whether a statement was sent that may have taken effect, unless the server answered
 */
export function translate(error: unknown, { wasSent }: { wasSent: boolean }): unknown {
  const number = numberOf(error);
  if (number === 2627 || number === 2601) return new DuplicateKeyError("duplicate key", { cause: error });
  if (number === 547) return new ForeignKeyError("foreign key", { cause: error });
  const fault = faultOf(error);
  if (!fault) return error;
  const reason = number === undefined ? fault.reason : `${fault.reason} (${number})`;
  const isAnswered = number !== undefined && fault !== busy && fault !== lost;
  const isEffectUnknown = wasSent && !isAnswered && !wasNeverSent(error);
  return new DatabaseUnavailable(error, { ...fault, reason, isEffectUnknown });
}

/** An unknown number: a login refused for a passing reason, or the end of a connection. */
function unknownFault(error: unknown): Fault | undefined {
  if (codesOf(error).includes("ELOGIN")) return transient("the login was refused");
  return chain(error).some((part) => "class" in part && Number(part.class) >= fatalClass) ? lost : undefined;
}

/** From this severity on, the server closes the connection. */
const fatalClass = 20;

function faultOf(error: unknown): Fault | undefined {
  const number = numberOf(error);
  if (number !== undefined) return faults.get(number) ?? unknownFault(error);
  const found = codesOf(error);
  return codes.find(([pattern]) => found.some((code) => pattern.test(code)))?.[1];
}

/** SQL Server's error number: the first known one of those in an answer. */
function numberOf(error: unknown): number | undefined {
  const numbers = chain(error).flatMap((part) => ("number" in part ? [Number(part.number)] : []));
  return numbers.find((number) => faults.has(number) || [2627, 2601, 547].includes(number)) ?? numbers[0];
}

function codesOf(error: unknown): string[] {
  return chain(error).flatMap((part) => ("code" in part ? [String(part.code)] : []));
}

/** An error and those that it wraps. */
function chain(error: unknown, depth = 0): Error[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return [error, ...[...inner, error.cause].flatMap((part) => chain(part, depth + 1))];
}
