import type { FailurePage } from "../../http/formats/form.ts";
import type { Page } from "../../http/formats/page.ts";
import type { ApiError } from "../../platform/errors/api-error.ts";
import type { Locale } from "../../platform/locale.ts";
import { escapeHtml } from "../html.ts";
import { smallPage } from "../small-page.ts";
import { linkTexts } from "./texts.ts";

/** What a link opens: the token, and the address that it was mailed to. */
export interface OpenedLink {
  readonly token: string;
  readonly email: string;
}

/** Asks to confirm an address. The form's button does it: mail scanners open links, and do not press buttons. */
export function verifyPage({ token, email }: OpenedLink, locale: Locale): Page {
  const { verify } = linkTexts[locale];
  const main = `${heading(verify.title)}
<p><strong>${escapeHtml(email)}</strong></p>
${paragraph(verify.text)}
${form({ action: "verify", fields: hidden("token", token), button: verify.button })}`;
  return smallPage({ title: verify.title, main, locale, hasForm: true });
}

/** Says that an address is confirmed. */
export const verifiedPage = (locale: Locale): Page => messagePage(linkTexts[locale].verified, locale);

/** Asks for a new password. @param isRefused whether the one before broke the rule */
export function resetPage(
  { token, email, minLength, isRefused }: OpenedLink & { minLength: number; isRefused: boolean },
  locale: Locale,
): Page {
  const { email: label, reset, passwordRule } = linkTexts[locale];
  const rule = escapeHtml(passwordRule(minLength));
  const fields = `${hidden("token", token)}
<label for="email">${escapeHtml(label)}</label>
<input id="email" type="text" autocomplete="username" value="${escapeHtml(email)}" readonly>
<label for="password">${escapeHtml(reset.password)}</label>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="${minLength}" aria-describedby="rule"${isRefused ? ' aria-invalid="true"' : ""}>
<small id="rule"${isRefused ? ' class="refused" role="alert"' : ""}>${rule}</small>`;
  const main = `${heading(reset.title)}
${form({ action: "reset", fields, button: reset.button })}`;
  return smallPage({ title: reset.title, main, locale, hasForm: true });
}

/** Says that the password is changed. */
export const resetDonePage = (locale: Locale): Page => messagePage(linkTexts[locale].resetDone, locale);

/** Says that a mail is on its way, to whoever typed the address. */
export const sentPage = (locale: Locale): Page => messagePage(linkTexts[locale].sent, locale);

/**
 * The pages of what went wrong with a link: a dead link gets a form that asks for a new mail.
 * @param again the endpoint that sends it, relative to the one that was called
 */
export function linkFailurePage(again: "resend" | "forgot"): FailurePage {
  return (error, locale) => {
    const { failed } = linkTexts[locale];
    const isDead = error.code === "TOKEN_INVALID_OR_EXPIRED" || error.code === "VALIDATION_ERROR";
    return isDead ? askAgainPage({ again, locale }) : messagePage(failed, locale);
  };
}

/** The pages of what went wrong with the form that asks for a new mail. */
export function requestFailurePage(again: "resend" | "forgot"): FailurePage {
  return (error: ApiError, locale) =>
    error.code === "VALIDATION_ERROR"
      ? askAgainPage({ again, locale, alert: linkTexts[locale].wrongEmail })
      : messagePage(linkTexts[locale].failed, locale);
}

function askAgainPage({ again, locale, alert }: { again: string; locale: Locale; alert?: string }): Page {
  const { dead, email } = linkTexts[locale];
  const fields = `<label for="email">${escapeHtml(email)}</label>
<input id="email" name="email" type="text" inputmode="email" autocomplete="email" spellcheck="false" required>`;
  const main = `${heading(dead.title)}
${paragraph(dead.text)}
${alert === undefined ? "" : `<p class="refused" role="alert">${escapeHtml(alert)}</p>`}
${form({ action: again, fields, button: dead.button })}`;
  return smallPage({ title: dead.title, main, locale, hasForm: true });
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
function form({ action, fields, button }: { action: string; fields: string; button: string }): string {
  return `<form method="post" action="${action}">
${fields}
<button class="button" type="submit">${escapeHtml(button)}</button>
</form>`;
}
