import { offersPasskeys, passkeysReply, readPasskeys } from "../../shared/api/passkey.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsOwnData } from "../../shared/http/leaves-nothing.ts";

export const passkeys = endpoint({
  name: "passkeys-list",
  method: "GET",
  route: "auth/passkeys",
  summary: "List the account's passkeys",
  description: "`signal` is what the browser's Signal API takes, so that it offers these passkeys and no others.",
  access: "session",
  offered: offersPasskeys,
  limits: ["reads"],
  ...readsOwnData,
  reply: passkeysReply,
  async handle({ principal, context }) {
    return { data: await readPasskeys(context, principal.account) };
  },
});
