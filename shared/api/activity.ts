import * as z from "zod";
import type { ActivityEvent, ActivityPage } from "../audit/activity.ts";
import type { CallContext } from "../context.ts";
import { describeUserAgent } from "../devices/user-agent.ts";
import { invalidField } from "../platform/errors/api-error.ts";
import { isGuid } from "../platform/settings/types.ts";

const mostEvents = 100;
const limitRule = `must be a whole number from 1 to ${mostEvents}`;
const afterRule = "must be the `next` of a page";

export const activityQuery = z.strictObject({
  after: z.string({ error: afterRule }).refine(isGuid, afterRule).optional().describe("The `next` of the page before"),
  limit: z
    .string({ error: limitRule })
    .regex(/^[1-9]\d{0,2}$/, limitRule)
    .transform(Number)
    .refine((limit) => limit <= mostEvents, limitRule)
    .optional()
    .describe(`How many events to list, up to ${mostEvents}; 20 unless given`),
});

export const activityPage = z.object({
  events: z.array(
    z.object({
      id: z.string(),
      type: z.string().describe("What happened, as in the audit log: `sign_in.succeeded`, for example"),
      outcome: z.enum(["success", "failure"]),
      address: z.string().nullable().describe("The network address it came from; null if unknown"),
      device: z.string().nullable().describe("Browser and system it came from, as far as known; null if unknown"),
      created_at: z.string(),
    }),
  ),
  next: z.string().nullable().describe("What to send as `after` for the next page; null on the last one"),
});

/** A page of an account's events. @throws ApiError VALIDATION_ERROR, DATABASE_UNAVAILABLE */
export async function readActivity(
  { services }: CallContext,
  accountId: string,
  { after, limit = 20 }: z.output<typeof activityQuery>,
): Promise<z.input<typeof activityPage>> {
  const page: ActivityPage = { after, limit: limit + 1 };
  const found = await services.activity.page(accountId, page);
  if (!found) throw invalidField("after", afterRule);
  const shown = found.slice(0, limit);
  return { events: shown.map(toEvent), next: found.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

function toEvent({ id, type, outcome, address, user_agent: userAgent, created_at: at }: ActivityEvent) {
  return { id, type, outcome, address, device: describeUserAgent(userAgent).label, created_at: at.toISOString() };
}
