import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { anchorType } from "../../../shared/audit/anchors/anchor.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { signerWith, toPublicJwk } from "../../../shared/tokens/keys/key-material.ts";
import {
  addAnchor,
  chain,
  change,
  exported,
  findingsIn,
  keep,
  now,
  run,
  start,
  tablesOf,
} from "../../support/audit-command.ts";
import { chainOf, type GivenRecord } from "../../support/audit-records.ts";
import { useCommandSettings, withServices } from "../../support/command-settings.ts";
import { temporaryFolder } from "../../support/folder.ts";

useCommandSettings();

beforeEach(async () => {
  await keep(chain(3));
  await run("anchor");
});

/** What verify finds in the database. */
const found = async (later = 0) => findingsIn((await run("verify", { later })).lines);

describe("19.4 an attack on the log is found", () => {
  test("an event audit.pruned excuses no removal", async () => {
    await change((db) => db.deleteFrom("audit_events").execute());
    await keep(prunedBefore("2026-11-30", new Date("2031-01-01T00:00:00.000Z")));
    await keep(prunedBefore("2026-10-01", now));
    const findings = (await found()).join("\n");
    expect(findings).toContain("all 3 of its events that anchor 1 has are missing");
    expect(findings).toMatch(/INSERTED .*2031-01-01T00:00:00.000Z: its time is yet to come/);
  });

  test("an anchor that says so does, if its events were old enough", async () => {
    const later = 40 * day;
    await change((db) => db.deleteFrom("audit_events").execute());
    expect(await found(later)).toHaveLength(1);
    await addAnchor(addSeconds(now, later), "2026-11-30T00:00:00.000Z");
    const { isGood, lines } = await run("verify", { later });
    expect(isGood, lines.join("\n")).toBe(true);
    expect(lines.join("\n")).toContain("Pruned before 2026-11-30, of 1 chain with 3 events the heads are known");
    const files = await exported(later);
    const between = await run("verify", "--export", files.events, "--anchors", files.anchors, { later });
    expect(findingsIn(between.lines)).toEqual([]);
    await addAnchor(addSeconds(now, later + 1), null);
    expect((await found(later + 1)).join()).toContain("says that less was removed as old");
    await addAnchor(addSeconds(now, later + 2), "2026-12-30T00:00:00.000Z");
    expect((await found(later + 2)).join()).toContain("removed as old that were not 30 days old");
  });

  test("a key that somebody added to the database is not known", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const jwk = await toPublicJwk(await exportJWK(publicKey), "ES256");
    const { sign } = signerWith({ kid: jwk.kid, algorithm: "ES256", key: privateKey });
    const row = { kid: jwk.kid, generation: 9, algorithm: "ES256", created_at: start, signs_from: start };
    const parts = { public_jwk: JSON.stringify(jwk), sealed_private_key: randomBytes(80) };
    await change((db) =>
      db
        .insertInto("signing_keys")
        .values({ ...row, ...parts })
        .execute(),
    );
    await addAnchor(now, null, (claims) => sign({ typ: anchorType, jwk }, claims));
    const { lines } = await run("verify");
    expect(findingsIn(lines).join()).toContain(`thumbprint ${jwk.kid}, which is not among the known ones`);
    expect(lines.join("\n")).toContain("(not among the known keys: compare the thumbprint)");
  });

  test("a public key that somebody put in the place of the service's own changes nothing", async () => {
    const { publicKey } = await generateKeyPair("ES256");
    const forged = await toPublicJwk(await exportJWK(publicKey), "ES256");
    await change((db) =>
      db
        .updateTable("signing_keys")
        .set({ public_jwk: JSON.stringify(forged) })
        .execute(),
    );
    const { lines } = await run("verify");
    expect(findingsIn(lines)).toEqual([]);
    expect(lines.join("\n")).toMatch(/Signed up to 1 with the key of thumbprint ([\w-]{43}), kid \1 \(known\)/);
  });

  test("an anchor of a time that is wrong is told, and judges no event", async () => {
    await keep(chain(1, addSeconds(now, -60)));
    await run("anchor", { later: 12 * 3600 });
    await keep(chain(1, addSeconds(now, 60)));
    const findings = await found(120);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain("is of 2026-11-30T01:00:00.000Z, which is yet to come");
    await run("anchor", { later: 180 });
    const [, back, ...more] = await found(200);
    expect(back).toContain("which is earlier than the anchor before it");
    expect(more).toEqual([]);
  });

  test.each([
    [{ anchored_at: new Date("2099-01-01T00:00:00.000Z") }, "its row has another time"],
    [{ number: 2 }, "says that its number is 1"],
    [{ jws: Buffer.from("\u001b[2J") }, "is not a compact JWS"],
  ])("an anchor's row with %j is told", async (values, text) => {
    await change((db) => db.updateTable("audit_anchors").set(values).execute());
    expect((await found()).join()).toContain(text);
  });

  test("nothing that somebody wrote moves the cursor", async () => {
    await change((db) => db.updateTable("audit_events").set({ created_at: "0\u001b[2J" }).execute());
    const folder = path.join(temporaryFolder(), "kept");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "\u001b[2J.jws"), "x");
    const { isGood, lines } = await run("verify", "--anchors", folder);
    expect(isGood).toBe(false);
    expect(lines.join("\n")).toContain(String.raw`\u{1b}[2J.jws is not a compact JWS`);
    expect(lines.join("\n")).not.toContain("\u001b");
  });
});

