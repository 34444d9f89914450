import { beforeAll, describe, expect, test } from "vitest";
import { blobName } from "../../../../shared/audit/anchors/outside.ts";
import { anchorRows } from "../../../support/anchors.ts";
import { chainOf, keepRecords } from "../../../support/audit-records.ts";
import { startTestBlobs, type TestBlobs } from "../../../support/blob-service.ts";
import { heard } from "../../../support/heard.ts";
import { createTestServices, type TestServices } from "../../../support/service.ts";

let blobs: TestBlobs;
beforeAll(async () => {
  blobs = await startTestBlobs();
});

async function start(settings: Record<string, string> = {}, given?: TestServices) {
  await blobs.container.deleteIfExists();
  const { services, clock, database } = await createTestServices({ ...blobs.settings, ...settings }, given?.database);
  /** Keeps an event and anchors it. */
  const anchorOne = async () => {
    clock.advance(300);
    await keepRecords(services.database.queries, chainOf(1, { from: clock.now() }));
    return services.anchors.anchor(clock.now());
  };
  const expected = async () =>
    Object.fromEntries((await anchorRows(services)).map(({ number, jws }) => [blobName(number), jws]));
  return { services, clock, database, anchorOne, expected };
}

const put = (name: string, text: string) => blobs.container.getBlockBlobClient(name).upload(text, text.length);

describe("19.3 the container of anchors", () => {
  test("gets each anchor as a blob of its own, named by its number", async () => {
    const { anchorOne, expected } = await start();
    expect(await anchorOne()).toMatchObject({ anchors: 1, written: 1 });
    expect(await anchorOne()).toMatchObject({ anchors: 1, written: 1 });
    expect(Object.keys(await blobs.read())).toEqual(["0000000001.jws", "0000000002.jws"]);
    expect(await blobs.read()).toEqual(await expected());
    const { contentType } = await blobs.container.getBlobClient("0000000001.jws").getProperties();
    expect(contentType).toBe("application/jose");
  });

  test("that was away is caught up, whichever instance comes next; the anchors are made all the same", async () => {
    const { services, clock, database, anchorOne, expected } = await start();
    await anchorOne();
    await blobs.stop();
    for (let count = 0; count < 5; count += 1)
      expect(await anchorOne()).toEqual({ anchors: 1, heads: 1, written: undefined });
    await blobs.start();
    // What the emulator had is lost. Elsewhere the first one would still be there:
    await blobs.container.create();
    const [first] = await anchorRows(services);
    await put("0000000001.jws", first?.jws ?? "");
    expect(await services.anchors.anchor(clock.now())).toMatchObject({ anchors: 0, written: 5 });
    expect(await blobs.read()).toEqual(await expected());
    expect((await services.anchors.check(clock.now())).status).toBe("up");
    const other = await createTestServices(blobs.settings, database);
    expect(await other.services.anchors.anchor(clock.now())).toMatchObject({ written: 0 });
  });

  test("that is new gets all anchors that were made before, by two instances at once", async () => {
    const before = await createTestServices();
    for (let count = 0; count < 70; count += 1) {
      before.clock.advance(300);
      await keepRecords(before.services.database.queries, chainOf(1, { from: before.clock.now() }));
      await before.services.anchors.anchor(before.clock.now());
    }
    const { services, clock, database, expected } = await start({}, before);
    const other = await createTestServices(blobs.settings, database);
    const both = [services, other.services].map((each) => each.anchors.anchor(clock.now()));
    const written = (await Promise.all(both)).map((report) => report.written ?? 0);
    expect(
      written.reduce((sum, count) => sum + count, 0),
      "each of them by one",
    ).toBe(70);
    expect(await blobs.read()).toEqual(await expected());
    expect(Object.keys(await blobs.read())).toHaveLength(70);
  });

  test("keeps a blob that is there as it is; if that is another text, the log and the readiness check tell", async () => {
    const { services, clock, anchorOne, expected } = await start();
    await blobs.container.create();
    await put("0000000002.jws", "somebody's");
    await anchorOne();
    const { told } = await heard("audit.anchor_differs", anchorOne);
    expect(told).toEqual([expect.objectContaining({ level: "error", number: 2, blob: "0000000002.jws" })]);
    expect(await anchorOne()).toMatchObject({ written: 1 });
    expect(await blobs.read()).toEqual({ ...(await expected()), "0000000002.jws": "somebody's" });
    expect((await services.anchors.check(clock.now())).status).toBe("differs");
  });

  test("that has anchors of before the database was restored shows, in whichever instance", async () => {
    const { clock, database, anchorOne } = await start();
    await anchorOne();
    await anchorOne();
    // What was anchored with these numbers before the restore; the same length, so that only a look at it tells.
    const { "0000000002.jws": second = "" } = await blobs.read();
    await blobs.container.deleteBlob("0000000002.jws");
    await put("0000000002.jws", second.replace(/...$/, "AAA"));
    const one = await createTestServices(blobs.settings, database);
    const caughtUp = await heard("audit.anchor_differs", () => one.services.anchors.anchor(clock.now()));
    expect(caughtUp).toMatchObject({ result: { written: 0 }, told: [{ number: 2 }] });
    const other = await createTestServices(blobs.settings, database);
    clock.advance(900);
    const checked = await heard("audit.anchor_differs", () => other.services.anchors.check(clock.now()));
    expect(checked).toMatchObject({ result: { status: "differs" }, told: [{ number: 2 }] });
  });

  test("that is away for a quarter of an hour shows in the readiness check, until it is caught up", async () => {
    const { services, clock, anchorOne } = await start();
    const status = async () => (await services.anchors.check(clock.now())).status;
    expect(await services.anchors.check(clock.now())).toEqual({ status: "up", last_at: null });
    await anchorOne();
    expect(await services.anchors.check(clock.now())).toEqual({ status: "up", last_at: clock.now().toISOString() });
    await blobs.stop();
    await anchorOne();
    clock.advance(899);
    expect(await status()).toBe("up");
    clock.advance(1);
    expect(await status()).toBe("behind");
    await blobs.start();
    expect(await status()).toBe("behind");
    await services.anchors.anchor(clock.now());
    expect(await status()).toBe("up");
  });
});
