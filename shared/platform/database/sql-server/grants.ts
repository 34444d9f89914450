import { sql } from "kysely";
import type { Database } from "../database.ts";
import { statementsOf } from "../migrations.ts";

/** An Entra ID identity to make a user of the database. */
export interface DatabaseUser {
  /** The user's name in the database. */
  readonly name: string;
  /** The client id of the identity: a GUID. */
  readonly clientId: string;
}

/**
 * The statements that give an identity the service's rights, each for its own batch; they can be repeated at any time.
 * The user is created from the identity's own id, so the database need not read the directory and the caller needs no
 * rights there. An identity that was recreated under its old name has another id: its user is replaced.
 * @param rights the text of `grants.mssql.sql`
 * @throws Error if the name or the id is malformed
 */
export function grantStatements(rights: string, { name, clientId }: DatabaseUser): string[] {
  if (!/^[A-Za-z0-9][\w-]{2,127}$/.test(name)) throw new Error("--name must be the name of a managed identity");
  const sid = sidOf(clientId);
  return [
    ...statementsOf(rights).map(({ text }) => text),
    `if exists (select 1 from sys.database_principals where name = N'${name}' and sid <> ${sid}) drop user [${name}]`,
    `if database_principal_id(N'${name}') is null create user [${name}] with sid = ${sid}, type = E`,
    `alter role latchkey add member [${name}]`,
  ];
}

/** A client id in SQL Server's byte order: the first three groups of a `uniqueidentifier` are little-endian. */
function sidOf(clientId: string): string {
  const groups = /^([\da-f]{8})-([\da-f]{4})-([\da-f]{4})-([\da-f]{4})-([\da-f]{12})$/i.exec(clientId)?.slice(1);
  if (!groups) throw new Error("--client-id must be the client id of the identity, a GUID");
  const turned = groups.slice(0, 3).map((group) => Buffer.from(group, "hex").toReversed());
  const kept = groups.slice(3).map((group) => Buffer.from(group, "hex"));
  return `0x${Buffer.concat([...turned, ...kept]).toString("hex")}`;
}

/** Gives an identity the service's rights, all or none. @throws DatabaseUnavailable */
export async function grantRights(database: Database, rights: string, user: DatabaseUser): Promise<void> {
  const statements = grantStatements(rights, user);
  await database.transaction(
    async (tx) => {
      for (const statement of statements) await sql.raw(statement).execute(tx);
    },
    { isRepeatable: true },
  );
}
