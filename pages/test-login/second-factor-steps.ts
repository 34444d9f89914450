import {
  addTotp,
  completeEnrolment,
  confirmTotp,
  enrol,
  factors,
  forgetDevices,
  mailCode,
  makeRecoveryCodes,
  outcomeOf,
  removeTotp,
  renameTotp,
  verify,
  type Enrolment,
  type SecondFactorDue,
  type ShownFactor,
} from "../../client/src/mfa.ts";
import type { Client, User } from "../../client/src/index.ts";
import { qrCode } from "../shell/qr-code.ts";
import type { Section, Tools } from "./section.ts";
import { pretty } from "./token-panel.ts";

let waiting: SecondFactorDue | undefined;

/** Keeps what a sign-in waits for. @returns what to say of it */
export function noteDue(due: SecondFactorDue): string {
  waiting = due;
  const what = due.isEnrolment ? "A second factor must be added" : "A second factor is due";
  return `${what}: ${due.methods.join(", ")}. Go on under “Second factors”.`;
}

/** What came of a first factor. @param said for whoever is signed in by it */
export async function afterFirst(signingIn: Promise<User | undefined>, said: string): Promise<string> {
  const { user, due } = await outcomeOf(signingIn);
  if (due) return noteDue(due);
  return user ? `Logged in as ${user.username}.` : said;
}

/** What a sign-in waits for. @throws if none does */
export function whatIsDue(): SecondFactorDue {
  if (!waiting) throw new Error("no sign-in waits for a second factor");
  return waiting;
}

/** Completes the sign-in that waits. */
export async function show(client: Client, shown: ShownFactor & { remember?: boolean }): Promise<string> {
  const user = await verify(client, whatIsDue(), shown);
  waiting = undefined;
  return `Logged in as ${user.username}.`;
}

/** Shows what an app must be told. */
function tell({ showBelow }: Tools, { id, secret, uri, qr_svg: svg }: Enrolment): string {
  showBelow(qrCode(svg, "QR code of the app that is being added"));
  return `Scan the code below, and confirm with the id ${id}.\n${secret}\n${uri}`;
}

/** The second factors of a sign-in and of an account. */
export const secondFactorSection: Section = {
  title: "Second factors",
  isFolded: true,
  fields: [
    {
      name: "factor_code",
      label: "Second factor",
      type: "text",
      autocomplete: "one-time-code",
      inputmode: "numeric",
    },
    { name: "factor_id", label: "Id of an app", type: "text", autocomplete: "off" },
    { name: "factor_title", label: "Title of an app", type: "text", autocomplete: "off" },
  ],
  steps: [
    {
      button: "Show code",
      isDefault: true,
      run: ({ client }, { factor_code: code = "" }) => show(client, { method: "totp", code }),
    },
    {
      button: "Show code and remember",
      run: ({ client }, { factor_code: code = "" }) => show(client, { method: "totp", code, remember: true }),
    },
    {
      button: "Show recovery code",
      run: ({ client }, { factor_code: code = "" }) => show(client, { method: "recovery", code }),
    },
    {
      button: "Mail code",
      async run({ client }) {
        await mailCode(client, whatIsDue());
        return "A code is on its way.";
      },
    },
    {
      button: "Show mailed code",
      run: ({ client }, { factor_code: code = "" }) => show(client, { method: "email", code }),
    },
    { button: "Enrol", run: async (tools) => tell(tools, await enrol(tools.client, whatIsDue())) },
    {
      button: "Complete enrolment",
      async run({ client, showBelow }, { factor_code: code = "", factor_id: id = "" }) {
        const user = await completeEnrolment(client, whatIsDue(), { id: id.trim(), code });
        showBelow();
        return `Logged in as ${user.username}.`;
      },
    },
    { button: "List factors", run: async ({ client }) => pretty(await factors(client)) },
    {
      button: "Add app",
      run: async (tools, { factor_title: name }) => tell(tools, await addTotp(tools.holder, name ? { name } : {})),
    },
    {
      button: "Confirm app",
      async run({ holder, showBelow }, { factor_code: code = "", factor_id: id = "" }) {
        const found = await confirmTotp(holder, id.trim(), code);
        showBelow();
        return pretty(found);
      },
    },
    {
      button: "Rename app",
      run: async ({ holder }, { factor_id: id = "", factor_title: name }) =>
        pretty(await renameTotp(holder, id.trim(), name || null)),
    },
    {
      button: "Remove app",
      run: async ({ holder }, { factor_id: id = "" }) => pretty(await removeTotp(holder, id.trim())),
    },
    { button: "Make recovery codes", run: async ({ holder }) => pretty(await makeRecoveryCodes(holder)) },
    { button: "Forget devices", run: async ({ holder }) => pretty(await forgetDevices(holder)) },
  ],
};
