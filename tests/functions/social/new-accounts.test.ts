import { describe, expect, test } from "vitest";
import { password } from "../../support/people.ts";
import { startSocialService } from "../../support/social.ts";

const service = await startSocialService();
const { api, exchange } = service;
let count = 0;

/** Somebody new at the provider, whose address it proves. */
function newPerson(overrides: object = {}) {
  count += 1;
  const email = `new${count}@example.com`;
  return { sub: `new${count}`, email, email_verified: true, name: `Name ${count}`, ...overrides };
}

describe("a new account", () => {
  test.each([
    ["the name", { name: " Ada Lovelace " }, "Ada Lovelace"],
    ["the local part where there is no name", { name: undefined, email: "ada.l@example.com" }, "ada.l"],
    [
      "the short name where there is no address",
      { name: undefined, email: undefined, preferred_username: "ada" },
      "ada",
    ],
    ["its provider where there is nothing", { name: undefined, email: undefined }, "Acme user"],
    ["its provider where the name cannot be shown", { name: "\u202Eevil", email: undefined }, "Acme user"],
    ["the first hundred characters of a name", { name: "😀".repeat(120) }, "😀".repeat(100)],
  ])("is called by %s", async (_what, overrides, username) => {
    expect((await exchange(newPerson(overrides))).json.data.user).toMatchObject({ username, provider: "acme" });
  });

  test.each([
    "javascript:alert(1)",
    "http://img.example/1.png",
    "not a URL",
    `https://img.example/${"x".repeat(2000)}`,
    7,
  ])("a picture that no page should show is left out: %s", async (picture) => {
    expect((await exchange(newPerson({ picture }))).json.data.user.picture).toBeNull();
  });

  test.each([undefined, "", "no address", "a@b", "a@example.com\u0000", 7])(
    "without a usable address (%j) has none",
    async (email) => {
      const { user } = (await exchange(newPerson({ email }))).json.data;
      expect(user).toMatchObject({ email: null, email_verified: false });
    },
  );

  test("an address that the provider does not prove is kept as unproven", async () => {
    const { user } = (await exchange(newPerson({ email_verified: false }))).json.data;
    expect(user).toMatchObject({ email: `new${count}@example.com`, email_verified: false, provider: "acme" });
  });

  test("cannot be signed in to by a password", async () => {
    const person = newPerson();
    await exchange(person);
    for (const tried of [password, "", "null"])
      expect((await api.post("/auth/login", { body: { email: person.email, password: tried } })).status).toBe(401);
  });

  test("30 parallel sign-ins of somebody new make one account", async () => {
    const person = newPerson();
    const answers = await Promise.all(Array.from({ length: 30 }, () => exchange(person)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ json }) => json.data.user.id)).size).toBe(1);
  });
});
