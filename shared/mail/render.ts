import type { Locale } from "../platform/locale.ts";
import { onTheWire } from "../platform/mail-address.ts";
import type { Product } from "../platform/product/settings.ts";
import type { MailData, MailTemplate } from "./message.ts";
import type { RenderedMail } from "./provider.ts";
import { asHtml } from "./templates/as-html.ts";
import { asText } from "./templates/as-text.ts";
import { de } from "./templates/de.ts";
import { en } from "./templates/en.ts";
import { es } from "./templates/es.ts";
import { fr } from "./templates/fr.ts";
import { letters, type Letter, type Pen } from "./templates/letters.ts";
import { logoContentId } from "./templates/logo.ts";
import { greetingName, oneLine } from "./templates/outside-text.ts";
import { fill, wordsFor, type Words } from "./templates/words.ts";
import { zhHant } from "./templates/zh-hant.ts";

/** A mail of the outbox that is to be sent. */
export type StoredMail = {
  readonly [T in MailTemplate]: {
    readonly id: string;
    readonly template: T;
    /** The stored address. */
    readonly to: string;
    readonly locale: Locale;
    readonly data: MailData[T];
  };
}[MailTemplate];

export interface RenderOptions {
  readonly product: Product;
  /** The service's address, which the links lead to. */
  readonly issuer: string;
  /** How long a link is valid, in seconds. */
  readonly linkSeconds: number;
}

/** Makes text and HTML of a mail. @param date the instant of the attempt */
export type Render = (mail: StoredMail, date: Date) => RenderedMail;

const catalogues: Readonly<Record<Locale, Words>> = { en, de, fr, es, "zh-Hant": zhHant };

export function createRender({ product, issuer, linkSeconds }: RenderOptions): Render {
  const links = linksTo(issuer);
  const logo = product.logo === undefined ? undefined : `cid:${logoContentId}`;
  return (mail, date) => {
    const { id, to, locale } = mail;
    const words = wordsFor(catalogues[locale], product.name);
    const pen = { words, links, lifetime: durationIn(locale, linkSeconds), time: timeIn(locale) };
    const { subject, blocks } = writeLetter(mail, pen);
    const name = greetingName(mail.data.username);
    const hello = name === undefined ? words.helloWithoutName : fill(words.hello, { name });
    const footer = footerOf(product, words);
    const html = asHtml({ locale, subject, hello, product: product.name, logo, footer }, blocks);
    return {
      id,
      to: onTheWire(to),
      subject,
      text: asText({ hello, colon: words.colon, footer }, blocks),
      html,
      locale,
      date,
    };
  };
}

/** What someone else has chosen may be as long as an address. */
const maxOutsideCharacters = 254;

function writeLetter({ template, data }: StoredMail, pen: Pen): Letter {
  const clean = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      typeof value === "string" ? oneLine(value, maxOutsideCharacters) : value,
    ]),
  );
  return (letters[template] as (data: unknown, pen: Pen) => Letter)(clean, pen);
}

function linksTo(issuer: string): Pen["links"] {
  const link = (path: string) => (token: string) => `${issuer}/auth/${path}?token=${encodeURIComponent(token)}`;
  return {
    verify: link("email/verify"),
    reset: link("password/reset"),
    confirm: link("email/confirm"),
    undo: link("email/undo"),
  };
}

function footerOf({ url, supportEmail }: Product, { footer }: Words): string[] {
  return [
    footer.automatic,
    ...(supportEmail === undefined ? [] : [fill(footer.support, { address: supportEmail })]),
    ...(url === undefined ? [] : [url]),
  ];
}

function durationIn(locale: Locale, seconds: number): string {
  const [unit, length] = seconds % 3600 === 0 ? ["hour", 3600] : ["minute", 60];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(
    Math.floor(seconds / length),
  );
}

/** In UTC, and saying so: where the reader is, nobody knows. */
function timeIn(locale: Locale): (iso: string) => string {
  const format = new Intl.DateTimeFormat(locale === "en" ? "en-GB" : locale, {
    year: "numeric",
    month: "long",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: "UTC",
  });
  return (iso) => `${format.format(new Date(iso))} UTC`;
}
