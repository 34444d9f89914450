import { expect, test } from "vitest";
import { readRecords } from "../../support/audit-chains.ts";
import { runTimer } from "../../support/jobs.ts";
import { startService } from "../../support/service.ts";

const { api, services, clock } = await startService({ ALGORITHM: "ES256" });

test("the nightly timer publishes the next key when the current one is 30 days old, says so in one line, and records it", async () => {
  await services.tokens.keys.ensureCanSign(clock.now());
  const told = { event: "job.finished", function: "rotate-signing-keys", removed: 0 };
  expect(await runTimer("rotate-signing-keys")).toEqual([expect.objectContaining(told)]);
  clock.advance(30 * 86_400);
  const [event, line] = await runTimer("rotate-signing-keys");
  expect(event).toMatchObject({
    event: "audit",
    type: "key.published",
    reason: expect.stringMatching(/^key [\w-]{16}$/),
  });
  const [record, ...others] = await readRecords(services.database.queries);
  expect(others).toEqual([]);
  expect(record).toMatchObject({ type: "key.published", actor: "system", reason: event?.["reason"] });
  expect(line).toMatchObject({ ...told, published: expect.any(String), signs_from: "2026-02-14T13:06:00.000Z" });
  const { keys } = (await api.get("/.well-known/jwks.json")).json;
  expect(keys.map(({ kid }: { kid: string }) => kid.slice(0, 8))).toContain(line?.["published"]);
});
