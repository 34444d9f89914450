// No build step of its own: `npm run dev` serves this folder, and the client beside it as one module.
import { createClient } from "./latchkey.js";

const find = (selector) => document.querySelector(selector);
// Beside the service these get the access token: the APIs of your own.
const apiOrigins = [location.origin];
const client = createClient({ baseUrl: find("meta[name=latchkey]").content, apiOrigins });

/** Shows the profile to whoever is signed in, and the form to everybody else. */
function show() {
  find("#sign-in").hidden = client.user !== undefined;
  find("#profile").hidden = client.user === undefined;
  find("#who").textContent = client.user?.email ?? client.user?.username ?? "";
}

/** Does something, and says what came of it. */
function attempt(work) {
  const say = (text = "") => {
    find("#said").textContent = text;
  };
  return work().then(say, (error) => say(error.message));
}

find("#sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const { email, password } = Object.fromEntries(new FormData(event.currentTarget));
  void attempt(async () => void (await client.login({ email, password })));
});
find("#log-out").addEventListener("click", () => attempt(async () => void (await client.logout())));
find("#ask").addEventListener("click", () =>
  attempt(async () => {
    const response = await client.fetch(new URL("/auth/me", find("meta[name=latchkey]").content));
    return `The API answers ${response.status}.`;
  }),
);

client.onChange(show);
await attempt(async () => void (await client.refresh()));
show();
