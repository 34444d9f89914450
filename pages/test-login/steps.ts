import type { Identities } from "../../client/src/account.ts";
import { outcomeOf } from "../../client/src/mfa.ts";
import { passwordHint as hintIn } from "../shell/password-hint.ts";
import { pageSetting } from "../shell/settings.ts";
import { accountSections } from "./account-steps.ts";
import { passkeySection } from "./passkey-steps.ts";
import { noteDue, secondFactorSection } from "./second-factor-steps.ts";
import type { Section } from "./section.ts";

/** Where mails are shown that are not sent. */
const mailbox = pageSetting("mailbox");
const hereIsMail = mailbox === "" ? "" : ` ${mailbox} shows the mail.`;

const sessionIsOver = "This session has already ended, so the other devices were not logged out.";

const passwordHint = hintIn({
  tooLong: "Too long: 1024 bytes at most.",
  rule: (least) => `At least ${least} characters of any kind.`,
  enough: (least, length) => `At least ${least} characters of any kind: ${length}, long enough.`,
  missing: (least, length, missing) => `At least ${least} characters of any kind: ${length}, ${missing} to go.`,
});

const newAccountsOnly = () => ({ text: "For new accounts only: log in with the email address.", isMet: false });

const providersOnly = () => ({ text: "A name from GET /auth/oauth/providers, such as google.", isMet: false });

export const sections: readonly Section[] = [
  {
    title: "Account",
    hasProviders: true,
    fields: [
      { name: "email", label: "Email", type: "email", autocomplete: "username" },
      { name: "username", label: "Username", type: "text", autocomplete: "name", hint: newAccountsOnly },
      {
        name: "password",
        label: "Password",
        type: "password",
        autocomplete: "current-password",
        hint: passwordHint,
        isJudged: true,
      },
    ],
    steps: [
      {
        button: "Register",
        async run({ client }, { email = "", username = "", password = "" }) {
          const user = await client.register({ email, username, password });
          if (user) return `${email} is registered. Now log in.${hereIsMail}`;
          return `Check the mail to ${email}, then log in.${hereIsMail}`;
        },
      },
      {
        button: "Log in",
        isDefault: true,
        async run({ client }, { email = "", password = "", captcha_token }) {
          const { due } = await outcomeOf(client.login({ email, password, ...(captcha_token && { captcha_token }) }));
          if (due) return noteDue(due);
          const user = await client.me();
          return `Logged in as ${user.username}.`;
        },
      },
    ],
  },
  {
    title: "Session",
    fields: [],
    steps: [
      {
        button: "Refresh",
        run: async ({ client }) => ((await client.refresh()) ? "The session has new tokens." : "Nobody is logged in."),
      },
      {
        button: "Log out",
        run: async ({ client }) => {
          await client.logout();
          return "Logged out on this device.";
        },
      },
      {
        button: "Log out others",
        run: async ({ client }) =>
          (await client.logout({ scope: "others" })) === "others" ? "Logged out on all other devices." : sessionIsOver,
      },
      {
        button: "Log out everywhere",
        run: async ({ client }) =>
          (await client.logout({ scope: "global" })) === "global" ? "Logged out on all devices." : sessionIsOver,
      },
    ],
  },
  {
    title: "Sign-in methods",
    fields: [{ name: "provider", label: "Provider", type: "text", autocomplete: "off", hint: providersOnly }],
    steps: [
      { button: "List", isDefault: true, run: async ({ account }) => describeIdentities(await account.identities()) },
      {
        button: "Link",
        async run({ account }, { provider = "" }) {
          await account.linkIdentity(provider.trim());
          return `Going to ${provider}.`;
        },
      },
      {
        button: "Unlink",
        run: async ({ account }, { provider = "" }) =>
          `Unlinked. ${describeIdentities(await account.unlinkIdentity(provider.trim()))}`,
      },
    ],
  },
  secondFactorSection,
  ...(pageSetting("passkeys") === "on" ? [passkeySection] : []),
  ...accountSections,
];

function describeIdentities({ identities, has_password: hasPassword }: Identities): string {
  const methods = identities.map(({ provider, email }) => (email === null ? provider : `${provider} (${email})`));
  if (hasPassword) methods.unshift("password");
  return `Sign-in methods: ${methods.join(", ")}.`;
}
