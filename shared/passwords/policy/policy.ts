import type { Clock } from "../../platform/clock.ts";
import { lengthOf } from "../text.ts";
import { createBreaches, type BreachSource, type Breaches } from "./breaches.ts";
import { isCommon, loadCommonPasswords } from "./common.ts";
import { contextWords, isMadeOf, type Owner } from "./context.ts";
import { loadedOnce } from "./loaded-once.ts";
import { createStrength, type Strength } from "./strength.ts";

/** Why a password may not be chosen. */
export const refusalReasons = ["too_short", "common", "context", "too_weak", "breached"] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export interface Judgement {
  /** Undefined if the password may be chosen. */
  readonly reason: RefusalReason | undefined;
  /** Undefined if strength is not measured. */
  readonly strength: Strength | undefined;
  /** Whether it could not be found out if the password is known from a breach. */
  readonly isUnchecked: boolean;
}

/** The rules for a password that is chosen (NIST SP 800-63B-4, section 3.1.1.2; ASVS 6.2). */
export interface PasswordPolicy {
  /**
   * Judges a password, the cheapest rule first: the last one may call another service, for a second at most.
   * @param password that is possible (`isPossiblePassword`)
   */
  judge(password: string, owner: Owner): Promise<Judgement>;
  /**
   * The same for a password that is still being typed, without a call: several prefixes of one that grows would tell much
   * more of it than one does.
   */
  preview(password: string, owner: Owner): Promise<Judgement>;
  readonly breaches: Breaches;
}

export interface PolicySettings {
  readonly minLength: number;
  /** From 0 to 4; with 0, strength is not measured. */
  readonly minScore: number;
  readonly breached: BreachSource;
}

/** @param product its name, and the host that it is at */
export function createPasswordPolicy(
  settings: PolicySettings,
  product: readonly string[],
  clock: Clock,
): PasswordPolicy {
  const { minLength, minScore, breached } = settings;
  const breaches = createBreaches(breached, clock);
  const measure = minScore === 0 ? undefined : createStrength();
  const listed = loadedOnce(loadCommonPasswords);
  const judgeWith =
    (isBreached: (password: string) => Promise<boolean | undefined> | boolean | undefined) =>
    async (password: string, owner: Owner): Promise<Judgement> => {
      if (lengthOf(password) < minLength) return { reason: "too_short", strength: undefined, isUnchecked: false };
      const words = contextWords(owner, product);
      const isListed = await listed();
      const strength = await measure?.(password, words);
      const reason = isCommon(password, isListed)
        ? "common"
        : isMadeOf(words, password)
          ? "context"
          : strength && strength.score < minScore
            ? "too_weak"
            : undefined;
      if (reason) return { reason, strength, isUnchecked: false };
      const isKnown = await isBreached(password);
      return { reason: isKnown ? "breached" : undefined, strength, isUnchecked: isKnown === undefined };
    };
  return {
    breaches,
    judge: judgeWith((password) => breaches.has(password)),
    preview: judgeWith((password) => breaches.hasHere(password)),
  };
}
