// TOTP as authenticator apps have it in common (RFC 6238): SHA-1, six digits, steps of 30 seconds. Apps ignore other choices.
import { Secret, TOTP } from "otpauth";

/** A new secret in base32: 160 bits, as RFC 4226 recommends in section 4. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/**
 * The time step that a code belongs to: the present one, or one step to either side, because clocks differ and people type
 * slowly (RFC 6238, section 5.2).
 * @param code six digits; spaces are ignored, since apps show them
 * @returns undefined if it is the code of none of the three
 */
export function matchTotp({ secret, code }: { secret: string; code: string }, now: Date): number | undefined {
  const token = code.replaceAll(" ", "");
  if (!/^\d{6}$/.test(token)) return undefined;
  const timestamp = now.getTime();
  const delta = totpOf({ secret }).validate({ token, timestamp, window: 1 });
  return delta === null ? undefined : stepAt(now) + delta;
}

/** The code of a secret at an instant, as an app shows it. */
export function totpAt(secret: string, at: Date): string {
  return totpOf({ secret }).generate({ timestamp: at.getTime() });
}

/** The time step of an instant (RFC 6238, section 4.2). */
export function stepAt(at: Date): number {
  return Math.floor(at.getTime() / 1000 / periodSeconds);
}

/**
 * The address that an app takes a secret from.
 * @param issuer the product's name
 * @param label whose secret it is; apps show the beginning of a long one, and a QR code of all of it would take 50 ms
 */
export function totpUri({ secret, issuer, label }: { secret: string; issuer: string; label: string }): string {
  const shown = Array.from(label).slice(0, mostShown).join("");
  return totpOf({ secret, issuer, label: shown }).toString();
}

/** In code points. */
const mostShown = 60;

/** An `otpauth:` address as a QR code in SVG, without style or script. */
export async function qrSvg(uri: string): Promise<string> {
  // Loaded when used: few calls enrol.
  const { default: qrcode } = await import("qrcode");
  return qrcode.toString(uri, { type: "svg", errorCorrectionLevel: "M" });
}

const periodSeconds = 30;

function totpOf({ secret, issuer = "", label = "" }: { secret: string; issuer?: string; label?: string }): TOTP {
  return new TOTP({
    secret: Secret.fromBase32(secret),
    issuer,
    label,
    algorithm: "SHA1",
    digits: 6,
    period: periodSeconds,
  });
}
