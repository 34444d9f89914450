import { accountOf, withProof } from "../../client/src/account.ts";
import { createClient } from "../../client/src/index.ts";
import { secondFactorAtOpening } from "../../client/src/mfa.ts";
import { element } from "../shell/element.ts";
import { recordExchanges } from "./exchanges.ts";
import { describe, isBusy, sectionForm, type Tell } from "./form.ts";
import { proofDialog, type ProofWords } from "../shell/proof-dialog.ts";
import { showProviders } from "./providers.ts";
import { noteDue } from "./second-factor-steps.ts";
import { sections } from "./steps.ts";
import { tabsPanel } from "./tabs-panel.ts";
import { tokenPanel } from "./token-panel.ts";
import { forgetLeaving, isSomebodyElse } from "../shell/trip.ts";

const status = document.querySelector("#status");
const tell: Tell = (text, isFailure = false) => {
  if (!status) return;
  status.textContent = text;
  status.classList.toggle("failure", isFailure);
};

const proofWords: ProofWords = {
  title: "Is it still you?",
  reason: (who) => `You logged in as ${who} a while ago. Confirm that it is still you to make this change.`,
  password: "Your password",
  showPassword: "Show password",
  confirm: "Confirm",
  cancel: "Cancel",
  appCode: "Code of your app",
  recoveryCode: "A recovery code",
  useApp: "Use my app",
  useRecovery: "Use a recovery code",
  usePasskey: "Use a passkey",
  notShown: "No passkey was used.",
  with: (provider) => `Sign in again with ${provider}`,
  // The service's own message mentions the address, but only the password was asked for.
  fault: ({ code, message }) => (code === "INVALID_CREDENTIALS" ? "The password is wrong." : `${message}.`),
};

const { exchanges, recordingFetch } = recordExchanges();
// The service is where this page came from, under whatever name.
const client = createClient({ baseUrl: new URL(".", location.href).href, fetch: recordingFetch });
const reauthenticate = proofDialog(client, () => proofWords);
const tools = { client, account: accountOf(client, { reauthenticate }), holder: withProof(client, reauthenticate) };

const forms = sections.map((section) => {
  const { form, below } = sectionForm(section, tools, tell);
  if (section.hasProviders) showProviders(client, below).catch((error: unknown) => tell(describe(error), true));
  return form;
});
const column = (...panels: readonly HTMLElement[]) => element("div", { class: "column" }, ...panels);
document.querySelector("main")?.append(column(...forms, tabsPanel(client)), column(tokenPanel(client), exchanges));

const error = new URL(location.href).searchParams.get("error");
const due = secondFactorAtOpening();
history.replaceState(history.state, "", location.pathname);
try {
  const user = await client.refresh();
  const isAnother = isSomebodyElse(user);
  if (error !== null) tell(`The sign-in at the provider failed with ${error}; see docs/errors.md.`, true);
  else if (due) tell(noteDue(due));
  else if (isAnother)
    tell(`A different person came back from the provider: ${user?.email ?? user?.username} is now logged in.`, true);
  else tell(user ? `Logged in as ${user.username}.` : "Nobody is logged in. Register or log in.");
} catch (failure) {
  tell(describe(failure), true);
}

// From now on: changes made by another tab or in the background.
client.onChange((session) => {
  forgetLeaving();
  if (isBusy()) return;
  tell(session ? `Logged in as ${session.user.username}.` : "Logged out in another tab, or the session has ended.");
});
