import { afterEach, describe, expect, test } from "vitest";
import { formerlyNormalised } from "../../../shared/accounts/email.ts";
import type { UsersTable } from "../../../shared/accounts/tables.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { createTestClock } from "../../support/clock.ts";
import { runTimer } from "../../support/jobs.ts";
import { password } from "../../support/people.ts";
import { issuerSettings, startSocialService } from "../../support/social.ts";
import { startIssuer } from "../../support/providers/issuer.ts";

const stranger = await startIssuer(createTestClock());
const service = await startSocialService(issuerSettings("OIDC_STRANGER", stranger));
const { api, services, clock, exchange } = service;
const db = services.database.queries.withTables<{ users: UsersTable }>();
const hash = await services.passwords.hash(password);

const register = (email: string) => api.post("/auth/register", { body: { email, username: "Zoë", password } });
const login = (email: string) => api.post("/auth/login", { body: { email, password } });
const idAt = async (email: string): Promise<unknown> => (await login(email)).json.data.user?.id;

let made = 0;

const rowOf = async (id: string) => db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

afterEach(async () => {
  await services.accounts.bringUpToDate();
});

describe("15.13 one mailbox is one account", () => {
  test("by either spelling of its domain; it is shown and kept as it was typed", async () => {
    const answer = await register("Zoe@Müller.example");
    expect([answer.status, answer.json.data.user.email]).toEqual([201, "Zoe@Müller.example"]);
    for (const email of ["zoe@xn--mller-kva.example", "ZOE@MÜLLER.EXAMPLE", "zoe@mu\u0308ller.example"]) {
      expect((await register(email)).json.error_code, email).toBe("EMAIL_ALREADY_REGISTERED");
      const signedIn = await login(email);
      expect([signedIn.status, signedIn.json.data.user?.email], email).toEqual([200, "Zoe@Müller.example"]);
    }
    expect((await login("zoe@muller.example")).status).toBe(401);
  });

  test("whichever spelling a provider has", async () => {
    const { json } = await exchange({
      sub: "s1",
      email: "ina@xn--bcher-kva.example",
      email_verified: true,
      name: "Ina",
    });
    expect((await register("ina@bücher.example")).json.error_code).toBe("EMAIL_ALREADY_REGISTERED");
    const registered = await register("kim@bücher.example");
    const linked = await exchange({ sub: "s2", email: "kim@xn--bcher-kva.example", email_verified: true, name: "Kim" });
    expect(linked.json.data.user.id).toBe(registered.json.data.user.id);
    expect(json.data.user.id).not.toBe(linked.json.data.user.id);
  });

  test("a domain without an A-label is refused", async () => {
    for (const email of ["a@xn--a.example", "a@0x7f.1", "a@1.22", "a@ex\u200Dample.com"])
      expect((await register(email)).json.error_code, email).toBe("VALIDATION_ERROR");
  });
});

describe("15.13 an account of an older release, before it is brought up to date,", () => {
  test("is signed in to by either spelling, and its address is taken by either", async () => {
    const id = await formerAccount("old@straße.example");
    for (const email of ["old@straße.example", "old@xn--strae-oqa.example", "OLD@STRAßE.example"]) {
      expect(await idAt(email), email).toBe(id);
      expect((await register(email)).json.error_code, email).toBe("EMAIL_ALREADY_REGISTERED");
    }
    expect((await login("old@strasse.example")).status).toBe(401);
    await services.accounts.bringUpToDate();
    expect(await idAt("old@xn--strae-oqa.example")).toBe(id);
  });

  test("is found by a provider's word for the address, and proven", async () => {
    const id = await formerAccount("lea@müller.example");
    const person = { sub: "s3", email: "lea@müller.example", email_verified: true, name: "Lea" };
    expect((await exchange(person)).json.data.user).toMatchObject({ id, email_verified: true });
    expect(await rowOf(id)).toMatchObject({ password_hash: null, password_parameters: null });
  });

  test("is not found by an address that the older rules took for the same and that is another", async () => {
    await formerAccount("nik@example.οδος");
    expect(formerlyNormalised("nik@example.ΟΔΟΣ")).toBe("nik@example.οδος");
    expect((await login("nik@example.ΟΔΟΣ")).status).toBe(401);
    expect((await register("nik@example.ΟΔΟΣ")).status).toBe(201);
  });
});

