import type { User } from "../../client/src/index.ts";
import {
  addTotp,
  confirmTotp,
  factors,
  makeRecoveryCodes,
  removeTotp,
  renameTotp,
  type Enrolment,
  type Factors,
} from "../../client/src/mfa.ts";
import { button, element, panel, type Child } from "../shell/element.ts";
import { dateTime, fill } from "../shell/language.ts";
import type { App } from "./app.ts";
import { confirmation } from "./enrolment.ts";
import { loaded, type Reload } from "./loaded.ts";
import { askName, isSure } from "./questions.ts";
import { recoveryCodes } from "./recovery-codes.ts";
import { rememberedDevices } from "./remembered-devices.ts";

type Factor = Factors["factors"][number];

/** What the panel works with. */
interface Panel {
  readonly app: App;
  readonly reload: Reload;
  /** Where something goes on that is told once: a secret, or codes. */
  readonly stage: HTMLElement;
}

/** The second factors: authenticator apps, recovery codes, and the devices that need none for a while. */
export function factorsPanel(app: App, user: User): HTMLElement {
  const { words, client } = app;
  const stage = element("div", { class: "stage" });
  return panel(
    words.factors.title,
    loaded(
      app,
      () => factors(client),
      (found, reload) => shown({ app, reload, stage }, found, user),
    ),
    stage,
  );
}

function shown(view: Panel, found: Factors, user: User): readonly Child[] {
  const { words } = view.app;
  const apps = found.factors;
  const isProven = user.email === null || user.email_verified;
  return [
    element("p", {}, apps.length > 0 ? words.factors.on : words.factors.off),
    apps.length > 0
      ? element("ul", { class: "rows" }, ...apps.map((one) => appRow(view, one, apps.length)))
      : undefined,
    isProven
      ? element(
          "div",
          { class: "buttons" },
          button(words.factors.add, () => add(view)),
        )
      : element("p", {}, words.factors.unproven),
    ...(apps.length > 0 ? codesLeft(view, found.recovery_codes_left) : []),
    ...rememberedDevices(view.app, found, view.reload),
  ];
}

function appRow(view: Panel, { id, name: given, created_at: since, last_used_at: usedAt }: Factor, count: number) {
  const { app, reload } = view;
  const { words, locale, holder } = app;
  const name = given ?? words.factors.unnamed;
  async function rename(): Promise<void> {
    const chosen = await askName(app, words.names.title, given ?? "");
    if (chosen === undefined) return;
    reload.act(async () => {
      await renameTotp(holder, id, chosen);
      return words.saved;
    });
  }
  async function remove(): Promise<void> {
    const warning = count === 1 ? words.factors.lastWarning : words.factors.warning;
    if (!(await isSure(app, { title: fill(words.names.removeQuestion, { name }), text: warning }, words.names.remove)))
      return;
    reload.act(async () => {
      await removeTotp(holder, id);
      view.stage.replaceChildren();
      return fill(words.names.removed, { name });
    });
  }
  return element(
    "li",
    {},
    element(
      "div",
      {},
      element("strong", {}, name),
      element(
        "p",
        { class: "hint" },
        usedAt === null
          ? fill(words.names.since, { date: dateTime(locale, since) })
          : fill(words.sessions.lastUsed, { date: dateTime(locale, usedAt) }),
      ),
    ),
    element(
      "span",
      { class: "buttons" },
      button(words.names.rename, () => void rename(), { "aria-label": fill(words.names.renameNamed, { name }) }),
      button(words.names.remove, () => void remove(), { "aria-label": fill(words.names.removeNamed, { name }) }),
    ),
  );
}

/** Begins to add an app. */
function add(view: Panel): void {
  const { app, reload, stage } = view;
  reload.act(async () => {
    const enrolment = await addTotp(app.holder);
    const end = () => stage.replaceChildren();
    putOn(stage, confirmation(app, enrolment, { confirm: (code) => confirm(view, enrolment, code), cancel: end }));
    return "";
  });
}

/** Adds it, and goes on to recovery codes: whoever has an app needs them. */
async function confirm(view: Panel, { id }: Enrolment, code: string): Promise<void> {
  const { app, reload, stage } = view;
  const { recovery_codes_left: left } = await confirmTotp(app.holder, id, code);
  stage.replaceChildren();
  reload.act(async () => {
    if (left === 0) await showNewCodes(view);
    return app.words.factors.added;
  });
}

function codesLeft(view: Panel, count: number): readonly Child[] {
  const { app, reload } = view;
  const { words } = app;
  const make = button(count === 0 ? words.codes.make : words.codes.makeNew, () =>
    reload.act(async () => {
      await showNewCodes(view);
      return "";
    }),
  );
  return [
    element("h3", {}, words.codes.heading),
    element("p", {}, count === 0 ? words.codes.none : fill(words.codes.left, { count })),
    element("div", { class: "buttons" }, make),
  ];
}

async function showNewCodes({ app, stage }: Panel): Promise<void> {
  const codes = await makeRecoveryCodes(app.holder);
  putOn(
    stage,
    recoveryCodes(app, codes, () => stage.replaceChildren()),
  );
}

/** Whoever reads on continues there. */
function putOn(stage: HTMLElement, shownOnce: HTMLElement): void {
  stage.replaceChildren(shownOnce);
  shownOnce.querySelector<HTMLElement>("[tabindex]")?.focus();
}
