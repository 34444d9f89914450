// How long the audit log is kept.
import { beforeEach, describe, expect, test } from "vitest";
import { pruneAuditLog } from "../../../shared/flows/maintenance/prune-audit-log.ts";
import { ApiError } from "../../../shared/platform/errors/api-error.ts";
import { withinInvocation } from "../../../shared/platform/log.ts";
import { anchorsOf } from "../../support/anchors.ts";
import { faultsOf, readRecords } from "../../support/audit-chains.ts";
import { contextOf } from "../../support/context.ts";
import { heard } from "../../support/heard.ts";
import { runTimer } from "../../support/jobs.ts";
import { createTestServices, startService, type TestServices } from "../../support/service.ts";

const day = 86_400;
const generous = { batchSize: 3, milliseconds: 60_000 };
let own: TestServices;

beforeEach(async () => {
  own = await createTestServices({ AUDIT_RETENTION_DAYS: "30" });
});

const silent = { requestId: "r", functionName: "f", write: () => undefined };

/** Events that are as many rows, now. */
async function happen(count: number): Promise<void> {
  const event = (place: number) => ({ type: "sign_in.failed", email: `${place}@example.com` }) as const;
  const events = Array.from({ length: count }, (_, place) => event(place));
  await withinInvocation(silent, () => own.services.audit.record(contextOf(own.services), ...events));
}

const records = () => readRecords(own.services.database.queries);
const typesOfDays = async () => (await records()).map(({ time, type }) => `${time.slice(0, 10)} ${type}`).toSorted();
const prune = (limits = generous) => pruneAuditLog(contextOf(own.services), limits);

describe("19.5 the nightly removal of old events", () => {
  test("takes whole days in UTC, and no event of a later one", async () => {
    await happen(7);
    own.clock.advance(day / 2 - 0.001);
    await happen(1);
    own.clock.advance(0.001);
    await happen(2);
    own.clock.advance(30 * day - 0.001);
    expect(await prune(), "an event is kept for a whole day more than it must be").toEqual({
      events: 0,
      isComplete: true,
    });
    own.clock.advance(0.001);
    expect(await prune()).toEqual({ events: 8, isComplete: true });
    expect(await typesOfDays()).toEqual([
      "2026-01-16 sign_in.failed",
      "2026-01-16 sign_in.failed",
      "2026-02-15 audit.pruned",
    ]);
    expect(faultsOf(await records()), "whole chains went").toEqual([]);
    own.clock.advance(day / 2);
    expect(await prune(), "nothing more to remove, and to record").toEqual({ events: 0, isComplete: true });
    expect(await records()).toHaveLength(3);
  });

  test("records first what it removes; a second night goes on", async () => {
    await happen(7);
    own.clock.advance(31 * day);
    expect(await prune({ batchSize: 3, milliseconds: -1 })).toEqual({ events: 3, isComplete: false });
    const pruned = (await records()).find(({ type }) => type === "audit.pruned");
    expect(pruned).toMatchObject({
      actor: "system",
      subject: null,
      details: JSON.stringify({ before: "2026-01-16T00:00:00.000Z" }),
      personal: "{}",
    });
    expect(await prune()).toEqual({ events: 4, isComplete: true });
    expect(await typesOfDays()).toEqual(["2026-02-15 audit.pruned", "2026-02-15 audit.pruned"]);
  });

  test("says in an anchor first what it removes; without one it removes nothing, and says so", async () => {
    await happen(2);
    own.clock.advance(31 * day);
    const { services } = own;
    const anchorRemoval = async () => {
      throw new ApiError("SIGNING_UNAVAILABLE");
    };
    const away = { ...services, anchors: { ...services.anchors, anchorRemoval } };
    const { result, told } = await heard("audit.not_pruned", () => pruneAuditLog(contextOf(away)));
    expect(result).toEqual({ events: 0, isComplete: false });
    expect(told).toHaveLength(1);
    expect(await records(), "nothing that says it was removed, either").toHaveLength(2);
    let hadThem = 0;
    const order = {
      ...services.anchors,
      async anchorRemoval(...given: Parameters<typeof services.anchors.anchorRemoval>) {
        hadThem = (await records()).length;
        await services.anchors.anchorRemoval(...given);
      },
    };
    expect(await pruneAuditLog(contextOf({ ...services, anchors: order }))).toMatchObject({ events: 2 });
    expect(hadThem).toBe(2);
    expect((await anchorsOf(services)).at(-1)?.pruned).toBe("2026-01-16T00:00:00.000Z");
  });

  test("removes nothing that it could not record", async () => {
    await happen(2);
    own.clock.advance(31 * day);
    const full = async () => {
      throw new Error("no space");
    };
    const services = { ...own.services, transaction: full };
    await expect(pruneAuditLog(contextOf(services))).rejects.toThrow("no space");
    expect(await records()).toHaveLength(2);
  });

  test("of two at once, removes each event once", async () => {
    await happen(9);
    own.clock.advance(31 * day);
    const reports = await Promise.all([prune(), prune()]);
    expect(reports.reduce((sum, { events }) => sum + events, 0)).toBe(9);
    expect(faultsOf(await records())).toEqual([]);
  });

  test("keeps 400 days unless told otherwise, and says in the job's line how many went", async () => {
    const { services, clock } = await startService();
    await services.audit.record(contextOf(services), { type: "sign_in.failed", email: "ada@example.com" });
    clock.advance(400 * day);
    expect((await runTimer("purge-expired")).at(-1)).toMatchObject({ events: 0, is_complete: true });
    clock.advance(day);
    expect((await runTimer("purge-expired")).at(-1)).toMatchObject({ events: 1, is_complete: true });
  });
});
