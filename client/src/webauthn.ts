import { LatchkeyError } from "./errors.ts";

/** Options as the service sends them: the JSON of WebAuthn level 3, with base64url for bytes. */
export interface PasskeyOptions {
  readonly challenge: string;
  /** In milliseconds. */
  readonly timeout: number;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
  readonly user?: { readonly id: string };
  readonly excludeCredentials?: readonly Descriptor[];
  readonly allowCredentials?: readonly Descriptor[];
}

interface Descriptor {
  readonly id: string;
}

/** What the browser made, for the service. */
export interface ShownCredential {
  readonly id: string;
}

/** One at a time: browsers refuse a second one, and one that waits in a form's suggestions gives way to a button. */
let underWay: AbortController | undefined;

/** Has whatever is under way give up. @param signal of the caller @returns aborted when the next one takes its turn */
export function takeTurn(signal?: AbortSignal): AbortSignal {
  underWay?.abort();
  const turn = (underWay = new AbortController());
  signal?.addEventListener("abort", () => turn.abort());
  if (signal?.aborted) turn.abort();
  return turn.signal;
}

/**
 * Has the browser make a passkey, or ask for one.
 * @param isConditional among a form's suggestions, or without asking
 * @returns undefined if the person gave up or the turn is over, `late` if the challenge will not be good much longer
 * @throws LatchkeyError PASSKEY_EXISTS; and what the browser throws
 */
export async function askBrowser(
  kind: "create" | "get",
  options: PasskeyOptions,
  { turn, isConditional }: { readonly turn: AbortSignal; readonly isConditional?: boolean | undefined },
): Promise<ShownCredential | "late" | undefined> {
  const ending = new AbortController();
  const { signal } = ending;
  const end = () => ending.abort();
  turn.addEventListener("abort", end);
  // Nobody sees what waits in a form's suggestions, so it may wait for longer than its challenge is good.
  const timer = isConditional && setTimeout(end, options.timeout * 0.9);
  try {
    if (turn.aborted) return undefined;
    const asked = { publicKey: toBytes(options), signal, ...(isConditional && { mediation: "conditional" }) };
    return toJson(await navigator.credentials[kind](asked as object));
  } catch (error) {
    const { name } = error as { readonly name?: string };
    if (signal.aborted) return turn.aborted ? undefined : "late";
    if (name === "NotAllowedError") return undefined;
    if (name === "InvalidStateError")
      throw new LatchkeyError("PASSKEY_EXISTS", "There is a passkey of this account here already", { cause: error });
    throw error;
  } finally {
    clearTimeout(timer || undefined);
  }
}

/**
 * The browser's own `parseCreationOptionsFromJSON` and `toJSON` do the same. They are not used: browsers of 2022 lack them,
 * and the objects of password managers that stand in for the browser throw there.
 */
function toBytes({ challenge, user, excludeCredentials, allowCredentials, ...options }: PasskeyOptions): object {
  const listed = (list: readonly Descriptor[] = []) => list.map((one) => ({ ...one, id: decode(one.id) }));
  return {
    ...options,
    challenge: decode(challenge),
    ...(user && { user: { ...user, id: decode(user.id) } }),
    excludeCredentials: listed(excludeCredentials),
    allowCredentials: listed(allowCredentials),
  };
}

function toJson(made: Credential | null): ShownCredential {
  const { id, type, response } = made as PublicKeyCredential;
  const given = response as unknown as Readonly<Record<string, ArrayBuffer | null | undefined>>;
  const bytes = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].flatMap(
    (name) => (given[name] ? [[name, encode(given[name])]] : []),
  );
  const transports = (response as { getTransports?: () => string[] }).getTransports?.();
  return {
    id,
    rawId: id,
    type,
    response: { ...Object.fromEntries(bytes), ...(transports && { transports }) },
  } as ShownCredential;
}

function decode(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0));
}

function encode(bytes: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
