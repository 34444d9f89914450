import type { MailData, MailTemplate } from "../message.ts";
import { fill, type Words } from "./words.ts";

/** What a mail consists of, for text and HTML alike. Nothing is escaped yet. */
export interface Letter {
  readonly subject: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly url: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "facts"; readonly rows: readonly (readonly [label: string, value: string])[] };

/** What a letter is written with. */
export interface Pen {
  /** With the product's name filled in. */
  readonly words: Words;
  /** The addresses that a token is sent to. */
  readonly links: {
    readonly verify: (token: string) => string;
    readonly reset: (token: string) => string;
    readonly confirm: (token: string) => string;
    readonly undo: (token: string) => string;
  };
  /** How long a link is valid, in words. */
  readonly lifetime: string;
  /** An instant in words. @param iso ISO 8601 */
  readonly time: (iso: string) => string;
}

type Letters = { readonly [T in MailTemplate]: (data: MailData[T], pen: Pen) => Letter };

/** A function for each mail. What comes from outside stands in a row of its own, apart from our sentences. */
export const letters: Letters = {
  verify_email({ token, code }, { words: { verify_email: words, ignore }, links, lifetime }) {
    return letter(words.subject, [
      paragraph(words.lead),
      link(words.link, links.verify(token)),
      paragraph(words.code),
      { kind: "code", text: code },
      paragraph(fill(words.lifetime, { duration: lifetime })),
      paragraph(ignore),
    ]);
  },

  already_registered(_data, { words: { already_registered: words, ignore } }) {
    return letter(words.subject, [paragraph(words.lead), paragraph(words.advice), paragraph(ignore)]);
  },

  reset_password({ token }, { words: { reset_password: words }, links, lifetime }) {
    return letter(words.subject, [
      paragraph(words.lead),
      link(words.link, links.reset(token)),
      paragraph(fill(words.lifetime, { duration: lifetime })),
      paragraph(words.ignore),
    ]);
  },

  password_compromised({ token }, { words: { password_compromised: words }, links, lifetime }) {
    return letter(words.subject, [
      paragraph(words.lead),
      link(words.link, links.reset(token)),
      paragraph(fill(words.lifetime, { duration: lifetime })),
      paragraph(words.advice),
    ]);
  },

  password_changed({ isReset }, { words: { password_changed: words, notYou } }) {
    return letter(words.subject, [paragraph(isReset ? words.reset : words.changed), paragraph(notYou)]);
  },

  confirm_email({ token }, { words: { confirm_email: words, ignore }, links, lifetime }) {
    return letter(words.subject, [
      paragraph(words.lead),
      link(words.link, links.confirm(token)),
      paragraph(fill(words.lifetime, { duration: lifetime })),
      paragraph(ignore),
    ]);
  },

  email_change_requested({ newEmail }, { words: { email_change_requested: words, labels, notYou } }) {
    return letter(words.subject, [
      paragraph(words.lead),
      facts([labels.newAddress, newEmail]),
      paragraph(words.effect),
      paragraph(notYou),
    ]);
  },

  email_changed({ newEmail, token, undoUntil }, { words: { email_changed: words, labels }, links, time }) {
    return letter(words.subject, [
      paragraph(words.lead),
      facts([labels.newAddress, newEmail]),
      paragraph(words.undo),
      link(words.link, links.undo(token)),
      paragraph(fill(words.lifetime, { until: time(undoUntil) })),
    ]);
  },

  email_change_undone: (_data, { words: { email_change_undone: words } }) =>
    letter(words.subject, [paragraph(words.lead), paragraph(words.advice)]),

  new_device({ device, address, at, token }, { words: { new_device: words, labels }, links, lifetime, time }) {
    return letter(words.subject, [
      paragraph(words.lead),
      facts([labels.device, device], [labels.ipAddress, address], [labels.time, time(at)]),
      paragraph(words.ignore),
      paragraph(words.notMe),
      link(words.link, links.reset(token)),
      paragraph(fill(words.lifetime, { duration: lifetime })),
    ]);
  },

  sign_in_attempts: (_data, { words: { sign_in_attempts: words } }) =>
    letter(words.subject, [paragraph(words.lead), paragraph(words.effect), paragraph(words.advice)]),

  session_reused({ device, at }, { words: { session_reused: words, labels }, time }) {
    return letter(words.subject, [
      paragraph(words.lead),
      facts([labels.device, device], [labels.time, time(at)]),
      paragraph(words.advice),
    ]);
  },

  identity_linked: ({ provider }, { words: { identity_linked: words, labels, notYou } }) =>
    letter(words.subject, [paragraph(words.lead), facts([labels.provider, provider]), paragraph(notYou)]),

  identity_unlinked: ({ provider }, { words: { identity_unlinked: words, labels, notYou } }) =>
    letter(words.subject, [paragraph(words.lead), facts([labels.provider, provider]), paragraph(notYou)]),

  factor_added: ({ name }, { words: { factor_added: words, labels, notYou } }) =>
    letter(words.subject, [
      paragraph(words.lead),
      ...named(labels.name, name),
      paragraph(words.advice),
      paragraph(notYou),
    ]),

  factor_removed: ({ name, isLast }, { words: { factor_removed: words, labels, notYou } }) =>
    letter(words.subject, [
      paragraph(words.lead),
      ...named(labels.name, name),
      paragraph(isLast ? words.last : words.others),
      paragraph(notYou),
    ]),

  passkey_added: ({ name }, { words: { passkey_added: words, labels, notYou } }) =>
    letter(words.subject, [
      paragraph(words.lead),
      ...named(labels.name, name),
      paragraph(notYou),
      paragraph(words.advice),
    ]),

  passkey_removed: ({ name }, { words: { passkey_removed: words, labels, notYou } }) =>
    letter(words.subject, [paragraph(words.lead), ...named(labels.name, name), paragraph(notYou)]),

  recovery_codes_made: (_data, { words: { recovery_codes_made: words, notYou } }) =>
    letter(words.subject, [paragraph(words.lead), paragraph(notYou)]),

  recovery_code_used: ({ left }, { words: { recovery_code_used: words, notYou } }) =>
    letter(words.subject, [
      paragraph(words.lead),
      paragraph(fill(words.left, { left: String(left) })),
      paragraph(words.advice),
      paragraph(notYou),
    ]),

  second_factor_attempts: (_data, { words: { second_factor_attempts: words } }) =>
    letter(words.subject, [paragraph(words.lead), paragraph(words.advice)]),

  sign_in_code: ({ code }, { words: { sign_in_code: words, notYou } }) =>
    letter(words.subject, [
      paragraph(words.lead),
      { kind: "code", text: code },
      paragraph(words.lifetime),
      paragraph(notYou),
    ]),

  deletion_requested({ erasedAt }, { words: { deletion_requested: words }, time }) {
    return letter(words.subject, [paragraph(fill(words.lead, { date: time(erasedAt) })), paragraph(words.cancel)]);
  },

  deletion_cancelled(_data, { words: { deletion_cancelled: words, notYou } }) {
    return letter(words.subject, [paragraph(words.lead), paragraph(notYou)]);
  },
};

const letter = (subject: string, blocks: readonly Block[]): Letter => ({ subject, blocks });
const paragraph = (text: string): Block => ({ kind: "paragraph", text });
const link = (text: string, url: string): Block => ({ kind: "link", text, url });

/** A name in a row of its own; nothing without one. */
const named = (label: string, name: string): Block[] => (name === "" ? [] : [facts([label, name])]);

/** What is unknown is left out. */
function facts(...rows: (readonly [label: string, value: string])[]): Block {
  return { kind: "facts", rows: rows.filter(([, value]) => value !== "") };
}
