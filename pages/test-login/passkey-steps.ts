import {
  addPasskey,
  passkeys,
  passkeySupport,
  removePasskey,
  renamePasskey,
  showPasskey,
  signInWithPasskey,
} from "../../client/src/passkeys.ts";
import { afterFirst, show, whatIsDue } from "./second-factor-steps.ts";
import type { Section } from "./section.ts";
import { pretty } from "./token-panel.ts";

const none = "No passkey was used.";

/** Passkeys: as a way to sign in, as a second factor, and those of an account. */
export const passkeySection: Section = {
  title: "Passkeys",
  isFolded: true,
  fields: [
    { name: "passkey_id", label: "Id of a passkey", type: "text", autocomplete: "off" },
    { name: "passkey_title", label: "Title of a passkey", type: "text", autocomplete: "off" },
  ],
  steps: [
    { button: "What the browser can", run: async () => pretty(await passkeySupport()) },
    { button: "Sign in with a passkey", run: ({ client }) => afterFirst(signInWithPasskey(client), none) },
    {
      button: "Show passkey",
      async run({ client }) {
        const shown = await showPasskey(client, whatIsDue());
        return shown ? show(client, shown) : none;
      },
    },
    { button: "List passkeys", run: async ({ client }) => pretty(await passkeys(client)) },
    {
      button: "Add passkey",
      run: async ({ holder }, { passkey_title: name }) =>
        pretty((await addPasskey(holder, name ? { name } : {})) ?? none),
    },
    {
      button: "Add passkey silently",
      run: async ({ holder }) => pretty((await addPasskey(holder, { silently: true })) ?? none),
    },
    {
      button: "Rename passkey",
      run: async ({ holder }, { passkey_id: id = "", passkey_title: name }) =>
        pretty(await renamePasskey(holder, id.trim(), name || null)),
    },
    {
      button: "Remove passkey",
      run: async ({ holder }, { passkey_id: id = "" }) => pretty(await removePasskey(holder, id.trim())),
    },
  ],
};
