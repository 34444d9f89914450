/**
 * What mails say in one language: everything that a translator writes. Each text may name the product, as `{product}`;
 * what else a text names is said here.
 */
export interface Words {
  /** With `{name}`. */
  readonly hello: string;
  readonly helloWithoutName: string;
  /** What stands between a label and its value, with its spaces. */
  readonly colon: string;
  readonly labels: {
    readonly newAddress: string;
    readonly device: string;
    readonly ipAddress: string;
    readonly time: string;
    readonly provider: string;
    /** What a person calls an authenticator app, or a passkey. */
    readonly name: string;
  };
  /** The last lines. */
  readonly footer: {
    readonly automatic: string;
    /** With `{address}`. */
    readonly support: string;
  };
  /** To whoever should not have got the mail, and need not do anything. */
  readonly ignore: string;
  /** To whoever has not made a change that has been made. */
  readonly notYou: string;

  readonly verify_email: {
    readonly subject: string;
    readonly lead: string;
    readonly link: string;
    readonly code: string;
    /** With `{duration}`. */
    readonly lifetime: string;
  };
  readonly already_registered: { readonly subject: string; readonly lead: string; readonly advice: string };
  readonly reset_password: {
    readonly subject: string;
    readonly lead: string;
    readonly link: string;
    /** With `{duration}`. */
    readonly lifetime: string;
    readonly ignore: string;
  };
  readonly password_compromised: {
    readonly subject: string;
    readonly lead: string;
    readonly link: string;
    /** With `{duration}`. */
    readonly lifetime: string;
    readonly advice: string;
  };
  readonly password_changed: { readonly subject: string; readonly changed: string; readonly reset: string };
  readonly confirm_email: {
    readonly subject: string;
    readonly lead: string;
    readonly link: string;
    /** With `{duration}`. */
    readonly lifetime: string;
  };
  readonly email_change_requested: { readonly subject: string; readonly lead: string; readonly effect: string };
  readonly email_changed: {
    readonly subject: string;
    readonly lead: string;
    readonly undo: string;
    readonly link: string;
    /** With `{until}`. */
    readonly lifetime: string;
  };
  readonly email_change_undone: { readonly subject: string; readonly lead: string; readonly advice: string };
  readonly new_device: {
    readonly subject: string;
    readonly lead: string;
    readonly ignore: string;
    readonly notMe: string;
    readonly link: string;
    /** With `{duration}`. */
    readonly lifetime: string;
  };
  readonly sign_in_attempts: {
    readonly subject: string;
    readonly lead: string;
    readonly effect: string;
    readonly advice: string;
  };
  readonly session_reused: { readonly subject: string; readonly lead: string; readonly advice: string };
  readonly identity_linked: { readonly subject: string; readonly lead: string };
  readonly identity_unlinked: { readonly subject: string; readonly lead: string };
  readonly factor_added: { readonly subject: string; readonly lead: string; readonly advice: string };
  readonly factor_removed: {
    readonly subject: string;
    readonly lead: string;
    /** Whether that was the last one. */
    readonly last: string;
    readonly others: string;
  };
  readonly passkey_added: { readonly subject: string; readonly lead: string; readonly advice: string };
  readonly passkey_removed: { readonly subject: string; readonly lead: string };
  readonly recovery_codes_made: { readonly subject: string; readonly lead: string };
  readonly recovery_code_used: {
    readonly subject: string;
    readonly lead: string;
    /** With `{left}`, a number that may be 0. */
    readonly left: string;
    readonly advice: string;
  };
  readonly second_factor_attempts: { readonly subject: string; readonly lead: string; readonly advice: string };
  readonly sign_in_code: { readonly subject: string; readonly lead: string; readonly lifetime: string };
  readonly deletion_requested: {
    readonly subject: string;
    /** With `{date}`. */
    readonly lead: string;
    readonly cancel: string;
  };
  readonly deletion_cancelled: { readonly subject: string; readonly lead: string };
}

/** The same words, with the product's name in them. */
export function wordsFor(words: Words, product: string): Words {
  return fillEach(words, { product }) as Words;
}

function fillEach(part: unknown, values: Values): unknown {
  if (typeof part === "string") return fill(part, values);
  return Object.fromEntries(Object.entries(part as object).map(([key, inner]) => [key, fillEach(inner, values)]));
}

/** The values of a text's placeholders, by their names. */
export type Values = Readonly<Record<string, string>>;

/** A text with its placeholders filled in. A value that looks like a placeholder stays as it is. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
