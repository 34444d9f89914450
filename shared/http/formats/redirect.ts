import * as z from "zod";
import type { ApiError } from "../../platform/errors/api-error.ts";
import type { Answer, ReturnTarget, SetCookie } from "../answer.ts";
import { formBody } from "../form-body.ts";
import { envelope } from "./envelope.ts";
import type { Format } from "./format.ts";
import { pageAnswer, type Page } from "./page.ts";

/** Where a browser is sent: a URL of ASCII, since a header can hold nothing else. */
export const redirection = z.object({ location: z.string() });

/**
 * A browser's visit that is sent on, or shown a page instead where the reply's schema has one too. An error is told at the
 * page that the visit comes from or goes to, as soon as the handler knows it (`returnTo`).
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

function sendTo(location: string, status: number, cookies: readonly SetCookie[] | undefined): Answer {
  return { status, headers: { Location: location }, cookies };
}

/** Sends a browser back with `error=CODE`. */
function sendBack({ url, cookies }: ReturnTarget, error: ApiError): Answer {
  const target = new URL(url);
  target.searchParams.set("error", error.code);
  return sendTo(toApplication(target.href), 302, cookies);
}

/**
 * A URL of an application as a browser that was elsewhere is told it. Without a fragment the browser would keep the one of the
 * URL that it comes from, such as the `#_=_` that Facebook ends all of its own with (RFC 9110, section 10.2.2).
 */
export function toApplication(url: string): string {
  const { href } = new URL(url);
  return href.includes("#") ? href : `${href}#`;
}
