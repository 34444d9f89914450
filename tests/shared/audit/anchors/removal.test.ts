// What anchors say about events that were removed, and whom they believe.
import { calculateJwkThumbprint, CompactSign, exportJWK, generateKeyPair } from "jose";
import { describe, expect, test } from "vitest";
import { anchorType, digestOfJws, makeAnchor } from "../../../../shared/audit/anchors/anchor.ts";
import { addSeconds } from "../../../../shared/platform/clock.ts";
import { anchorRows, anchorsOf, unsigned } from "../../../support/anchors.ts";
import { chainOf, keepRecords } from "../../../support/audit-records.ts";
import { heard } from "../../../support/heard.ts";
import { createTestServices } from "../../../support/service.ts";

const day = 86_400;
const before = new Date("2025-12-01T00:00:00.000Z");

async function start() {
  const { services, clock } = await createTestServices();
  const { queries } = services.database;
  const anchorOne = async () => {
    clock.advance(300);
    await keepRecords(queries, chainOf(1, { from: clock.now() }));
    return services.anchors.anchor(clock.now());
  };
  const insert = async (number: number, jws: string) => {
    const db = queries.withTables<{ audit_anchors: { number: number; anchored_at: Date; jws: string } }>();
    await db.insertInto("audit_anchors").values({ number, anchored_at: clock.now(), jws }).execute();
  };
  const last = async () => (await anchorRows(services)).at(-1);
  const told = async () => (await anchorsOf(services)).map(({ pruned }) => pruned);
  return { services, clock, anchorOne, insert, last, told };
}

describe("19.5 the day before which events were removed", () => {
  test("is in an anchor at once, in all later ones, and never goes back", async () => {
    const { services, clock, anchorOne, told } = await start();
    await anchorOne();
    await services.anchors.anchorRemoval(before, clock.now());
    await services.anchors.anchorRemoval(addSeconds(before, -30 * day), clock.now());
    await anchorOne();
    await services.anchors.anchorRemoval(addSeconds(before, day), clock.now());
    const later = "2025-12-02T00:00:00.000Z";
    expect(await told()).toEqual([null, before.toISOString(), before.toISOString(), later]);
    expect((await anchorsOf(services)).map(({ heads }) => heads.length)).toEqual([1, 0, 1, 0]);
  });

  test("is not taken from an anchor by a key that somebody has put into the database", async () => {
    const { services, clock, anchorOne, insert, last, told } = await start();
    await anchorOne();
    await services.anchors.anchorRemoval(before, clock.now());
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const members = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(members);
    const jwk = { ...members, kid, use: "sig", alg: "ES256" };
    const db = services.database.queries.withTables<{ signing_keys: Record<string, unknown> }>();
    const [own] = await db.selectFrom("signing_keys").selectAll().execute();
    const added = { ...own, kid, generation: 7, algorithm: "ES256", public_jwk: JSON.stringify(jwk) };
    await db.insertInto("signing_keys").values(added).execute();
    const forged = makeAnchor([], { last: await last(), now: clock.now(), pruned: "2099-01-01T00:00:00.000Z" });
    const jws = await new CompactSign(Buffer.from(JSON.stringify(forged)))
      .setProtectedHeader({ alg: "ES256", kid, typ: anchorType, jwk })
      .sign(privateKey);
    await insert(3, jws);
    const unknown = await heard("audit.anchor_unknown", anchorOne);
    expect(unknown.told).toEqual([expect.objectContaining({ level: "error", number: 3 })]);
    const made = (await anchorsOf(services)).at(-1);
    expect(made).toMatchObject({ number: 4, previous: digestOfJws(jws), pruned: before.toISOString() });
    expect((await heard("audit.anchor_unknown", anchorOne)).told, "told once").toEqual([]);
    expect((await told()).at(-1)).toBe(before.toISOString());
  });

  test.each([
    ["is kept if that day was due", "2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.000Z"],
    ["is dropped if it was not", "2025-12-01T00:00:00.000Z", null],
  ])("in an anchor whose key is gone %s", async (_what, pruned, expected) => {
    const { services, clock, anchorOne, insert } = await start();
    await insert(1, unsigned(makeAnchor([], { last: undefined, now: clock.now(), pruned })));
    await anchorOne();
    const [, row] = await anchorRows(services);
    const payload = JSON.parse(Buffer.from(row?.jws.split(".")[1] ?? "", "base64url").toString()) as object;
    expect(payload).toMatchObject({ number: 2, pruned: expected });
  });

  test("is carried on by ALGORITHM=HS256, too", async () => {
    const { services, clock } = await createTestServices({ ALGORITHM: "HS256" });
    await services.anchors.anchorRemoval(before, clock.now());
    const jws = (await anchorRows(services))[0]?.jws ?? "";
    expect(await services.tokens.verifyDocument(jws, anchorType)).toBe(true);
    expect(await services.tokens.verifyDocument(jws, "at+jwt")).toBe(false);
    expect(await services.tokens.verifyDocument(`${jws.slice(0, -3)}AAA`, anchorType)).toBe(false);
  });
});
