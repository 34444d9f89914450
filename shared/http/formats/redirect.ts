import * as z from "zod";
import type { ApiError } from "../../platform/errors/api-error.ts";
import type { Answer, ReturnTarget, SetCookie } from "../answer.ts";
import { formBody } from "../form-body.ts";
import { envelope } from "./envelope.ts";
import type { Format } from "./format.ts";
import { pageAnswer, type Page } from "./page.ts";

/** Where to send a browser: an ASCII URL, because a header can hold nothing else. */
export const redirection = z.object({ location: z.string() });

/**
 * A browser's visit that is sent on, or shown a page if the reply's schema also allows one. Once the handler knows the
 * page that the visit came from or goes to (`returnTo`), errors are sent to that page.
 */
export const redirect: Format<z.output<typeof redirection> | Page> = {
  body: formBody,
  contents: {},
  cors: "listed",
  takesHead: false,
  answer(_exchange, { shown, status, cookies }) {
    const reply = shown();
    return "html" in reply ? pageAnswer(reply) : sendTo(reply.location, status, cookies);
  },
  tellError: (exchange, error) =>
    exchange.returnTarget ? sendBack(exchange.returnTarget, error) : envelope.tellError(exchange, error),
};

/** An application may have opened a window for the way to a provider: what only passes through does not part them. */
const windows = { "Cross-Origin-Opener-Policy": "unsafe-none" } as const;

function sendTo(location: string, status: number, cookies: readonly SetCookie[] | undefined): Answer {
  return { status, headers: { ...windows, Location: location }, cookies };
}

/** Sends a browser back with `error=CODE`. */
function sendBack({ url, cookies }: ReturnTarget, error: ApiError): Answer {
  const target = new URL(url);
  target.searchParams.set("error", error.code);
  return sendTo(toApplication(target.href), 302, cookies);
}

/**
 * An application's URL, ready for a redirect. Without a fragment the browser would keep that of the previous URL, such
 * as the `#_=_` that Facebook appends (RFC 9110, section 10.2.2).
 */
export function toApplication(url: string): string {
  const { href } = new URL(url);
  return href.includes("#") ? href : `${href}#`;
}
