/** A provider of captchas. */
export type CaptchaKind = "turnstile" | "hcaptcha";

/** What a page admits from elsewhere: sources by the directive of its policy (CSP Level 3). */
export type PageSources = Readonly<Record<string, string>>;

interface CaptchaProvider {
  /** Where a token is verified. */
  readonly verifyUrl: string;
  /** What its widget loads on a page. Its own script runs by the page's nonce. */
  readonly sources: PageSources;
  /**
   * Whether its answer tells reliably which page and which action a token was solved for. If not, the request says which
   * site key the token must be of.
   */
  readonly tellsWhatFor: boolean;
}

const ofHcaptcha = "https://hcaptcha.com https://*.hcaptcha.com";

/**
 * https://developers.cloudflare.com/turnstile/get-started/server-side-validation/ and
 * https://developers.cloudflare.com/turnstile/reference/content-security-policy/;
 * https://docs.hcaptcha.com/, whose `hostname` comes from the browser and may be `not-provided`, and whose secret is that
 * of all site keys of an account.
 */
export const captchaProviders: Readonly<Record<CaptchaKind, CaptchaProvider>> = {
  turnstile: {
    verifyUrl: "https://challenges.cloudflare.com/turnstile/v0/siteverify",
    sources: { "frame-src": "https://challenges.cloudflare.com" },
    tellsWhatFor: true,
  },
  hcaptcha: {
    verifyUrl: "https://api.hcaptcha.com/siteverify",
    sources: { "script-src": ofHcaptcha, "frame-src": ofHcaptcha, "style-src": ofHcaptcha, "connect-src": ofHcaptcha },
    tellsWhatFor: false,
  },
};
