import type { Account } from "../../client/src/account.ts";
import type { Hint, Typed } from "./live-hint.ts";

/**
 * Asks the service about a new password, with the names that the form has. The form works without an answer: what the
 * service says of a password that was sent comes then.
 * @param names of whoever is signed in
 */
export function judgeBy(
  { checkPassword }: Pick<Account, "checkPassword">,
  names: { readonly email?: string | null; readonly username?: string } = {},
): (typed: Typed) => Promise<Hint | undefined> {
  return async ({ password = "", email = names.email ?? "", username = names.username ?? "" }) => {
    const { acceptable, feedback } = await checkPassword({ password, email, username });
    const text = adviceOf(feedback);
    return text === undefined ? undefined : { text, isMet: acceptable };
  };
}

/** What the service says of a password, as one text; undefined if it says nothing. */
export function adviceOf(feedback: unknown): string | undefined {
  const { warning, suggestions } = (feedback ?? {}) as { readonly warning?: unknown; readonly suggestions?: unknown };
  const sentences = [warning, ...(Array.isArray(suggestions) ? (suggestions as readonly unknown[]) : [])];
  return sentences.filter((sentence) => typeof sentence === "string").join(" ") || undefined;
}
