import { LatchkeyError } from "./errors.ts";

/** The captcha that a call needs: show it, and repeat the call with its token as `captcha_token`. */
export interface Captcha {
  readonly provider: "turnstile" | "hcaptcha";
  readonly siteKey: string;
  /** What it is solved for. Turnstile's widget must be told. */
  readonly action: string;
}

/** The captcha that an error asks for; undefined if it asks for none. */
export function captchaOf(error: unknown): Captcha | undefined {
  if (!(error instanceof LatchkeyError) || error.code !== "CAPTCHA_REQUIRED") return undefined;
  const { provider, site_key: siteKey, action } = error.details as Readonly<Record<string, string>>;
  return { provider: provider as Captcha["provider"], siteKey: String(siteKey), action: String(action) };
}
