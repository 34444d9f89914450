import { createHash } from "node:crypto";
import type { Clock } from "../../platform/clock.ts";
import type { BreachCheck } from "../../platform/readiness.ts";
import { normalisePassword } from "../text.ts";
import type { FuseFilter } from "./fuse-filter.ts";
import { createRangeApi, type RangeSettings } from "./range-api.ts";

/** The passwords that are known from breaches (ASVS 6.2.12). */
export interface Breaches {
  /** Whether a password is known; undefined if that could not be found out now. */
  has(password: string): Promise<boolean | undefined>;
  /** The same without a call: what only the range API could tell is undefined. */
  hasHere(password: string): boolean | undefined;
  /** How the last look went, for the readiness check. */
  standing(): BreachCheck["status"];
}

/** Where breached passwords are looked up. */
export type BreachSource =
  | { readonly kind: "off" }
  | { readonly kind: "filter"; readonly filter: FuseFilter }
  | ({ readonly kind: "range" } & RangeSettings);

export function createBreaches(source: BreachSource, clock: Clock): Breaches {
  if (source.kind === "off") return { has: async () => false, hasHere: () => false, standing: () => "off" };
  if (source.kind === "filter") {
    const hasHere = (password: string) => source.filter.has(sha1(password));
    return { has: async (password) => hasHere(password), hasHere, standing: () => "up" };
  }
  const api = createRangeApi(source, clock);
  return {
    has: (password) => api.has(sha1(password).toString("hex").toUpperCase()),
    hasHere: () => undefined,
    standing: () => api.standing(),
  };
}

/** What the lists of breached passwords are made of; for looking up alone. */
function sha1(password: string): Buffer {
  return createHash("sha1").update(normalisePassword(password)).digest();
}
