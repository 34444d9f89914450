import type { AuditEvent } from "../../shared/audit/audit.ts";
import { timer } from "../../shared/jobs/timer.ts";

/**
 * Every night: publishes the next signing key when the current one is due, and removes keys that nobody needs any more.
 */
timer({
  name: "rotate-signing-keys",
  schedule: "0 0 3 * * *",
  async run({ context }) {
    const { services, now } = context;
    if (!services.tokens.rotation) return { skipped: "HS256 has no keys of its own" };
    const { published, removed } = await services.tokens.rotation.maintain(now);
    // A key may be in a vault, which no transaction of the database covers: the events follow.
    const events: AuditEvent[] = [];
    if (published?.isNew)
      events.push({ type: "key.published", actor: { kind: "system" }, reason: `key ${published.kid.slice(0, 16)}` });
    if (removed > 0) events.push({ type: "key.removed", count: removed });
    if (events.length > 0)
      await services.transaction(context, (tx) => tx.audit.append(...events), { isRepeatable: true });
    return { published: published?.kid.slice(0, 8), signs_from: published?.signsFrom, removed };
  },
});
