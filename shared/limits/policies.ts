/** What an attempt is counted by. */
export type KeyKind =
  /** The caller's network; all unknown addresses are one. */
  | "network"
  /** The caller's device, if it sends what a sign-in gave it; otherwise its network. */
  | "device"
  /** The address that the body names, in the form in which it is unique. */
  | "identifier"
  /** The account that is signed in. */
  | "account"
  /** The OAuth client that the call names, from this host: naming somebody else's client takes nothing from it. */
  | "client"
  /** The account whose first factor was shown: each device that it knows, and all others together. */
  | "challenge";

interface Policy {
  readonly by: KeyKind;
  /** `count/seconds`, or `off`. */
  readonly default: string;
  /** What happens to a call that cannot be counted. */
  readonly uncounted: "refused" | "admitted";
  /** Which calls it limits. */
  readonly about: string;
}

/** The rate limits. Endpoints name theirs; each is a setting. */
export const policies = {
  credentials: {
    by: "device",
    default: "5/60",
    uncounted: "refused",
    about:
      "Calls that take a password or a second factor: signing in, confirming who you are, changing the password or a factor, keeping an account.",
  },
  registration: { by: "network", default: "20/3600", uncounted: "refused", about: "Registrations." },
  password_check: {
    by: "network",
    default: "30/60",
    uncounted: "refused",
    about: "Passwords that forms ask about while they are typed.",
  },
  mail: {
    by: "identifier",
    default: "5/3600",
    uncounted: "refused",
    about:
      "Mails with a link that proves an address, to one address. They count alike whether or not it has an account.",
  },
  // Apart from those: whoever has these used up for an address has filled its mailbox with links to a new password.
  reset_mail: {
    by: "identifier",
    default: "5/1800",
    uncounted: "refused",
    about:
      "Mails with a link to a new password, to one address. Its window should not be longer than `ONE_TIME_TOKEN_MINUTES`: see [limits](limits.md#choosing-limits).",
  },
  mail_network: {
    by: "network",
    default: "20/3600",
    uncounted: "refused",
    about: "Mails that anybody can ask for, from one network.",
  },
  code_mail: {
    by: "challenge",
    default: "10/3600",
    uncounted: "refused",
    about: "Mails with a code that completes a sign-in, to one account.",
  },
  one_time_tokens: {
    by: "network",
    default: "30/60",
    uncounted: "refused",
    about: "Links and codes from mails, and the pages that they open.",
  },
  social: {
    by: "network",
    default: "60/60",
    uncounted: "refused",
    about: "Steps of a sign-in at a provider: a browser takes two or three, an app one.",
  },
  // A login page asks at each visit, and a challenge alone gives nobody anything.
  passkey_options: {
    by: "network",
    default: "300/60",
    uncounted: "admitted",
    about: "Challenges for signing in with a passkey. A login page that offers passkeys asks for one at each visit.",
  },
  // A session's token cannot be guessed: this protects from load, and must not sign people out.
  refresh: { by: "network", default: "300/60", uncounted: "admitted", about: "Refreshes." },
  token: {
    by: "client",
    default: "600/60",
    uncounted: "refused",
    about: "Calls of an OAuth client to `/oauth/token`, `/oauth/introspect` and `/oauth/revoke`, from one host.",
  },
  export: { by: "account", default: "10/3600", uncounted: "refused", about: "Exports of one's own account." },
  reads: {
    by: "account",
    default: "off",
    uncounted: "admitted",
    about: "Reading one's own account. Counting costs a round trip, which is as much as most of these calls cost.",
  },
} as const satisfies Readonly<Record<string, Policy>>;

export type PolicyName = keyof typeof policies;

export const policyNames = Object.keys(policies) as readonly PolicyName[];
