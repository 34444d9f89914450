import type { Section } from "./section.ts";
import { pretty } from "./token-panel.ts";

/** What is not filled in is not sent. */
const given = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));

const ifAny = "If the address has an account that needs it, a mail is on its way.";

/** Steps of an account's life: addresses, passwords, sessions, and its end. */
export const accountSections: readonly Section[] = [
  {
    title: "Mailed links and codes",
    isFolded: true,
    fields: [
      { name: "email", label: "Address", type: "email", autocomplete: "email" },
      { name: "code", label: "Code", type: "text", autocomplete: "one-time-code", inputmode: "numeric" },
      { name: "token", label: "Token of a link", type: "text", autocomplete: "off" },
      { name: "password", label: "Password to choose", type: "password", autocomplete: "new-password" },
    ],
    steps: [
      {
        button: "Verify",
        async run({ account }, { email = "", code = "", token = "" }) {
          await account.verifyEmail(token === "" ? { email, code } : { token });
          return "The address is verified.";
        },
      },
      {
        button: "Resend",
        async run({ account }, { email = "" }) {
          await account.resendVerification({ email });
          return ifAny;
        },
      },
      {
        button: "Forgot password",
        async run({ account }, { email = "" }) {
          await account.forgotPassword({ email });
          return ifAny;
        },
      },
      {
        button: "Reset password",
        async run({ account }, { token = "", password = "" }) {
          await account.resetPassword({ token, password });
          return "The password is changed, and all sessions have ended.";
        },
      },
      {
        button: "Confirm address",
        async run({ account }, { token = "" }) {
          await account.confirmEmail({ token });
          return "The address is changed.";
        },
      },
      {
        button: "Undo change",
        async run({ account }, { token = "" }) {
          await account.undoEmail({ token });
          return "The old address is back, and all sessions have ended.";
        },
      },
      {
        button: "Cancel deletion",
        async run({ account }, { email = "", password = "", captcha_token = "" }) {
          await account.cancelDeletion({ email, password, ...given({ captcha_token }) });
          return "The account stays. Now log in.";
        },
      },
    ],
  },
  {
    title: "Profile",
    isFolded: true,
    fields: [
      { name: "username", label: "New name", type: "text", autocomplete: "name" },
      { name: "locale", label: "Language", type: "text", autocomplete: "off" },
      { name: "email", label: "New address", type: "email", autocomplete: "email" },
      { name: "current_password", label: "Present password", type: "password", autocomplete: "current-password" },
      { name: "password", label: "New password", type: "password", autocomplete: "new-password" },
    ],
    steps: [
      {
        button: "Change profile",
        async run({ account }, { username = "", locale = "" }) {
          const user = await account.updateProfile(given({ username, locale }));
          return `The profile is changed: ${user.username}.`;
        },
      },
      {
        button: "Change address",
        async run({ account }, { email = "" }) {
          await account.changeEmail({ email });
          return `Confirm it with the mail to ${email}.`;
        },
      },
      {
        button: "Change password",
        async run({ account }, { current_password = "", password = "" }) {
          await account.changePassword({ ...given({ current_password }), password });
          return "The password is changed, and the other sessions have ended.";
        },
      },
      { button: "Export", run: async ({ account }) => pretty(await account.exportAccount()) },
      {
        button: "Delete account",
        run: async ({ account }) => `The account will be erased at ${(await account.deleteAccount()).erased_at}.`,
      },
    ],
  },
  {
    title: "Sessions and activity",
    isFolded: true,
    fields: [{ name: "id", label: "Id of a session", type: "text", autocomplete: "off" }],
    steps: [
      { button: "List sessions", run: async ({ account }) => pretty(await account.sessions()) },
      {
        button: "End session",
        async run({ account }, { id = "" }) {
          await account.endSession(id.trim());
          return "The session has ended.";
        },
      },
      {
        button: "End other sessions",
        async run({ account }) {
          await account.endOtherSessions();
          return "All other sessions have ended.";
        },
      },
      { button: "List activity", run: async ({ account }) => pretty((await account.activity()).events) },
    ],
  },
];
