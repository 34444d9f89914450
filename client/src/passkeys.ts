// @latchkey/client/passkeys: passkeys, over the browser's own API (WebAuthn level 3).
import type { Passkeys, User } from "./api.ts";
import { ifAllowed, mayPass } from "./errors.ts";
import type { SecondFactorDue } from "./mfa.ts";
import { persistently } from "./persistence.ts";
import { acting, confirmed, isCode, type Holder } from "./acting.ts";
import type { ShownFactor } from "./proof.ts";
import { idPart, type Call } from "./service.ts";
import { askBrowser, takeTurn, type PasskeyOptions, type ShownCredential } from "./webauthn.ts";

/** A passkey of the account. */
export type Passkey = Passkeys["passkeys"][number];

/** What this browser can do with passkeys. */
export interface PasskeySupport {
  /** Whether it has them at all. */
  readonly hasPasskeys: boolean;
  /** Whether a form's suggestions can offer them: `signInWithPasskey` with `suggest`. */
  readonly canSuggest: boolean;
  /** Whether it may make one without asking: `addPasskey` with `silently`. */
  readonly canAddSilently: boolean;
}

/** Asks the browser what it can do. Never rejects. */
export async function passkeySupport(): Promise<PasskeySupport> {
  const browser = ifAllowed(() => PublicKeyCredential) as Browser | undefined;
  const can = (await browser?.getClientCapabilities?.().catch(() => undefined)) ?? {
    conditionalGet: await browser?.isConditionalMediationAvailable?.().catch(() => false),
  };
  return {
    hasPasskeys: Boolean(browser),
    canSuggest: Boolean(can["conditionalGet"]),
    canAddSilently: Boolean(can["conditionalCreate"]),
  };
}

/** The static members of `PublicKeyCredential` that not every browser has. */
interface Browser {
  getClientCapabilities?(): Promise<Readonly<Record<string, boolean | undefined>>>;
  isConditionalMediationAvailable?(): Promise<boolean>;
}

/**
 * Signs in with a passkey, without a password. A passkey that has not verified its user is a first factor: this then
 * rejects with MFA_REQUIRED, as `login` does.
 * @param options.suggest waits among the suggestions of a field with `autocomplete="username webauthn"`, until the person
 * picks one, another call of this module takes its turn, or `signal` is aborted
 * @returns undefined if the person has shown none
 */
export function signInWithPasskey(
  client: Holder,
  options?: { readonly suggest?: boolean; readonly signal?: AbortSignal },
): Promise<User | undefined> {
  return acting(client, async ({ inside }) => {
    const turn = takeTurn(options?.signal);
    for (;;) {
      const { options: asked, challenge_id } = await inside.service<Asked & { readonly challenge_id: string }>(
        "auth/passkeys/sign-in/options",
      );
      const credential = await askBrowser("get", asked, { turn, isConditional: options?.suggest });
      if (!credential) return undefined;
      if (credential !== "late")
        try {
          return await inside.signIn("auth/passkeys/sign-in", { challenge_id, credential });
        } catch (error) {
          if (isCode(error, "PASSKEY_UNKNOWN")) disown(asked.rpId, credential);
          throw error;
        }
      while (document.hidden)
        await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
    }
  });
}

interface Asked {
  readonly options: PasskeyOptions;
}

/** What a person shows as a second factor: for `verify`. @returns undefined if they have shown none */
export function showPasskey(client: Holder, due: SecondFactorDue): Promise<ShownFactor | undefined> {
  return acting(client, async ({ inside }) =>
    show(await inside.service<Asked>("auth/mfa/passkey/options", { body: due.ticket })),
  );
}

/** What a signed-in person shows as a proof: for `withProof`. @returns undefined if they have shown none */
export function provePasskey(holder: Holder): Promise<ShownFactor | undefined> {
  return acting(holder, async (actor) => show(await confirmed<Asked>(actor, "auth/passkeys/step-up/options")));
}

async function show({ options }: Asked): Promise<ShownFactor | undefined> {
  const credential = await askBrowser("get", options, { turn: takeTurn() });
  return credential && { method: "passkey", credential: credential as ShownCredential };
}

/** The account's passkeys. Like each call that answers with them, this tells the browser which are still good. */
export function passkeys(holder: Holder): Promise<Passkey[]> {
  return acting(holder, async ({ inside }) => told(await inside.asPerson("auth/passkeys", { method: "GET" })));
}

/**
 * Adds a passkey. @param how.silently lets the browser make one without asking, soon after a sign-in with a password
 * that it has filled in
 * @returns undefined if none was made
 * @throws LatchkeyError by rejecting: PASSKEY_EXISTS
 */
export function addPasskey(
  holder: Holder,
  how?: { readonly name?: string; readonly silently?: boolean },
): Promise<Passkey[] | undefined> {
  return acting(holder, async (actor) => {
    const { name, silently } = how ?? {};
    const body = silently ? { conditional: true } : {};
    const { options } = await confirmed<Asked>(actor, "auth/passkeys/options", { body });
    const credential = await askBrowser("create", options, { turn: takeTurn(), isConditional: silently });
    if (!credential || credential === "late") return undefined;
    const add = async (send: () => boolean) => {
      send();
      return confirmed<Passkeys>(actor, "auth/passkeys", { body: { credential, ...(name && { name }) } });
    };
    try {
      // The same one again is added once.
      return told(await persistently(add, () => actor.inside.keeper.untilClosed.aborted));
    } catch (error) {
      if (!mayPass(error)) disown(options.rp?.id, credential);
      throw error;
    }
  });
}

/** Names a passkey; `null` takes its name away. */
export function renamePasskey(holder: Holder, id: string, name: string | null): Promise<Passkey[]> {
  return change(holder, id, { method: "PATCH", body: { name } });
}

/** Removes a passkey, and ends the account's other sessions. */
export function removePasskey(holder: Holder, id: string): Promise<Passkey[]> {
  return change(holder, id, { method: "DELETE" });
}

const change = (holder: Holder, id: string, call: Call): Promise<Passkey[]> =>
  acting(holder, async (actor) => told(await confirmed(actor, `auth/passkeys/${idPart(id)}`, call)));

/** Tells the browser which passkeys are good, and for whom. */
function told({ passkeys: found, signal }: Passkeys): Passkey[] {
  if (signal) {
    const { rp_id: rpId, user_id: userId, credential_ids: allAcceptedCredentialIds, name, display_name } = signal;
    tell("AllAcceptedCredentials", { rpId, userId, allAcceptedCredentialIds });
    tell("CurrentUserDetails", { rpId, userId, name, displayName: display_name });
  }
  return found;
}

/** Tells the browser to offer a passkey no longer. */
const disown = (rpId: string | undefined, { id: credentialId }: ShownCredential) =>
  tell("UnknownCredential", { rpId, credentialId });

/** The Signal API, where the browser has it. */
function tell(what: string, about: object): void {
  ifAllowed(() => {
    const browser = PublicKeyCredential as unknown as Readonly<Record<string, (about: object) => Promise<unknown>>>;
    browser[`signal${what}`]?.(about).catch(() => undefined);
  });
}
