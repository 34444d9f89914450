import { expect } from "vitest";
import { createClientAdministration } from "../../shared/clients/administration.ts";
import { hashClientSecret } from "../../shared/clients/client.ts";
import { newId, randomToken } from "../../shared/platform/crypto/random.ts";
import type { Api } from "./api.ts";
import type { TestServices } from "./service.ts";

/** A client of a test, and how it authenticates itself. */
export interface TestClient {
  readonly id: string;
  readonly secret: string;
  readonly basic: { readonly Authorization: string };
}

export function basicOf(id: string, secret: string): { Authorization: string } {
  return { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` };
}

/** Makes a client that may ask for these scopes. */
export async function newClient({ services, clock }: TestServices, scope = ""): Promise<TestClient> {
  const [id, secret] = [newId(clock.now()), randomToken()];
  const row = { id, name: "a test's", scope, created_at: clock.now() };
  await createClientAdministration(services.database.queries).create({ ...row, secret_hash: hashClientSecret(secret) });
  return { id, secret, basic: basicOf(id, secret) };
}

/** Disables a client, as an operator does. @returns how many tokens that revoked */
export function disableClient({ services, clock }: TestServices, id: string): Promise<number | undefined> {
  return createClientAdministration(services.database.queries).disable(id, clock.now());
}

/** An access token of a client's own. */
export async function clientToken(api: Api, { basic }: TestClient): Promise<string> {
  const answer = await api.post("/oauth/token", { form: { grant_type: "client_credentials" }, headers: basic });
  expect(answer.status).toBe(200);
  return answer.json.access_token;
}

/** The claims of a JWT, unverified. */
// eslint-disable-next-line typescript/no-explicit-any
export function claimsOf(token: string): any {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}
