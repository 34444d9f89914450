import { beforeEach, describe, expect, test } from "vitest";
import { latestMail, postedMails } from "../../support/mails.ts";
import { meStatus, newDevice, password, registerPerson, signIn, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, services } = await startService();

const change = ({ accessToken: bearer, cookie }: Device, email: string) =>
  api.post("/auth/email/change", { bearer, cookie, body: { email } });
const confirm = (token: string) => api.post("/auth/email/confirm", { body: { token } });
const user = async ({ accessToken: bearer }: Device) => (await api.get("/auth/me", { bearer })).json.data.user;
const linkTo = async (email: string) => (await latestMail(services, "confirm_email", email)).data.token;

let count = 0;
const freshAddress = () => `new${(count += 1)}@example.com`;

beforeEach(() => clock.advance(3600));

describe("POST /auth/email/change", () => {
  test("mails a link to the new address and tells the old one; the old one stays until the link is confirmed", async () => {
    const device = await newDevice(api);
    const email = freshAddress();
    const answer = await change(device, email);
    expect([answer.status, answer.json.data]).toEqual([202, { confirmation: "sent" }]);
    expect(await user(device)).toMatchObject({ email: device.email });
    const told = await latestMail(services, "email_change_requested", device.email);
    expect(told.data).toEqual({ username: expect.any(String), newEmail: email });
    const token = await linkTo(email);
    const confirmed = await confirm(token);
    expect([confirmed.status, confirmed.json.data]).toEqual([200, { email_changed: true }]);
    expect(await user(device)).toMatchObject({ email, email_verified: true });
    const undo = await latestMail(services, "email_changed", device.email);
    const until = new Date(clock.now().getTime() + 7 * 86_400_000).toISOString();
    expect(undo.data).toMatchObject({ newEmail: email, undoUntil: until, token: expect.stringMatching(/^[\w-]{43}$/) });
    await signIn(api, email);
    expect((await api.post("/auth/login", { body: { email: device.email, password } })).status).toBe(401);
    expect(await meStatus(api, device)).toBe(200);
  });

  test("ASVS 6.3.8: an address that another has is answered alike, and as many mails are posted", async () => {
    const device = await newDevice(api);
    const taken = await registerPerson(api);
    const before = (await postedMails(services)).length;
    const free = await change(device, freshAddress());
    expect(shape(await change(device, taken))).toEqual(shape(free));
    expect(await postedMails(services)).toHaveLength(before + 4);
  });

  test("the owner of such an address is told once an hour if it is proven, and never sent the link", async () => {
    const owner = await newDevice(api);
    await change(owner, `moved-${owner.email}`);
    await confirm(await linkTo(`moved-${owner.email}`));
    const device = await newDevice(api);
    const sent = async () =>
      (await postedMails(services)).filter(({ to }) => to === `moved-${owner.email}`).map(({ template }) => template);
    expect((await change(device, `moved-${owner.email}`)).status).toBe(202);
    expect(await sent()).toEqual(["confirm_email", "already_registered"]);
    await change(device, `MOVED-${owner.email}`);
    expect(await sent()).toEqual(["confirm_email", "already_registered"]);
    clock.advance(3601);
    const later = await signIn(api, device.email);
    await change(later, `moved-${owner.email}`);
    expect(await sent()).toEqual(["confirm_email", "already_registered", "already_registered"]);
  });

  test("a newer request ends the link of the one before", async () => {
    const device = await newDevice(api);
    const [first, second] = [freshAddress(), freshAddress()];
    await change(device, first);
    const dead = await linkTo(first);
    await change(device, second);
    expect((await confirm(dead)).json.error_code).toBe("TOKEN_INVALID_OR_EXPIRED");
    expect((await confirm(await linkTo(second))).status).toBe(200);
  });

  test("the account's own address is refused, but its mailbox may get another spelling", async () => {
    const device = await newDevice(api);
    const same = await change(device, ` ${device.email} `);
    expect([same.status, same.json.details.fields[0].field]).toEqual([422, "email"]);
    const spelling = device.email.toUpperCase();
    expect((await change(device, spelling)).status).toBe(202);
    expect((await confirm(await linkTo(spelling))).status).toBe(200);
    expect(await user(device)).toMatchObject({ email: spelling });
  });

  test.each([
    "",
    "no address",
    "a@b",
    "ada@example.com\r\nBcc: eve@example.com",
    '"quoted"@example.com',
    "<b>@example.com",
    `${"a".repeat(65)}@example.com`,
    `a@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.${"e".repeat(60)}.${"f".repeat(20)}.com`,
    "ada\u200B@example.com",
  ])("refuses %j, and mails nobody", async (email) => {
    const device = await newDevice(api);
    const before = (await postedMails(services)).length;
    const answer = await change(device, email);
    expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, "email"]);
    expect(await postedMails(services)).toHaveLength(before);
  });

  test("an internationalised domain is one mailbox in either spelling; a look-alike is another", async () => {
    const device = await newDevice(api);
    await change(device, "ada@müller.example");
    expect((await confirm(await linkTo("ada@müller.example"))).status).toBe(200);
    expect(await user(device)).toMatchObject({ email: "ada@müller.example" });
    expect((await api.post("/auth/login", { body: { email: "ADA@xn--mller-kva.example", password } })).status).toBe(
      200,
    );
    const other = await newDevice(api);
    await change(other, "ada@xn--mller-kva.example");
    await expect(linkTo("ada@xn--mller-kva.example")).rejects.toThrow("no mail");
    // A Cyrillic a.
    await change(other, "\u0430da@müller.example");
    expect((await confirm(await linkTo("\u0430da@müller.example"))).status).toBe(200);
  });

  test("an address of 254 characters", async () => {
    const device = await newDevice(api);
    const labels = ["b", "c", "d"].map((letter) => letter.repeat(60)).join(".");
    const email = `${"a".repeat(60)}@${labels}.${"e".repeat(6)}.com`;
    expect(email).toHaveLength(254);
    expect((await change(device, email)).status).toBe(202);
    expect((await confirm(await linkTo(email))).status).toBe(200);
    expect(await user(device)).toMatchObject({ email });
  });

  test.each([
    ["no refresh token", 0, { cookie: "" }, "SESSION_PROOF_REQUIRED"],
    ["an old sign-in", 301, {}, "REAUTHENTICATION_REQUIRED"],
  ])("with %s, refuses", async (_what, seconds, lacking, code) => {
    const device = await newDevice(api);
    clock.advance(seconds);
    const answer = await change({ ...device, ...lacking }, freshAddress());
    expect([answer.status, answer.json.error_code]).toEqual([403, code]);
  });
});

