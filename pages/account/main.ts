import { accountOf, withProof } from "../../client/src/account.ts";
import { createClient, type User } from "../../client/src/index.ts";
import { secondFactorAtOpening } from "../../client/src/mfa.ts";
import { button, element, focusHeading, newId } from "../shell/element.ts";
import { createLanguage, fill, locales, type Locale } from "../shell/language.ts";
import { proofDialog } from "../shell/proof-dialog.ts";
import { pageSetting } from "../shell/settings.ts";
import { forgetLeaving, isSomebodyElse } from "../shell/trip.ts";
import { accountView } from "./account-view.ts";
import type { App, View } from "./app.ts";
import { enrolmentView } from "./enrolment.ts";
import { explain, explainReturn } from "./explain.ts";
import { languages } from "./languages/all.ts";
import { stopSuggesting } from "./passkey-sign-in.ts";
import { secondStepView, viewOfDue } from "./second-step.ts";
import { awayView, deletedView, forgotView, pendingView, registerView, signInView, verifyView } from "./signed-out.ts";

const language = createLanguage();

/** Has the service write in the language of the page, whatever the browser's is. */
function fetchInLanguage(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  request.headers.set("Accept-Language", language.locale);
  return fetch(request);
}

// The service is where this page came from, under whatever name.
const client = createClient({ baseUrl: new URL(".", location.href).href, fetch: fetchInLanguage });
const root = document.querySelector("#page") ?? document.body;
const who = element("span", { class: "who" });
let view: View = { name: "loading" };

const proofWords = () => {
  const { words } = app;
  const { password, showPassword, cancel, appCode, recoveryCode } = words;
  return {
    ...words.proof,
    password,
    showPassword,
    cancel,
    appCode,
    recoveryCode,
    useApp: words.secondStep.instead.totp,
    useRecovery: words.secondStep.instead.recovery,
    usePasskey: words.secondStep.usePasskey,
    notShown: words.passkeys.notShown,
    reason: (person: string) => fill(words.proof.reason, { who: person }),
    with: (provider: string) => fill(words.proof.with, { provider }),
    fault: (error: unknown) => explain(app, error, { INVALID_CREDENTIALS: words.faults.wrongPassword }),
  };
};

const reauthenticate = proofDialog(client, proofWords);

const app: App = {
  client,
  account: accountOf(client, { reauthenticate }),
  holder: withProof(client, reauthenticate),
  get locale() {
    return language.locale;
  },
  get words() {
    return languages[language.locale];
  },
  show(next) {
    view = next;
    render();
    focusHeading(root);
    scrollTo(0, 0);
  },
  render,
};

function viewElement(): HTMLElement {
  switch (view.name) {
    case "loading":
      return element("p", { class: "card" }, app.words.loading);
    case "away":
      return awayView(app, view);
    case "register":
      return registerView(app);
    case "verify":
      return verifyView(app, view);
    case "forgot":
      return forgotView(app, view);
    case "pending":
      return pendingView(app, view);
    case "deleted":
      return deletedView(app, view);
    case "enrolment":
      return enrolmentView(app, view);
    case "second-step":
      return secondStepView(app, view);
    case "account":
      return client.user ? accountView(app, client.user, view.fault) : signInView(app, { name: "sign-in" });
    default:
      return signInView(app, view);
  }
}

function render(): void {
  stopSuggesting();
  const { words, locale } = app;
  document.documentElement.lang = locale;
  const isSignedIn = view.name === "account";
  root.replaceChildren(
    element(
      "header",
      {},
      element("p", { class: "product" }, productName),
      isSignedIn ? who : undefined,
      isSignedIn ? button(words.signOut, signOut) : undefined,
      languageChoice(locale),
    ),
    element("main", {}, viewElement()),
  );
  document.title = [root.querySelector("h1")?.textContent ?? words.heading, productName].filter(Boolean).join(" · ");
}

const productName = pageSetting("product-name");

function languageChoice(current: Locale): HTMLElement {
  const id = newId("language");
  const select = element(
    "select",
    { id },
    ...locales.map((locale) => element("option", { value: locale, lang: locale }, languages[locale].itself)),
  );
  select.value = current;
  select.addEventListener("change", () => {
    const typed = new Map(inputs().map((input) => [input.name, input.value]));
    language.choose(locales.find((locale) => locale === select.value) ?? current);
    render();
    for (const input of inputs()) if (input.type !== "checkbox") input.value = typed.get(input.name) ?? input.value;
    root.querySelector<HTMLElement>("header select")?.focus();
  });
  return element(
    "div",
    { class: "language" },
    element("label", { for: id, class: "heard" }, app.words.language),
    select,
  );
}

/** What people type is kept when the language changes. */
const inputs = () => [...root.querySelectorAll<HTMLInputElement>("main form input[name]")];

function signOut(): void {
  client
    .logout()
    .then(() => app.show({ name: "sign-in", said: app.words.signIn.signedOut }))
    .catch((error: unknown) => app.show({ name: "account", fault: explain(app, error) }));
}

/** The view that an address of this page names; people go there by links, and back. */
function viewOfHash(): View {
  const name = location.hash.slice(1);
  return name === "register" || name === "forgot" ? { name } : { name: "sign-in" };
}

addEventListener("hashchange", () => {
  if (view.name !== "account" && view.name !== "loading") app.show(viewOfHash());
});

let person: User | undefined;

/** Follows who is signed in, in this tab or another. A new token alone changes nothing on the page. */
client.onChange((session) => {
  const before = person;
  person = session?.user;
  who.textContent = person ? (person.email ?? person.username) : "";
  const spoken = language.locale;
  language.follow(person?.locale);
  if (person?.id === before?.id) {
    if (language.locale !== spoken) app.show(view);
    return;
  }
  forgetLeaving();
  if (person) app.show({ name: "account" });
  else if (view.name === "account") {
    language.keep();
    app.show({ name: "sign-in", said: app.words.signIn.signedOut });
  }
});

/** Finds out who is signed in, and says what came of a way to a provider. */
async function open(): Promise<void> {
  const code = new URL(location.href).searchParams.get("error");
  const due = secondFactorAtOpening();
  history.replaceState(history.state, "", location.pathname + location.hash);
  try {
    const user = await client.refresh();
    const isAnother = isSomebodyElse(user);
    language.follow(user?.locale);
    const fault = code === null ? undefined : explainReturn(app, code);
    if (due) view = viewOfDue(due, user);
    else if (!user) view = fault === undefined ? viewOfHash() : { name: "sign-in", fault };
    else if (isAnother) {
      const { methods } = app.words;
      view = { name: "account", fault: fill(methods.otherPerson, { who: user.email ?? user.username }) };
    } else view = { name: "account", ...(fault !== undefined && { fault }) };
  } catch (error) {
    view = { name: "away", error };
  }
  render();
}

render();
await open();
