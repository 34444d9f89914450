import { createClient } from "../../client/src/index.ts";
import { element } from "./element.ts";
import { recordExchanges } from "./exchanges.ts";
import { sectionForm, type Tell } from "./form.ts";
import { showProviders } from "./providers.ts";
import { sections } from "./steps.ts";
import { tabsPanel } from "./tabs-panel.ts";
import { tokenPanel } from "./token-panel.ts";

const status = document.querySelector("#status");
const tell: Tell = (text, isFailure = false) => {
  if (!status) return;
  status.textContent = text;
  status.classList.toggle("failure", isFailure);
};

const { exchanges, recordingFetch } = recordExchanges();
// The service is where this page is, whatever name it was called by.
const client = createClient({ baseUrl: new URL(".", location.href).href, fetch: recordingFetch });

const forms = sections.map((section) => {
  const { form, below } = sectionForm(section, client, tell);
  if (section.hasProviders) showProviders(client, below).catch((error: unknown) => tell(String(error), true));
  return form;
});
const column = (...panels: readonly HTMLElement[]) => element("div", { class: "column" }, ...panels);
document.querySelector("main")?.append(column(...forms, tabsPanel(client)), column(tokenPanel(client), exchanges));

const error = new URL(location.href).searchParams.get("error");
if (error !== null) {
  tell(`The social sign-in ended with ${error}: docs/errors.md says what to do.`, true);
  history.replaceState(history.state, "", location.pathname);
}
const user = await client.refresh().catch((failure: unknown) => tell(String(failure), true));
if (error === null && user) tell(`Logged in as ${user.username}.`);