type Answer = Awaited<ReturnType<typeof change>>;

function shape({ status, headers, json }: Answer) {
  const { timestamp: _timestamp, ...body } = json as Record<string, unknown>;
  const varying = new Set(["date", "x-request-id"]);
  return { status, body, headers: [...headers].filter(([name]) => !varying.has(name)) };
}

describe("POST /auth/email/confirm", () => {
  test("an address that another has by then: 409, and the link is good again once it is free", async () => {
    const device = await newDevice(api);
    const email = freshAddress();
    await change(device, email);
    const token = await linkTo(email);
    const body = { email, username: "First", password };
    expect((await api.post("/auth/register", { body })).status).toBe(201);
    const { token: proof } = (await latestMail(services, "verify_email", email)).data;
    expect((await api.post("/auth/email/verify", { body: { token: proof } })).status).toBe(200);
    const answer = await confirm(token);
    expect([answer.status, answer.json.error_code]).toEqual([409, "EMAIL_ALREADY_REGISTERED"]);
    expect(await user(device)).toMatchObject({ email: device.email });
    const first = await signIn(api, email);
    const elsewhere = freshAddress();
    await change(first, elsewhere);
    expect((await confirm(await linkTo(elsewhere))).status).toBe(200);
    expect((await confirm(token)).status).toBe(200);
  });

  test("an address that another has without having proven it: its reader gets it, and the squatter loses it", async () => {
    const [device, squatter] = [await newDevice(api), await newDevice(api)];
    expect((await change(device, squatter.email)).status).toBe(202);
    expect((await confirm(await linkTo(squatter.email))).status).toBe(200);
    expect(await user(device)).toMatchObject({ email: squatter.email, email_verified: true });
    expect(await user(squatter)).toMatchObject({ email: null });
  });

  test("an account at another domain keeps its address, though a former form of both is the same", async () => {
    const [device, other] = [await newDevice(api), await newDevice(api)];
    const changed = { email: "ada@ΟΔΟΣ.example", email_normalised: "ada@οδος.example" };
    const db = services.database.queries.withTables<{ users: typeof changed }>();
    await db.updateTable("users").set(changed).where("email", "=", other.email).execute();
    await change(device, "ada@οδος.example");
    expect((await confirm(await linkTo("ada@οδος.example"))).status).toBe(200);
    expect((await user(other)).email).toBe(changed.email);
  });

  test("20 at once: one changes the address, and one mail offers to undo it", async () => {
    const device = await newDevice(api);
    const email = freshAddress();
    await change(device, email);
    const token = await linkTo(email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ json }) => json.error_code === "TOKEN_INVALID_OR_EXPIRED")).toHaveLength(19);
    const undos = (await postedMails(services)).filter(
      ({ template, to }) => template === "email_changed" && to === device.email,
    );
    expect(undos).toHaveLength(1);
  });

  test("two accounts that confirm one address at once: one gets it", async () => {
    const email = freshAddress();
    const devices = [await newDevice(api), await newDevice(api)];
    const tokens: string[] = [];
    for (const device of devices) {
      await change(device, email);
      tokens.push(await linkTo(email));
    }
    const answers = await Promise.all(tokens.map(confirm));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });

  test("ends all other links of the account, and a deactivated account changes nothing", async () => {
    const device = await newDevice(api);
    const email = freshAddress();
    await api.post("/auth/password/forgot", { body: { email: device.email } });
    const reset = (await latestMail(services, "reset_password", device.email)).data.token;
    await change(device, email);
    expect((await confirm(await linkTo(email))).status).toBe(200);
    const body = { token: reset, password: "another pass phrase" };
    expect((await api.post("/auth/password/reset", { body })).json.error_code).toBe("TOKEN_INVALID_OR_EXPIRED");
    await change(device, freshAddress());
    const last = await linkTo(`new${count}@example.com`);
    await api.send("DELETE", "/auth/me", { bearer: device.accessToken, cookie: device.cookie });
    expect((await confirm(last)).json.error_code).toBe("TOKEN_INVALID_OR_EXPIRED");
  });

  test.each(["", "x", "A".repeat(43), "A".repeat(60_000), "\u0000"])("an unknown token: %j", async (token) => {
    const answer = await confirm(token);
    expect([answer.status, answer.json.error_code]).toEqual([400, "TOKEN_INVALID_OR_EXPIRED"]);
  });

  test("used, expired, truncated, and of another purpose: one and the same answer", async () => {
    const device = await newDevice(api);
    const email = freshAddress();
    await change(device, email);
    const token = await linkTo(email);
    await api.post("/auth/password/forgot", { body: { email: device.email } });
    const foreign = (await latestMail(services, "reset_password", device.email)).data.token;
    clock.advance(1800);
    const expired = await confirm(token);
    const again = await signIn(api, device.email);
    await change(again, email);
    const good = await linkTo(email);
    await confirm(good);
    const others = await Promise.all([good, good.slice(1), foreign].map(confirm));
    for (const { status, json } of [expired, ...others])
      expect([status, json.error_code, json.message]).toEqual([400, "TOKEN_INVALID_OR_EXPIRED", expired.json.message]);
  });
});
