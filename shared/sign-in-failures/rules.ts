import type { SignInFailureSettings } from "./settings.ts";

/** What is known of an attempt before its password is verified. The attempt itself is counted everywhere. */
export interface FailureCounts {
  /** In a row: for this address from this network; or from this device, if the account knows it; or of this session. */
  readonly inARow: number;
  /** In a row: for this account from all devices that it does not know; or else the same as `inARow`. */
  readonly ofAccount: number;
  /** How many addresses this network has failed at within the hour, up to 50; 0 for a device that the account knows. */
  readonly addressesOfNetwork: number;
  /** How many addresses this password has failed at within the hour, up to 50; 0 for a device that the account knows. */
  readonly addressesOfPassword: number;
}

/**
 * Whether it takes more than a password to believe an attempt, before the password is verified: what a captcha is asked
 * for. True long before delays are felt; false for whoever mistypes a password three times.
 */
export function isSuspicious({ inARow, addressesOfNetwork, addressesOfPassword }: FailureCounts): boolean {
  return inARow > 3 || addressesOfNetwork > 10 || addressesOfPassword > 10;
}

/** Whether an attempt is one of credential stuffing (OWASP OAT-008): its network is slowed. */
export function isStuffing({ addressesOfNetwork, addressesOfPassword }: FailureCounts): boolean {
  return addressesOfNetwork >= mostAddresses || addressesOfPassword >= mostAddresses;
}

/** More people than mistype their password in one office, within an hour and without signing in afterwards. */
export const mostAddresses = 50;
export const windowSeconds = 60 * 60;

/** How often a network that is slowed may try a password on unknown devices. */
export const networkPaceSeconds = 60;

/** How many failures of an account from unknown devices its owner is told of, and how often. */
export const toldFailures = 20;
export const toldEverySeconds = 24 * 60 * 60;

/** Whether the password alone no longer signs in (ASVS 6.3.1): the attempt comes after as many failures as are allowed. */
export function isClosed({ ofAccount }: FailureCounts, { perAccount }: SignInFailureSettings): boolean {
  return ofAccount > perAccount;
}

/** How long after this many failures in a row no other attempt is admitted, in seconds: 0, then 1, 2, 4 and so on. */
export function delaySeconds(
  failures: number,
  { free, longestDelaySeconds }: Pick<SignInFailureSettings, "free" | "longestDelaySeconds">,
): number {
  return failures < free ? 0 : Math.min(2 ** (failures - free), longestDelaySeconds);
}

/** After so many doublings each delay is the longest that can be set, an hour. */
export const doublings = 12;
