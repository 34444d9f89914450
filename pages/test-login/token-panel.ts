import type { Client, Session } from "../../client/src/index.ts";
import { element, panel } from "../shell/element.ts";

/** Shows who is signed in, what the access token says, and how long it lasts. */
export function tokenPanel(client: Client): HTMLElement {
  const who = element("p");
  const left = element("strong", { role: "timer" });
  const bar = element("progress", { "aria-label": "Remaining life of the access token", max: "1", value: "0" });
  const countdown = element("p", { hidden: true }, "The access token expires in ", left, bar);
  const parts = element("div");
  let session: Session | undefined;

  function count(): void {
    countdown.hidden = !session;
    if (!session) return;
    // By elapsed time, as in the client: this device's clock may be wrong.
    const seconds = Math.max(0, session.expiresInSeconds - (Date.now() - session.since) / 1000);
    left.textContent = minutes(seconds);
    bar.value = seconds / session.expiresInSeconds;
  }

  function show(): void {
    who.textContent = session ? `Logged in as ${session.user.email ?? session.user.username}.` : "Nobody is logged in.";
    parts.replaceChildren(...(session ? decoded(session.accessToken) : []));
    count();
  }

  client.onChange((changed) => {
    session = changed;
    show();
  });
  setInterval(count, 1000);
  show();
  return panel("Access token", who, countdown, parts);
}

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The readable parts of a JWT (RFC 7519). Checking its signature is the job of APIs. */
function decoded(token: string): Node[] {
  const [header = "", payload = ""] = token.split(".");
  return [
    element("h3", {}, "Header"),
    element("pre", {}, pretty(readPart(header))),
    element("h3", {}, "Claims"),
    element("pre", {}, pretty(readPart(payload))),
    element("details", {}, element("summary", {}, "Encoded token"), element("pre", {}, token)),
  ];
}

/** The claims of a token. */
export function readClaims(token: string): Readonly<Record<string, unknown>> {
  return readPart(token.split(".")[1] ?? "");
}

function readPart(part: string): Readonly<Record<string, unknown>> {
  const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

/** A value as readable JSON. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
