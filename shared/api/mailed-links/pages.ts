import type { Config } from "../../config.ts";
import type { FailurePage } from "../../http/formats/form.ts";
import type { Page } from "../../http/formats/page.ts";
import type { ApiError } from "../../platform/errors/api-error.ts";
import type { ErrorCode } from "../../platform/errors/table.ts";
import type { Locale } from "../../platform/locale.ts";
import type { Feedback } from "../../passwords/policy/feedback/feedback.ts";
import { escapeHtml } from "../html.ts";
import { smallPage } from "../small-page.ts";
import { onwardFrom } from "./onward.ts";
import { linkTexts } from "./texts.ts";

/** What a link opens: the token, and the address that it was mailed to. */
export interface OpenedLink {
  readonly token: string;
  readonly email: string;
}

/** What the pages need to know of the settings. */
type PageConfig = Pick<Config, "product" | "service">;

/** Asks to confirm an address. */
export const verifyPage = (link: OpenedLink, locale: Locale): Page =>
  buttonPage(link, { action: "verify", texts: linkTexts[locale].verify, locale });

/** Asks to make an address the account's. */
export const changePage = (link: OpenedLink, locale: Locale): Page =>
  buttonPage(link, { action: "confirm", texts: linkTexts[locale].change, locale });

/** Asks to give the account its old address back. */
export const undoPage = (link: OpenedLink, locale: Locale): Page =>
  buttonPage(link, { action: "undo", texts: linkTexts[locale].undo, locale });

interface ButtonPage {
  readonly action: string;
  readonly texts: { readonly title: string; readonly text: string; readonly button: string };
  readonly locale: Locale;
}

/** A page whose button does what the link is for: mail scanners open links, and do not press buttons. */
function buttonPage({ token, email }: OpenedLink, { action, texts, locale }: ButtonPage): Page {
  const main = `${heading(texts.title)}
<p><strong>${escapeHtml(email)}</strong></p>
${paragraph(texts.text)}
${postForm({ action, fields: hidden("token", token), button: texts.button })}`;
  return smallPage({ title: texts.title, main, locale, hasForm: true });
}

/** Says that the account has its new address. */
export const changedPage = (config: PageConfig, locale: Locale): Page => donePage("changed", config, locale);

/** The pages of what went wrong with a link to a new address. */
export const changeFailurePage: FailurePage = (error, locale) => {
  const { taken, changeDead } = linkTexts[locale];
  if (error.code === "EMAIL_ALREADY_REGISTERED") return messagePage(taken, locale);
  return isDead(error) ? messagePage(changeDead, locale) : otherFailurePage(error, locale);
};

/** The pages of what went wrong with a link that undoes a change: a dead one leads to a new password. */
export const undoFailurePage: FailurePage = (error, locale) =>
  error.code === "EMAIL_ALREADY_REGISTERED"
    ? messagePage(linkTexts[locale].taken, locale)
    : linkFailurePage("../password/forgot")(error, locale);

/** Whether a new mail helps: the link's token is of no use, or did not arrive. */
function isDead({ code, options }: ApiError): boolean {
  if (code !== "VALIDATION_ERROR") return code === "TOKEN_INVALID_OR_EXPIRED";
  const fields = options.details?.["fields"];
  return Array.isArray(fields) && fields.some(({ field }: { readonly field?: unknown }) => field === "token");
}

/** Says what else went wrong, and what helps: most of it goes wrong again however often it is tried. */
function otherFailurePage({ code }: ApiError, locale: Locale): Page {
  const { tooLong, misshapen, failed } = linkTexts[locale];
  if (code === "PAYLOAD_TOO_LARGE") return messagePage(tooLong, locale);
  return messagePage(misshapenCodes.has(code) ? misshapen : failed, locale);
}

/** What no form of these pages is refused with. */
const misshapenCodes: ReadonlySet<string> = new Set<ErrorCode>([
  "ORIGIN_NOT_ALLOWED",
  "UNSUPPORTED_MEDIA_TYPE",
  "VALIDATION_ERROR",
]);

/** Says that an address is confirmed. */
export const verifiedPage = (config: PageConfig, locale: Locale): Page => donePage("verified", config, locale);

/** What the form for a new password knows. */
export interface ResetForm extends OpenedLink {
  readonly minLength: number;
  /** Whether the password before was refused. */
  readonly isRefused: boolean;
  /** What the service says of it, in place of the rule. */
  readonly advice?: string | undefined;
  /** Where it posts to, relative to the page; `reset` unless given. */
  readonly action?: string;
}

