import { page } from "../support/passkeys.ts";
import {
  create,
  get,
  type Credential,
  type CreationOptions,
  type Making,
  type RequestOptions,
} from "../support/webauthn.ts";

/** What the client gives to the browser: bytes where the service's JSON has base64url. */
interface Asked {
  readonly publicKey: {
    readonly rp?: { readonly id: string };
    readonly user?: { readonly id: Uint8Array };
    readonly rpId?: string;
    readonly challenge: Uint8Array;
  };
  readonly mediation?: string;
  readonly signal: AbortSignal;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** The browser's part of WebAuthn, over a software authenticator. It has no JSON functions, as browsers of 2022. */
export function softBrowser() {
  const held: Credential[] = [];
  const told: ({ readonly what: string } & object)[] = [];
  let fault: string | undefined;
  let making: Making = {};
  let isWaiting = false;
  let count = 0;

  /** As the browser's objects: bytes, and a function for transports. */
  function made({ response: { transports, ...response }, ...own }: { response: Record<string, unknown> }) {
    const bytes = Object.entries(response).map(([name, value]) =>
      typeof value === "string" ? [name, new Uint8Array(Buffer.from(value, "base64url")).buffer] : [name, value],
    );
    const getTransports = transports === undefined ? {} : { getTransports: () => transports };
    const toJSON = () => {
      throw new TypeError("Illegal invocation");
    };
    return { ...own, toJSON, response: { ...Object.fromEntries(bytes), ...getTransports } };
  }

  /** Until the person acts, or the page gives up. */
  async function owner({ signal, mediation }: Asked): Promise<void> {
    signal.throwIfAborted();
    const name = fault;
    fault = undefined;
    if (name !== undefined) throw new DOMException("No", name);
    if (!isWaiting || mediation !== "conditional") return;
    count += 1;
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))).finally(
      () => (count -= 1),
    );
  }

  const credentials = {
    async create(asked: Asked) {
      await owner(asked);
      const { rp, user, challenge } = asked.publicKey;
      const options: CreationOptions = {
        rp: rp ?? { id: "" },
        user: { id: text(user?.id ?? new Uint8Array()) },
        challenge: text(challenge),
      };
      const { made: credential, credential: json } = create(page, options, making);
      making = {};
      held.push(credential);
      return made(json);
    },
    async get(asked: Asked) {
      await owner(asked);
      const options: RequestOptions = { rpId: asked.publicKey.rpId ?? "", challenge: text(asked.publicKey.challenge) };
      const [credential] = held;
      if (!credential) throw new DOMException("None", "NotAllowedError");
      return made(get(page, options, credential));
    },
  };
  const signal = (what: string) => async (about: object) => void told.push({ what, ...about });
  const statics = {
    getClientCapabilities: async () => ({ conditionalGet: true, conditionalCreate: true }),
    signalUnknownCredential: signal("UnknownCredential"),
    signalAllAcceptedCredentials: signal("AllAcceptedCredentials"),
    signalCurrentUserDetails: signal("CurrentUserDetails"),
  };
  return {
    credentials,
    statics,
    /** What the page has told it by the Signal API. */
    told,
    /** The ids of its passkeys, oldest first. */
    ids: () => held.map(({ id }) => id.toString("base64url")),
    /** Fails next time. */
    refuse: (name: string) => void (fault = name),
    /** Makes the next passkey otherwise. */
    twist: (next: Making) => void (making = next),
    /** Suggestions wait from now on. */
    wait: () => void (isWaiting = true),
    touch: () => void (isWaiting = false),
    /** How many suggestions wait. */
    waiting: () => count,
  };
}
