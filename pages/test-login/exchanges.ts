import { element, panel } from "../shell/element.ts";
import { pretty } from "./token-panel.ts";

/** How many exchanges the list keeps. */
const most = 30;

/** A request and its answer, as texts for display. */
interface Exchange {
  readonly title: string;
  readonly isFailure: boolean;
  readonly request: string;
  readonly answer: string;
}

/** Records what steps ask and what is answered. @returns the panel that shows it, and the `fetch` that records */
export function recordExchanges(): { readonly exchanges: HTMLElement; readonly recordingFetch: typeof fetch } {
  const list = element("ul", { class: "exchanges" });
  const none = element("p", {}, "No requests yet.");
  const show = (exchange: Exchange) => {
    none.remove();
    list.prepend(item(exchange));
    while (list.children.length > most) list.lastElementChild?.remove();
  };
  const recordingFetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    // Asked by typing, not by a step: the list would soon have nothing else.
    if (request.url.endsWith("/auth/password/check")) return fetch(request);
    const asked = describeRequest(request, await request.clone().text());
    const { pathname } = new URL(request.url);
    const since = performance.now();
    try {
      const response = await fetch(request);
      const title = `${request.method} ${pathname}: ${response.status}, ${Math.round(performance.now() - since)} ms`;
      const answer = describeAnswer(response, await response.clone().text());
      show({ title, isFailure: !response.ok, request: asked, answer });
      return response;
    } catch (error) {
      show({
        title: `${request.method} ${pathname}: no answer`,
        isFailure: true,
        request: asked,
        answer: String(error),
      });
      throw error;
    }
  };
  return { exchanges: panel("Requests and answers", none, list), recordingFetch };
}

function item({ title, isFailure, request, answer }: Exchange): HTMLElement {
  const summary = element("summary", { class: isFailure ? "failure" : "success" }, title);
  const asked = [element("h3", {}, "Request"), element("pre", {}, request)];
  const answered = [element("h3", {}, "Answer"), element("pre", {}, answer)];
  return element("li", {}, element("details", {}, summary, ...asked, ...answered));
}

/** The headers contain no cookies: scripts cannot see them. */
function describeRequest({ method, url, headers, credentials }: Request, body: string): string {
  const cookies = credentials === "include" ? "\n(plus the browser's cookies, which scripts cannot read)" : "";
  return `${method} ${url}\n${describeHeaders(headers)}${cookies}\n\n${describeBody(body)}`.trim();
}

function describeAnswer({ status, statusText, headers }: Response, body: string): string {
  return `${status} ${statusText}\n${describeHeaders(headers)}\n\n${describeBody(body)}`.trim();
}

function describeHeaders(headers: Headers): string {
  return [...headers].map(([name, value]) => `${name}: ${shortened(value)}`).join("\n");
}

function describeBody(text: string): string {
  try {
    return pretty(JSON.parse(text, (key, value: unknown) => (key === "password" ? "…" : shorten(value))));
  } catch {
    return text;
  }
}

const shorten = (value: unknown) => (typeof value === "string" ? shortened(value) : value);

/** Shows only the start of a token; the access token panel has all of it. */
function shortened(text: string): string {
  return text.replaceAll(/eyJ[\w-]{20}[\w.-]+/g, (token) => `${token.slice(0, 12)}… (${token.length} characters)`);
}
