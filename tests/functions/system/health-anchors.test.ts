import { expect, test } from "vitest";
import { chainOf, keepRecords } from "../../support/audit-records.ts";
import { findFreePort } from "../../../tools/free-port.ts";
import { azuriteConnection } from "../../local-host/azurite-connection.ts";
import { startService } from "../../support/service.ts";

// A storage that does not answer.
const connection = azuriteConnection(await findFreePort()).replace("QueueEndpoint", "BlobEndpoint");
const { api, services, clock } = await startService({ AUDIT_ANCHORS_CONNECTION_STRING: connection });

/** What `/health` says of anchors. Its answers are shared for a second, so this waits for another one. */
async function anchorsNow(): Promise<{ status: string; anchors: unknown }> {
  const before = await services.checkReadiness();
  await expect.poll(async () => (await services.checkReadiness()) === before).toBe(false);
  const { data } = (await api.get("/health")).json;
  return { status: data.status, anchors: data.checks.audit_anchors };
}

test("19.3 /health is degraded if anchors have not been kept outside for a quarter of an hour", async () => {
  expect(await anchorsNow()).toMatchObject({ anchors: { status: "up", last_at: null } });
  await keepRecords(services.database.queries, chainOf(1, { from: clock.now() }));
  await services.anchors.anchor(clock.now());
  const last_at = clock.now().toISOString();
  clock.advance(899);
  expect(await anchorsNow()).toEqual({ status: "healthy", anchors: { status: "up", last_at } });
  clock.advance(1);
  expect(await anchorsNow()).toEqual({ status: "degraded", anchors: { status: "behind", last_at } });
});
