import { LatchkeyError } from "../../client/src/index.ts";
import { secondFactorDue } from "../../client/src/mfa.ts";
import { passkeySupport, signInWithPasskey } from "../../client/src/passkeys.ts";
import { ifAllowed } from "../shell/if-allowed.ts";
import { button, element } from "../shell/element.ts";
import { createNotice } from "../shell/notice.ts";
import { pageSetting } from "../shell/settings.ts";
import type { App } from "./app.ts";
import { explain } from "./explain.ts";
import { perform } from "./perform.ts";
import { viewOfDue } from "./second-step.ts";

/** Whether the service has passkeys: it needs a domain. */
export const hasPasskeys = pageSetting("passkeys") === "on";

/** Whether this browser can show one here. */
export const canShowPasskey = hasPasskeys && ifAllowed(() => typeof PublicKeyCredential) === "function";

/** A button that signs in with a passkey; nothing where there are none. */
export function passkeyButton(app: App): HTMLElement | undefined {
  if (!canShowPasskey) return undefined;
  const { words } = app;
  const notice = createNotice();
  const place = element(
    "div",
    { class: "providers" },
    button(words.passkeys.signIn, () => void use()),
    notice.row,
  );
  async function use(): Promise<void> {
    await perform(app, notice, async () =>
      (await orDue(app, signInWithPasskey(app.client))) ? "" : words.passkeys.notShown,
    );
    // The suggestions gave way to this.
    if (place.isConnected) suggestPasskeys(app);
  }
  return place;
}

let suggesting: AbortController | undefined;

/** Has the browser offer passkeys beside addresses, where it can, until `stopSuggesting`. */
export function suggestPasskeys(app: App): void {
  stopSuggesting();
  const { signal } = (suggesting = new AbortController());
  async function suggest(): Promise<void> {
    if (!(await passkeySupport()).canSuggest || signal.aborted) return;
    try {
      await orDue(app, signInWithPasskey(app.client, { suggest: true, signal }));
    } catch (error) {
      // Without an answer the password is still a way in. What came of a passkey that was picked is said.
      const isRefused = error instanceof LatchkeyError && (error.status === 401 || error.status === 403);
      if (isRefused) app.show({ name: "sign-in", fault: explain(app, error) });
    }
  }
  if (canShowPasskey) void suggest();
}

export function stopSuggesting(): void {
  suggesting?.abort();
}

/** A passkey that has not verified its user is a first factor. */
async function orDue<T>(app: App, signingIn: Promise<T>): Promise<T | true> {
  try {
    return await signingIn;
  } catch (error) {
    const due = secondFactorDue(error);
    if (!due) throw error;
    app.show(viewOfDue(due));
    return true;
  }
}
