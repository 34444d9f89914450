import { spawnSync } from "node:child_process";
import { addSeconds } from "../../shared/platform/clock.ts";
import { newTotpSecret, totpAt } from "../../shared/mfa/totp.ts";
import { check } from "./outcomes.ts";

/** Whether Debian's `oathtool` is here. */
export const hasOathtool = (): boolean => spawnSync("oathtool", ["--version"]).status === 0;

/** Compares our codes with those of oathtool, for a thousand time steps in a row, from 1970 and from now on. */
export function checkTotp(now: Date): void {
  for (const start of [new Date(0), now]) {
    const secret = newTotpSecret();
    const window = steps - 1;
    const at = start.toISOString().replace("T", " ").replace("Z", " UTC");
    // The secret belongs to nobody, so it may stand on a command line.
    const args = ["--totp", "--base32", `--now=${at}`, `--window=${window}`, secret];
    const { stdout } = spawnSync("oathtool", args, { encoding: "utf8" });
    const ours = Array.from({ length: steps }, (_, step) => totpAt(secret, addSeconds(start, 30 * step)));
    check(`totp: ${steps} codes from ${at} are oathtool's`, stdout.trim() === ours.join("\n"));
  }
}

const steps = 1000;
