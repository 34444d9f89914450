import { readFileSync } from "node:fs";
import type { TestService } from "./service.ts";

/** What somebody has who must enrol a second factor. */
export interface Token {
  readonly email: string;
  readonly mfaToken: string;
  readonly device: string;
}

interface Shape {
  readonly properties?: Record<string, unknown>;
  readonly required?: readonly string[];
}
type Content = Record<string, { readonly schema: Shape }>;
const { paths } = JSON.parse(readFileSync("docs/openapi.json", "utf8")) as {
  paths: Record<string, Record<string, { requestBody?: { content: Content } } | undefined> | undefined>;
};

let count = 0;

/** A value of each member that is required somewhere, of somebody who is not there. */
const newValues = (): Readonly<Record<string, string>> => ({
  email: `somebody${(count += 1)}@example.com`,
  username: "Somebody",
  password: "seven grey herons in a row",
  code: "000000",
  method: "totp",
  name: "Phone",
  grant_type: "refresh_token",
});

/** A body with the token wherever an endpoint takes one. */
export function bodyOf(route: string, method: string, { mfaToken, device }: Token) {
  const content = paths[`/${route}`]?.[method.toLowerCase()]?.requestBody?.content ?? {};
  const [kind] = Object.keys(content);
  const { properties = {}, required: needed = [] } = content[kind ?? ""]?.schema ?? {};
  const tokens = Object.keys(properties).filter((name) => /^(?:mfa_|refresh_|remember_|captcha_)?token$/.test(name));
  const values = newValues();
  const body = Object.fromEntries([
    ...needed.map((name) => [name, values[name] ?? mfaToken] as const),
    ...tokens.map((name) => [name, mfaToken] as const),
    ...("device_id" in properties ? [["device_id", device] as const] : []),
  ]);
  const sent = kind === undefined ? {} : kind.endsWith("json") ? { body } : { form: body };
  return { ...sent, takesToken: tokens.length > 0 };
}

/** The tables with what belongs to an account. */
type Tables = {
  users: { id: string; email: string };
  sessions: { id: string; user_id: string };
  totp_factors: { id: string; user_id: string };
  recovery_codes: { code_hash: Buffer; user_id: string };
  remembered_devices: { id: string; user_id: string };
  identities: { id: string; user_id: string };
  devices: { id: string; user_id: string };
};

/** All that belongs to an account. */
export async function stateOf({ services }: Pick<TestService, "services">, email: string): Promise<unknown[]> {
  const db = services.database.queries.withTables<Tables>();
  const users = await db.selectFrom("users").selectAll().where("email", "=", email).execute();
  const id = users[0]?.id ?? "";
  const owned = ["sessions", "totp_factors", "recovery_codes", "remembered_devices", "identities", "devices"] as const;
  const rows = await Promise.all(
    owned.map((table) => db.selectFrom(table).selectAll().where("user_id", "=", id).execute()),
  );
  return [users, ...rows];
}
