import { hash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { emailForm } from "../../shared/accounts/tables.ts";
import { loadPasswordEngine } from "../../shared/passwords/engine.ts";
import { addSeconds } from "../../shared/platform/clock.ts";
import { applyMigrations } from "../../shared/platform/database/embedded-migrations.ts";
import { readMigrations } from "../../shared/platform/database/migrations.ts";
import { hashParameters } from "../../shared/platform/phc.ts";
import { newId } from "../../shared/platform/crypto/random.ts";
import { hashRefreshToken } from "../../shared/sessions/refresh-token.ts";

/** Tokens per session: as many as a week of use leaves behind, all used except the last. */
export const tokensPerSession = 5;
const rowsPerTransaction = 20_000;
const day = 24 * 60 * 60;

/** A person's address, by their number from 0. Everyone has the same password. */
export const emailOf = (person: number): string => `person${person}@example.com`;
export const password = "a password of the benchmark";

/** A token by its number: the last of a session's five is the unused one. */
const tokenOf = (token: number): string => hash("sha256", `token ${token}`, "base64url");
export const unusedTokenOf = (person: number): string => tokenOf((person + 1) * tokensPerSession - 1);

/**
 * Fills a new embedded database with people, and for each a session with its tokens, the way the service leaves them.
 * @param file the path of the database
 */
export async function fill(file: string, people: number): Promise<void> {
  const database = new DatabaseSync(file);
  // Nothing is lost if this is interrupted.
  database.exec("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -4000000");
  const now = new Date();
  applyMigrations(database, readMigrations("sql"), now);
  const engine = await loadPasswordEngine();
  const passwordHash = await engine.hash(password, { memoryKib: 19_456, iterations: 2, parallelism: 1 });
  const insert = inserts(database, { passwordHash, now });
  for (let from = 0; from < people; from += rowsPerTransaction) {
    database.exec("begin");
    for (let person = from; person < Math.min(from + rowsPerTransaction, people); person += 1) insert(person);
    database.exec("commit");
    if (people > rowsPerTransaction) process.stdout.write(`\r${from + rowsPerTransaction} of ${people} people`);
  }
  if (people > rowsPerTransaction) process.stdout.write("\n");
  database.exec("pragma journal_mode = wal");
  database.close();
}

function inserts(database: DatabaseSync, { passwordHash, now }: { passwordHash: string; now: Date }) {
  const at = (seconds: number) => addSeconds(now, seconds).toISOString();
  const into = (table: string, columns: readonly string[]) =>
    database.prepare(`insert into ${table} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`);
  const account = ["id", "email", "email_normalised", "username", "password_hash", "password_changed_at", "is_active"];
  const addUser = into("users", [...account, "created_at", "updated_at", "email_form", "password_parameters"]);
  const parameters = hashParameters(passwordHash) ?? null;
  const addSession = into("sessions", ["id", "user_id", "created_at", "expires_at", "status_index"]);
  const addToken = into("refresh_tokens", ["token_hash", "session_id", "created_at", "expires_at", "consumed_at"]);
  const [then, sessionEnd] = [at(-day), at(89 * day)];
  return (person: number): void => {
    const [userId, sessionId] = [newId(addSeconds(now, -day)), newId(addSeconds(now, -day))];
    const email = emailOf(person);
    addUser.run(userId, email, email, `Person ${person}`, passwordHash, then, 1, then, then, emailForm, parameters);
    addSession.run(sessionId, userId, then, sessionEnd, person);
    for (let index = 0; index < tokensPerSession; index += 1) {
      const token = hashRefreshToken(tokenOf(person * tokensPerSession + index));
      const isUsed = index < tokensPerSession - 1;
      addToken.run(token, sessionId, then, at(6 * day + index), isUsed ? at(index - day / 2) : null);
    }
  };
}
