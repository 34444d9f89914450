import * as z from "zod";
import { section, type Part } from "../platform/settings/section.ts";
import { onOff } from "../platform/settings/types.ts";
import { policies, policyNames, type PolicyName } from "./policies.ts";

/** How many attempts a window admits. */
export interface Limit {
  readonly count: number;
  readonly windowSeconds: number;
}

const rule = "must be COUNT/SECONDS, such as 5/60, with 1 to 1000000 attempts in 1 to 86400 seconds; or off";

const limit = z
  .string()
  .regex(/^(?:off|[1-9]\d{0,6}\/[1-9]\d{0,4})$/, rule)
  .transform((text): Limit | undefined => {
    if (text === "off") return undefined;
    const [count = 0, windowSeconds = 0] = text.split("/").map(Number);
    return { count, windowSeconds };
  })
  .refine((value) => value === undefined || (value.count <= 1_000_000 && value.windowSeconds <= 86_400), rule)
  .meta({ values: "`COUNT/SECONDS`, `off`" });

/** The name of a policy's setting. */
export const settingOf = (policy: PolicyName): string => `RATE_LIMIT_${policy.toUpperCase()}`;

const ofPolicy = (policy: PolicyName) => ({
  name: settingOf(policy),
  type: limit,
  default: policies[policy].default as string,
  about: policies[policy].about,
});

const ofPolicies = Object.fromEntries(policyNames.map((policy) => [policy, ofPolicy(policy)])) as {
  readonly [Policy in PolicyName]: ReturnType<typeof ofPolicy>;
};

/** How often what may be called. */
export const limitSettings = section({
  title: "Rate limits",
  about: "How many calls a window admits, counted over all instances: see [limits](limits.md).",
  settings: {
    isOn: {
      name: "RATE_LIMITS",
      type: onOff,
      default: "on",
      about: "Whether calls are limited at all. `off` is for benchmarks; staging and production refuse it.",
    },
    ...ofPolicies,
  },
  productionRules: ({ isOn }) => [
    [!isOn, "RATE_LIMITS", "must be on in production: each limit has a setting of its own"],
  ],
  complete: ({ isOn, ...limits }) => ({
    isOn,
    /** The policies that are on. */
    policies: new Map(
      policyNames.flatMap((policy) => {
        const chosen = limits[policy];
        return isOn && chosen ? [[policy, chosen] as const] : [];
      }),
    ) as ReadonlyMap<PolicyName, Limit>,
  }),
});

export type LimitSettings = Part<typeof limitSettings>;
