import * as z from "zod";
import { section, type Part } from "../platform/settings/section.ts";
import { issuerUrl, loopbackHosts, oneOf, word } from "../platform/settings/types.ts";
import { captchaProviders, type CaptchaKind } from "./providers.ts";

/** Site keys stand in pages and answers. */
const publicKey = z.string().regex(/^[\w-]{1,100}$/, "must have 1 to 100 letters, digits, hyphens and underscores");

/** The secrets of tests at both providers, which pass every token. */
const testSecret = /^[0-3]x0{20,}(?:AA)?$/;

/** The captcha that a suspicious sign-in has to pass. */
export const captchaSettings = section({
  title: "Captcha",
  about:
    "Asked for after suspicious failures only, and not at all without a provider ([set-up, and what the provider learns](captcha.md)).",
  settings: {
    provider: {
      name: "CAPTCHA_PROVIDER",
      type: oneOf("turnstile", "hcaptcha"),
      defaultText: "none",
      about: "Whose captcha it is: Cloudflare's Turnstile, or hCaptcha.",
    },
    siteKey: {
      name: "CAPTCHA_SITE_KEY",
      type: publicKey,
      required: { when: "with CAPTCHA_PROVIDER" },
      about: "The site key, which pages show.",
    },
    secret: {
      name: "CAPTCHA_SECRET",
      type: word,
      isSecret: true,
      required: { when: "with CAPTCHA_PROVIDER" },
      about: "The secret that belongs to the site key.",
    },
    verifyUrl: {
      name: "CAPTCHA_VERIFY_URL",
      type: issuerUrl,
      defaultText: "the provider's own",
      about: "Another address of the provider's `siteverify`, such as that of an imitation in tests.",
    },
  },
  rules: ({ provider, siteKey, secret, verifyUrl }) => [
    [
      provider === undefined && (siteKey ?? secret ?? verifyUrl) !== undefined,
      "CAPTCHA_PROVIDER",
      "is required with CAPTCHA_SITE_KEY, CAPTCHA_SECRET and CAPTCHA_VERIFY_URL",
    ],
    [
      siteKey !== undefined && siteKey === secret,
      "CAPTCHA_SITE_KEY",
      "must not be CAPTCHA_SECRET, which no page may show",
    ],
  ],
  productionRules: ({ secret = "", verifyUrl }) => [
    [testSecret.test(secret), "CAPTCHA_SECRET", "must not be for tests in production: it passes every token"],
    [
      verifyUrl !== undefined && loopbackHosts.has(new URL(verifyUrl).hostname),
      "CAPTCHA_VERIFY_URL",
      "must not be this machine in production",
    ],
  ],
  complete: ({ provider: kind, siteKey, secret, verifyUrl }) => ({
    provider:
      kind === undefined || siteKey === undefined || secret === undefined
        ? undefined
        : Object.freeze({ kind, siteKey, secret, verifyUrl: verifyUrl ?? captchaProviders[kind].verifyUrl }),
  }),
});

export type CaptchaSettings = Part<typeof captchaSettings>;

/** How to reach a provider, and as whom. */
export interface ProviderSettings {
  readonly kind: CaptchaKind;
  readonly siteKey: string;
  readonly secret: string;
  readonly verifyUrl: string;
}
