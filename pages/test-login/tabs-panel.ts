import type { Client, Session } from "../../client/src/index.ts";
import { element, panel } from "../shell/element.ts";
import { readClaims } from "./token-panel.ts";

/** What a tab tells the others about itself. */
interface Tab {
  readonly name: string;
  readonly email: string;
  readonly session: string;
  readonly token: string;
  /** How many tokens it has received since it was opened. */
  readonly renewals: number;
}

type Message =
  | { readonly kind: "here"; readonly tab: Tab }
  | { readonly kind: "gone"; readonly name: string }
  | { readonly kind: "who" };

const columns = ["Tab", "User", "Session", "Token", "Tokens"];

/** Shows every tab of this page and what it sees: one session and one token, shared by all. */
export function tabsPanel(client: Client): HTMLElement {
  const channel = openChannel();
  // Not crypto.randomUUID, which pages over plain http lack.
  const name = Math.random().toString(16).slice(2, 6);
  const tabs = new Map<string, Tab>();
  const rows = element("tbody");
  let renewals = 0;
  let session: Session | undefined;

  const say = (message: Message) => channel?.postMessage(message);

  function show(): void {
    const sorted = [...tabs.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
    rows.replaceChildren(...sorted.map((tab) => row(tab, tab.name === name)));
  }

  function sayHere(): void {
    const { sid = "", jti = "" } = session ? readClaims(session.accessToken) : {};
    const short = (id: unknown) => String(id).slice(-6);
    const email = session ? (session.user.email ?? session.user.username) : "nobody";
    const tab = { name, email, session: short(sid), token: short(jti), renewals };
    tabs.set(name, tab);
    say({ kind: "here", tab });
    show();
  }

  channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.kind === "who") sayHere();
    else if (data.kind === "gone") tabs.delete(data.name);
    else tabs.set(data.tab.name, data.tab);
    show();
  });
  client.onChange((changed) => {
    session = changed;
    if (changed) renewals += 1;
    sayHere();
  });
  addEventListener("pagehide", () => say({ kind: "gone", name }));
  addEventListener("pageshow", sayHere);
  sayHere();
  say({ kind: "who" });

  const head = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)));
  return panel(
    "Tabs",
    element(
      "p",
      {},
      "Open this page in more tabs: they share one session, and one of them refreshes for all. The last column counts the tokens that each tab has received.",
    ),
    element("table", {}, element("thead", {}, head), rows),
  );
}

function row({ name, email, session, token, renewals }: Tab, isThis: boolean): HTMLElement {
  const texts = [email, session || "none", token || "none", String(renewals)];
  const cells = texts.map((text) => element("td", {}, text));
  return element("tr", {}, element("th", { scope: "row" }, isThis ? `${name} (this one)` : name), ...cells);
}

/** Undefined if the browser blocks it: then only this tab is shown. */
function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel("latchkey test page");
  } catch {
    return undefined;
  }
}
