import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";

/** Shows that the process answers, and checks nothing else: a restart would not bring back a lost database. */
export const healthLive = endpoint({
  name: "health-live",
  method: "GET",
  route: "health/live",
  summary: "Liveness check",
  description: "Answers 200 even with wrong settings, because a restart would not help.",
  access: "public",
  needsNoSettings: true,
  ...readsWhatIsPublic,
  reply: z.object({ status: z.literal("alive") }),
  async handle() {
    return { data: { status: "alive" as const } };
  },
});