describe("15.13 bringing accounts up to date", () => {
  test("gives each the form of today, in batches, and a second time finds nothing", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 7; count += 1) ids.push(await formerAccount(`p${count}@bücher.example`));
    expect(await services.accounts.bringUpToDate({ isDryRun: true })).toMatchObject({ updated: 7 });
    expect((await rowOf(ids[0] ?? "")).email_normalised).toBe("p0@bücher.example");
    const [report, twin] = await Promise.all([
      services.accounts.bringUpToDate({ batchSize: 2 }),
      services.accounts.bringUpToDate({ batchSize: 3 }),
    ]);
    expect([report.collisions, twin.collisions]).toEqual([[], []]);
    for (const [count, id] of ids.entries())
      expect(await rowOf(id)).toMatchObject({
        email: `p${count}@bücher.example`,
        email_normalised: `p${count}@xn--bcher-kva.example`,
        email_form: 1,
        password_parameters: "$argon2id$v=19$m=64,t=1,p=1",
      });
    expect(await services.accounts.bringUpToDate()).toEqual({
      updated: 0,
      collisions: [],
      unreachable: [],
      isComplete: true,
    });
  });

  test("stops when its time is up, and goes on from there", async () => {
    for (let count = 0; count < 5; count += 1) await formerAccount(`q${count}@bücher.example`);
    const part = await services.accounts.bringUpToDate({ batchSize: 2, milliseconds: -1 });
    expect(part).toMatchObject({ updated: 2, isComplete: false });
    expect(await services.accounts.bringUpToDate({ batchSize: 2 })).toMatchObject({ updated: 3, isComplete: true });
  });

  test("merges nothing: of two with one mailbox the ids are told, and each owner goes on signing in", async () => {
    const ascii = (await register("two@xn--mller-kva.example")).json.data.user.id as string;
    const former = await formerAccount("two@müller.example");
    const collision = { accountId: former, otherId: ascii };
    for (const isDryRun of [true, false, false])
      expect(await services.accounts.bringUpToDate({ isDryRun })).toMatchObject({
        updated: 0,
        collisions: [collision],
      });
    expect([await idAt("two@müller.example"), await idAt("two@xn--mller-kva.example")]).toEqual([former, ascii]);
    expect((await register("two@müller.example")).json.error_code).toBe("EMAIL_ALREADY_REGISTERED");
    const lines = await runTimer("purge-expired");
    expect(lines).toContainEqual(
      expect.objectContaining({ event: "account.address_collision", account_id: former, other_account_id: ascii }),
    );
    expect(JSON.stringify(lines)).not.toContain("ller");

    // Once the operator has given the one another address, the other gets the form of today.
    const other = { email: "two@example.com", email_normalised: "two@example.com" };
    await db.updateTable("users").set(other).where("id", "=", ascii).execute();
    expect(await runTimer("purge-expired")).toContainEqual(expect.objectContaining({ accounts_updated: 1 }));
    expect(await idAt("two@xn--mller-kva.example")).toBe(former);
  });

  test("tells which addresses no mail can be sent to", async () => {
    const id = await formerAccount("x@xn--a.example");
    expect(await services.accounts.bringUpToDate()).toMatchObject({ updated: 1, unreachable: [id] });
  });

  test("leaves alone what somebody has changed meanwhile", async () => {
    const id = await formerAccount("race@müller.example", { password_parameters: "$argon2id$v=19$m=128,t=1,p=1" });
    await services.accounts.bringUpToDate();
    expect((await rowOf(id)).password_parameters).toBe("$argon2id$v=19$m=128,t=1,p=1");
  });
});

/** An account as an older release leaves it: the domain in its form as typed, nothing noted beside the hash. */
async function formerAccount(email: string, columns: Partial<UsersTable> = {}): Promise<string> {
  made += 1;
  const now = addSeconds(clock.now(), made);
  const id = newId(now);
  await services.accounts.create(
    { id, email: `${id}@example.com`, username: "Zoë", locale: "en", passwordHash: hash },
    now,
  );
  const former = { email, email_normalised: email.toLowerCase(), email_form: null, password_parameters: null };
  await db
    .updateTable("users")
    .set({ ...former, ...columns })
    .where("id", "=", id)
    .execute();
  return id;
}
