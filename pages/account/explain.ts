import { LatchkeyError } from "../../client/src/index.ts";
import { fill, within } from "../shell/language.ts";
import { adviceOf } from "../shell/password-judge.ts";
import type { App } from "./app.ts";

/** Texts for codes whose general text does not fit what was tried. */
export type Instead = Readonly<Record<string, string>>;

/** An error as a text for people: what is wrong, and what to do. */
export function explain(
  { words, locale }: Pick<App, "words" | "locale">,
  error: unknown,
  instead: Instead = {},
): string {
  const { faults } = words;
  if (!(error instanceof LatchkeyError)) return fill(faults.other, { code: String(error) });
  const { code, status, retryAfterSeconds } = error;
  const when =
    retryAfterSeconds === undefined ? faults.soon : fill(faults.later, { when: within(locale, retryAfterSeconds) });
  if (code === "NETWORK_ERROR") return navigator.onLine ? faults.network : faults.offline;
  if (code === "BLOCKED_BY_INTERMEDIARY") return faults.blocked;
  if (status === 429) return `${faults.tooOften} ${when}`;
  if (code.startsWith("PROVIDER_")) return faults.provider;
  if (status >= 500) return `${faults.busy} ${when}`;
  return textOf(instead, code) ?? textOf(faults, code) ?? fill(faults.other, { code });
}

/** What a social sign-in was sent back with. Anybody can write a link with another text, so it is never shown itself. */
export function explainReturn({ words: { faults } }: Pick<App, "words">, code: string): string {
  return textOf(faults, code) ?? faults.provider;
}

/** Codes are in capitals, and other texts of a table have other names: a link may say anything. */
function textOf(texts: Instead, code: string): string | undefined {
  return /^[A-Z_]+$/.test(code) && Object.hasOwn(texts, code) ? texts[code] : undefined;
}

/** The fields that the service refused, and what it says about them in the person's language, if it does. */
export function refusedFields(error: unknown): ReadonlyMap<string, string | undefined> {
  if (!(error instanceof LatchkeyError) || error.code !== "VALIDATION_ERROR") return new Map();
  const { fields } = error.details;
  const refused = Array.isArray(fields) ? (fields as readonly unknown[]) : [];
  return new Map(
    refused.map((fault) => {
      // Something between us and the service may have answered in its place.
      const { field, feedback } = (fault ?? {}) as { readonly field?: unknown; readonly feedback?: unknown };
      return [typeof field === "string" ? field : "", adviceOf(feedback)];
    }),
  );
}