/** Asks for a new password. */
export function resetPage(form: ResetForm, locale: Locale): Page {
  const { token, email, minLength, isRefused, advice, action = "reset" } = form;
  const { email: label, reset, passwordRule } = linkTexts[locale];
  const rule = escapeHtml(advice ?? passwordRule(minLength));
  const fields = `${hidden("token", token)}
<label for="email">${escapeHtml(label)}</label>
<input id="email" type="text" autocomplete="username" value="${escapeHtml(email)}" readonly>
<label for="password">${escapeHtml(reset.password)}</label>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="${minLength}" aria-describedby="rule"${isRefused ? ' aria-invalid="true"' : ""}>
<small id="rule"${isRefused ? ' class="refused" role="alert"' : ""}>${rule}</small>`;
  const main = `${heading(reset.title)}
${postForm({ action, fields, button: reset.button })}`;
  return smallPage({ title: reset.title, main, locale, hasForm: true });
}

/** What the service says of a password that it refuses; undefined if only its size is wrong. */
export function adviceOn({ options }: ApiError): string | undefined {
  const fields = options.details?.["fields"] as readonly { readonly feedback?: Feedback }[] | undefined;
  const { warning, suggestions } = fields?.find(({ feedback }) => feedback)?.feedback ?? {};
  return [warning, ...(suggestions ?? [])].filter(Boolean).join(" ") || undefined;
}

/** Says that the password is changed. */
export const resetDonePage = (config: PageConfig, locale: Locale): Page => donePage("resetDone", config, locale);

/** Says that a mail is on its way, to whoever typed the address. */
export const sentPage = (locale: Locale): Page => messagePage(linkTexts[locale].sent, locale);

/**
 * The pages of what went wrong with a link: a dead link gets a form that asks for a new mail.
 * @param again the endpoint that sends it, relative to the one that was called
 */
export function linkFailurePage(again: "resend" | "forgot" | "../password/forgot"): FailurePage {
  return (error, locale) => (isDead(error) ? askAgainPage({ again, locale }) : otherFailurePage(error, locale));
}

/** The pages of what went wrong with the form that asks for a new mail. */
export function requestFailurePage(again: "resend" | "forgot"): FailurePage {
  return (error: ApiError, locale) =>
    error.code === "VALIDATION_ERROR"
      ? askAgainPage({ again, locale, alert: linkTexts[locale].wrongEmail })
      : otherFailurePage(error, locale);
}

function askAgainPage({ again, locale, alert }: { again: string; locale: Locale; alert?: string }): Page {
  const { dead, email } = linkTexts[locale];
  const fields = `<label for="email">${escapeHtml(email)}</label>
<input id="email" name="email" type="text" inputmode="email" autocomplete="email" spellcheck="false" required>`;
  const main = `${heading(dead.title)}
${paragraph(dead.text)}
${alert === undefined ? "" : `<p class="refused" role="alert">${escapeHtml(alert)}</p>`}
${postForm({ action: again, fields, button: dead.button })}`;
  return smallPage({ title: dead.title, main, locale, hasForm: true });
}

/** A page that says what was done, and where to go on. */
function donePage(done: "verified" | "resetDone" | "changed", config: PageConfig, locale: Locale): Page {
  const { title, text } = linkTexts[locale][done];
  const onward = onwardFrom(config, locale);
  const link = onward && `<p><a class="button" href="${escapeHtml(onward.href)}">${escapeHtml(onward.text)}</a></p>`;
  return smallPage({ title, main: [heading(title), paragraph(text), link ?? ""].join("\n"), locale });
}

/** A page that only says something. */
export function messagePage({ title, text }: { title: string; text: string }, locale: Locale): Page {
  return smallPage({ title, main: `${heading(title)}\n${paragraph(text)}`, locale });
}

const heading = (text: string): string => `<h1>${escapeHtml(text)}</h1>`;
const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`;

/** A field that the form sends along unseen. */
function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
}

/** A form with one button. @param action relative to the page @param fields HTML */
function postForm({ action, fields, button }: { action: string; fields: string; button: string }): string {
  return `<form method="post" action="${action}">
${fields}
<button class="button" type="submit">${escapeHtml(button)}</button>
</form>`;
}
