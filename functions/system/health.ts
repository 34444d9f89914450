import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";

const check = z.object({
  status: z.enum(["up", "down", "not configured"]),
  latency_ms: z.number().optional(),
  reason: z.string().optional(),
});

const mailCheck = z.object({
  status: z.enum(["up", "held back by quota", "retrying", "overdue", "not configured", "unknown"]),
  waiting: z.int().describe("Mails that wait to be sent, counted up to 1000"),
  dead: z.int().describe("Mails that were given up, counted up to 1000"),
  held_back_until: z.iso
    .datetime()
    .nullable()
    .describe("When a mail that is posted now will be sent; null if the provider's quota does not hold it back"),
});

const breachCheck = z.object({
  status: z
    .enum(["up", "down", "not asked yet", "off"])
    .describe("How the last look for a breached password went; while it is down, passwords are let through"),
});

const anchorCheck = z.object({
  status: z
    .enum(["up", "behind", "differs", "not configured", "unknown"])
    .describe("Whether the anchors of the audit log are outside of the database too"),
  last_at: z.iso.datetime().nullable().describe("When the last anchor was made; null if there is none"),
});

export const health = endpoint({
  name: "health",
  method: "GET",
  route: "health",
  summary: "Health check",
  description:
    "Readiness: the state of database, queue, Redis, mail, the look for breached passwords and the anchors of the audit log, and the caller's address as the service sees it.",
  access: "public",
  worksWithoutDatabase: true,
  ...readsWhatIsPublic,
  reply: z.object({
    status: z.enum(["healthy", "degraded"]),
    checks: z.object({
      database: check,
      queue: check,
      redis: check.describe("Where rate limits are counted, if REDIS_URL is set"),
      mail: mailCheck,
      breached_passwords: breachCheck,
      audit_anchors: anchorCheck,
    }),
    client_address: z
      .string()
      .nullable()
      .describe("The address this call came from, as far as trusted proxies tell; null if none does"),
  }),
  errors: ["DATABASE_UNAVAILABLE"],
  async handle({ context: { services, source }, fail }) {
    const checks = await services.checkReadiness();
    if (checks.database.status === "down")
      throw fail("DATABASE_UNAVAILABLE", { retryAfterSeconds: 5, details: { checks } });
    const isDown = [checks.queue.status, checks.redis.status].includes("down");
    const isUnproven = ["behind", "differs"].includes(checks.audit_anchors.status);
    const isDegraded = isDown || checks.mail.status === "overdue" || isUnproven;
    const status = isDegraded ? ("degraded" as const) : ("healthy" as const);
    // Only the caller can tell whether TRUSTED_PROXY_HOPS is right: the number of proxies shows from outside.
    return { data: { status, checks, client_address: source.address ?? null } };
  },
});
