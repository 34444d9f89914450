import { expect } from "vitest";
import type { AuditEvent } from "../../shared/audit/audit.ts";
import { newId } from "../../shared/platform/crypto/random.ts";
import { withinInvocation } from "../../shared/platform/log.ts";
import { faultsOf, readRecords } from "./audit-chains.ts";
import { contextOf } from "./context.ts";
import { password } from "./people.ts";
import { createTestServices } from "./service.ts";

/** Where the calls of such a log come from. */
export const source = { address: "192.0.2.7", userAgent: 'a "browser" é😂' };

/** Services, somebody with an account there, and what was kept of what happens. */
export async function createLog() {
  const instance = await createTestServices();
  const { services, clock } = instance;
  const { queries } = services.database;
  const accountId = newId(clock.now());
  const passwordHash = await services.passwords.hash(password);
  const email = "ada@example.com";
  await services.accounts.create({ id: accountId, email, username: "Ada", locale: "en", passwordHash }, clock.now());
  const lines: string[] = [];
  const invocation = {
    requestId: "request-1",
    functionName: "f",
    write: (_: string, line: string) => lines.push(line),
  };
  const context = () => contextOf(services, clock.now(), source);
  return {
    ...instance,
    accountId,
    email,
    context,
    auditId: (await services.subjects.auditIdOf(queries, accountId)) ?? "",
    lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    record: (...events: AuditEvent[]) =>
      withinInvocation(invocation, () => services.audit.record(context(), ...events)),
    /** What is in the log, once it is sure that every chain fits. */
    async records() {
      const records = await readRecords(queries);
      expect(faultsOf(records)).toEqual([]);
      return records;
    },
  };
}