const prunedBefore = (before: string, at: Date) =>
  chainOf([{ type: "audit.pruned", actor: "system", details: `{"before":"${before}T00:00:00.000Z"}` }], {
    chain: newId(at),
    from: at,
  });

describe("19.4 only what was erased may lack its personal part", () => {
  const [auditId, account] = [randomUUID(), randomUUID()];
  const late = addSeconds(now, -60);
  const wipe = (type = "sign_in.succeeded") =>
    change((db) =>
      db.updateTable("audit_events").set({ personal: null, personal_salt: null }).where("type", "=", type).execute(),
    );
  const add = (...given: readonly GivenRecord[]) => keep(chainOf(given, { chain: newId(late), from: late }));
  const erased = { type: "account.erased", actor: "system", subject: auditId } as const;

  const addUser = () =>
    withServices(async (services) => {
      const given = { id: account, email: "ada@example.com", username: "Ada", locale: "en", passwordHash: "x" };
      await services.accounts.create(given, start);
      await tablesOf(services).updateTable("users").set({ audit_id: auditId }).execute();
    });

  test("in the database: an event tells of the erasure, and the account is gone", async () => {
    await add({ type: "password.changed", subject: auditId });
    await wipe("password.changed");
    expect((await found()).join()).toContain("the log tells of no erasure of its account");
    await add(erased);
    expect((await found()).filter((line) => line.startsWith("REMOVED"))).toEqual([]);
    await addUser();
    expect((await found()).join()).toContain("although its account is there");
  });

  test("in an export: an event tells of the erasure", async () => {
    await add({ type: "password.changed", subject: auditId });
    await wipe("password.changed");
    const verified = async () => {
      const { events } = await exported();
      return findingsIn((await run("verify", "--export", events)).lines);
    };
    expect((await verified()).join()).toContain("the log tells of no erasure of its account");
    const part = path.join(temporaryFolder(), "part.jsonl");
    await run("export", "--to", "2026-11-30", "--out", part);
    expect((await run("verify", "--export", part)).lines.at(-1)).toContain(
      "of 1 it is not known whether their personal part was erased",
    );
    await add(erased);
    expect(await verified()).toEqual([]);
  });

  test("an event about nobody may lack it after 30 days", async () => {
    await add({ type: "registration.requested", actor: "anonymous" });
    await run("anchor", { later: 60 });
    await wipe("registration.requested");
    expect((await found()).join()).toContain("although it is about no account");
    expect((await found(31 * day)).join()).toBe("");
  });

  test("an audit id that was given to another account is told", async () => {
    const personal = JSON.stringify({ account });
    await add({ type: "account.registered", subject: auditId, personal });
    await run("anchor", { later: 60 });
    await addUser();
    expect(await found(60)).toEqual([]);
    await addUser2(randomUUID());
    const [finding] = await found(60);
    expect(finding).toContain(`CHANGED  account ${account} has the audit id`);
  });

  const addUser2 = (other: string) => change((db) => db.updateTable("users").set({ audit_id: other }).execute());
});

const day = 24 * 60 * 60;
