import { captchaProviders, type CaptchaKind, type PageSources } from "./providers.ts";
import type { ProviderSettings } from "./settings.ts";
import { askProvider, judgeAnswer } from "./siteverify.ts";

/** What a captcha is solved for: a token for one action does not count for another. */
export type CaptchaAction = "login" | "cancel_deletion";

/** The captcha of the provider that is set up. */
export interface Captcha {
  /** What pages that show it admit from elsewhere. */
  readonly sources: PageSources;
  /** What a page needs to show it. */
  challenge(action: CaptchaAction): CaptchaChallenge;
  /**
   * Verifies a token at the provider, which accepts each once.
   * @returns why it does not count; undefined if it does
   * @throws ApiError CAPTCHA_UNAVAILABLE if the provider cannot be asked
   */
  check(token: string, action: CaptchaAction, now: Date): Promise<string | undefined>;
}

/** Which captcha to show. */
export interface CaptchaChallenge {
  readonly provider: CaptchaKind;
  readonly site_key: string;
  readonly action: CaptchaAction;
}

/**
 * @param provider undefined for none
 * @param options.origins of the pages that may show the captcha
 * @param options.limitMilliseconds how long the provider may take to answer; two seconds unless given
 * @returns undefined without a provider
 */
export function createCaptcha(
  provider: ProviderSettings | undefined,
  { origins, limitMilliseconds = 2000 }: { readonly origins: Iterable<string>; readonly limitMilliseconds?: number },
): Captcha | undefined {
  if (!provider) return undefined;
  const { kind, siteKey } = provider;
  const hosts = new Set(Array.from(origins, (origin) => new URL(origin).hostname));
  return {
    sources: captchaProviders[kind].sources,
    challenge: (action) => ({ provider: kind, site_key: siteKey, action }),
    check: async (token, action, now) =>
      judgeAnswer(provider, await askProvider(provider, { token, limitMilliseconds }), { action, hosts, now }),
  };
}
