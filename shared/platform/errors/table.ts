import { accountErrors } from "./accounts.ts";
import { authenticationErrors } from "./authentication.ts";
import type { ErrorEntries, ErrorEntry } from "./entry.ts";
import { oauthErrors } from "./oauth.ts";
import { requestErrors } from "./requests.ts";
import { serviceErrors } from "./service.ts";
import { socialErrors } from "./social.ts";

/** Every error code by subject, in the order of `docs/errors.md`. A new subject gets a file and a line here. */
export const errorSubjects = [
  { title: "Requests", entries: requestErrors },
  { title: "Signing in", entries: authenticationErrors },
  { title: "Accounts", entries: accountErrors },
  { title: "Identity providers", entries: socialErrors },
  { title: "OAuth clients", entries: oauthErrors },
  { title: "The service", entries: serviceErrors },
] as const;

type KeyOfEach<Tables> = Tables extends unknown ? keyof Tables & string : never;

/** A code of the error table. */
export type ErrorCode = KeyOfEach<(typeof errorSubjects)[number]["entries"]>;

/** Every error code with its status, message and remedy. */
export const errorTable = mergeEntries(errorSubjects.map(({ entries }) => entries));

/** Merges tables. @throws Error if two of them declare the same code */
export function mergeEntries<Tables extends ErrorEntries>(
  tables: readonly Tables[],
): Readonly<Record<KeyOfEach<Tables>, ErrorEntry>> {
  const all = tables.flatMap((entries) => Object.entries(entries));
  const merged = Object.fromEntries(all);
  const twice = all.find(([code, entry]) => merged[code] !== entry);
  if (twice) throw new Error(`two subjects declare the error code ${twice[0]}`);
  return merged as Record<KeyOfEach<Tables>, ErrorEntry>;
}
