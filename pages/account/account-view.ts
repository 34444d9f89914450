import type { User } from "../../client/src/index.ts";
import { element } from "../shell/element.ts";
import { methodsPanel, passwordPanel } from "./access.ts";
import type { App } from "./app.ts";
import { activityPanel, sessionsPanel } from "./history.ts";
import { dataPanel, deletionPanel } from "./leaving.ts";
import { factorsPanel } from "./factors.ts";
import { hasPasskeys } from "./passkey-sign-in.ts";
import { passkeysPanel } from "./passkeys.ts";
import { addressPanel, profilePanel } from "./profile.ts";

/** What a signed-in person sees. @param fault of the way here, such as a provider's */
export function accountView(app: App, user: User, fault: string | undefined): HTMLElement {
  const { words } = app;
  const panels = [
    profilePanel(app, user),
    addressPanel(app, user),
    passwordPanel(app, user),
    factorsPanel(app, user),
    hasPasskeys ? passkeysPanel(app, user) : undefined,
    methodsPanel(app),
    sessionsPanel(app),
    activityPanel(app),
    dataPanel(app),
    deletionPanel(app, user),
  ];
  return element(
    "div",
    { class: "account" },
    element("h1", { tabindex: "-1" }, words.heading),
    fault === undefined ? undefined : element("p", { class: "failure", role: "alert" }, fault),
    element("div", { class: "panels" }, ...panels),
  );
}
