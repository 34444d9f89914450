import type { Cookie } from "@azure/functions";
import type { ApiError } from "../platform/errors/api-error.ts";
import type { Answer } from "./answer.ts";

/** A page where a browser is told how its visit to this service ended. */
export interface ReturnTarget {
  readonly url: string;
  readonly cookies?: readonly Cookie[];
  /** Whose session asked for an identity to be linked: a failure is then a refusal to link, for the audit log. */
  readonly owner?: { readonly accountId: string; readonly sessionId: string } | undefined;
}

/** Sends a browser on. @param location a URL of ASCII: in a header nothing else can be sent */
export function redirectAnswer(
  location: string,
  { status, cookies }: { status: number; cookies?: readonly Cookie[] | undefined },
): Answer {
  return { status, headers: { Location: location }, ...(cookies && { cookies }) };
}

/** Sends a browser back with `error=CODE`. */
export function errorRedirect({ url, cookies }: ReturnTarget, error: ApiError): Answer {
  const target = new URL(url);
  target.searchParams.set("error", error.code);
  return redirectAnswer(toApplication(target.href), { status: 302, cookies });
}

/**
 * A URL of an application as a browser that was elsewhere is told it. Without a fragment the browser would keep the one of the
 * URL that it comes from, such as the `#_=_` that Facebook ends all of its own with (RFC 9110, section 10.2.2).
 */
export function toApplication(url: string): string {
  const { href } = new URL(url);
  return href.includes("#") ? href : `${href}#`;
}
