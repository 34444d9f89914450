import { policies } from "../../limits/policies.ts";
import type { Counted, Standing } from "../../limits/limiter.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { describeError, log } from "../../platform/log.ts";
import type { AnySpec } from "../endpoint-spec.ts";
import { limitKeys } from "../limit-keys.ts";
import { rateLimitHeaders, secondsUntilReset } from "../rate-limit-headers.ts";
import type { CallAtGate, Gate } from "./gate.ts";

/**
 * Counts a call, and refuses it beyond the limits of its endpoint's policies. It comes after the body, which names the
 * identifier and the client, and before anything that proves who is calling.
 */
export const limits: Gate = {
  name: "limits",
  when: (spec) => spec.limits.length > 0,
  errors: (spec) => ["RATE_LIMITED", ...(needsCounting(spec) ? (["LIMITS_UNAVAILABLE"] as const) : [])],
  refused: "by_itself",
  async pass(call) {
    const { limiter } = call.context.services;
    if (!call.spec.limits.some((policy) => limiter.isOn(policy))) return;
    const { standings, newlyExceeded } = await unlessAway(call, () => limiter.count(limitKeys(call), call.context));
    await recordRefusals(call, newlyExceeded);
    const exceeded = standings.filter(({ isExceeded }) => isExceeded);
    if (exceeded.length > 0) refuse(call, exceeded, standings);
    call.addHeaders(rateLimitHeaders(standings, call.context.now));
  },
};

/** @throws ApiError RATE_LIMITED */
export function refuse(call: CallAtGate, exceeded: readonly Standing[], standings = exceeded): never {
  const { now } = call.context;
  call.addHeaders(rateLimitHeaders(standings, now));
  throw new ApiError("RATE_LIMITED", {
    retryAfterSeconds: Math.max(...exceeded.map((standing) => secondsUntilReset(standing, now))),
    problem: { "violated-policies": exceeded.map(({ policy }) => policy) },
  });
}

const nothingCounted: Counted = { standings: [], newlyExceeded: [] };

/** If attempts cannot be counted, only calls that one may not try without end are refused. */
async function unlessAway({ spec }: CallAtGate, count: () => Promise<Counted>): Promise<Counted> {
  try {
    return await count();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { retryAfterSeconds = 5 } = error.options;
    if (needsCounting(spec)) throw new ApiError("LIMITS_UNAVAILABLE", { cause: error, retryAfterSeconds });
    log("warn", "limits.not_counted", { policies: spec.limits, cause: describeError(error) });
    return nothingCounted;
  }
}

const needsCounting = (spec: AnySpec): boolean =>
  spec.limits.some((policy) => policies[policy].uncounted === "refused");

/** An event for the first refusal of a window, and one that tells how many followed it once it is over. */
async function recordRefusals({ context }: CallAtGate, first: readonly Standing[]): Promise<void> {
  const { audit, limiter } = context.services;
  for (const { policy } of first) await audit.record(context, { type: "limit.exceeded", reason: policy });
  for (const { policy, source, count } of limiter.takeEnded(context.now))
    await audit.record({ now: context.now, source }, { type: "limit.exceeded", reason: policy, count });
}
