// What a web app does with passkeys, with nothing but the browser's own API. Each function runs in a page of the service.
import type { Json } from "./api.ts";

/** Where a page's script is. */
declare const navigator: { credentials: Record<"create" | "get", (options: object) => Promise<{ toJSON(): object }>> };
declare const PublicKeyCredential: Record<string, (value: object) => never>;

export interface Told {
  readonly status: number;
  // eslint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

/** Signs in with a password, adds a passkey, and signs in with it alone. */
export async function addAndSignIn(login: { email: string; password: string }): Promise<Record<string, Told>> {
  let bearer = "";
  const send = async (to: string, body: object): Promise<Told> => {
    const headers = { "Content-Type": "application/json", ...(bearer && { Authorization: `Bearer ${bearer}` }) };
    const answer = await fetch(to, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, json: (await answer.json()) as Json };
  };
  const loggedIn = await send("/auth/login", login);
  bearer = loggedIn.json.data.access_token;
  const begun = await send("/auth/passkeys/options", {});
  const options = PublicKeyCredential["parseCreationOptionsFromJSON"]?.(begun.json.data.options);
  const created = await navigator.credentials.create({ publicKey: options });
  const added = await send("/auth/passkeys", { name: "Browser", credential: created.toJSON() });
  bearer = "";
  const asked = await send("/auth/passkeys/sign-in/options", {});
  const request = PublicKeyCredential["parseRequestOptionsFromJSON"]?.(asked.json.data.options);
  const shown = await navigator.credentials.get({ publicKey: request });
  const credential = shown.toJSON();
  const signedIn = await send("/auth/passkeys/sign-in", { challenge_id: asked.json.data.challenge_id, credential });
  const again = await send("/auth/passkeys/sign-in", { challenge_id: asked.json.data.challenge_id, credential });
  return { added, signedIn, again };
}

/** Shows a passkey. @returns what the service says */
export async function showPasskey(): Promise<Told> {
  const send = async (to: string, body: object): Promise<Told> => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(to, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, json: (await answer.json()) as Json };
  };
  const asked = await send("/auth/passkeys/sign-in/options", {});
  const request = PublicKeyCredential["parseRequestOptionsFromJSON"]?.(asked.json.data.options);
  const shown = await navigator.credentials.get({ publicKey: request });
  return send("/auth/passkeys/sign-in", { challenge_id: asked.json.data.challenge_id, credential: shown.toJSON() });
}

/** Tells the browser of a passkey that nobody has any more. */
export const signalUnknown = (unknown: { rp_id: string; credential_id: string }): unknown =>
  PublicKeyCredential["signalUnknownCredential"]?.({ rpId: unknown.rp_id, credentialId: unknown.credential_id });
