import * as z from "zod";
import { ApiError } from "../platform/errors/api-error.ts";
import { fetchWithin } from "../platform/fetch-within.ts";
import { captchaProviders } from "./providers.ts";
import type { ProviderSettings } from "./settings.ts";

/** The provider does not answer, or not as documented, or rejects our secret. Nothing says then that a token is good. */
export class CaptchaUnavailable extends ApiError {
  constructor(reason: string, cause?: unknown) {
    super("CAPTCHA_UNAVAILABLE", { cause, retryAfterSeconds: 5 });
    this.message += `: ${reason}`;
  }
}

/** What is optional may also be null or empty. */
const optionalText = z
  .string()
  .nullish()
  .transform((text) => text || undefined);

const answer = z.object({
  success: z.boolean(),
  hostname: optionalText,
  action: optionalText,
  challenge_ts: optionalText,
  "error-codes": z
    .array(z.string())
    .nullish()
    .transform((codes) => codes ?? []),
});

/** What a provider says about a token. */
export type SiteverifyAnswer = z.output<typeof answer>;

const maxBytes = 16 * 1024;

/**
 * Asks the provider about a token, which it then never accepts again. Nothing about the person is sent: it is the token
 * that says who solved it. Never retried, because a token works once.
 * @param asked.limitMilliseconds how long to wait for the answer
 * @throws CaptchaUnavailable
 */
export async function askProvider(
  { kind, siteKey, secret, verifyUrl }: ProviderSettings,
  { token, limitMilliseconds }: { readonly token: string; readonly limitMilliseconds: number },
): Promise<SiteverifyAnswer> {
  const siteKeyToo = captchaProviders[kind].tellsWhatFor ? {} : { sitekey: siteKey };
  const { status, body } = await fetchWithin(verifyUrl, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ secret, response: token, ...siteKeyToo }),
    signal: AbortSignal.timeout(limitMilliseconds),
    maxBytes,
  }).catch((cause: unknown) => {
    throw new CaptchaUnavailable("the provider does not answer", cause);
  });
  const read = status === 200 || status === 400 ? parse(body.toString()) : undefined;
  if (!read) throw new CaptchaUnavailable(`the provider answers ${status}, not as documented`);
  return read;
}

function parse(text: string): SiteverifyAnswer | undefined {
  try {
    return answer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** What a token must have been solved for. */
export interface Expectation {
  readonly action: string;
  /** The host names of pages that may show the captcha. */
  readonly hosts: ReadonlySet<string>;
  readonly now: Date;
}

/** Providers end a token after five minutes at most; two clocks may be a minute apart. */
const maxAgeSeconds = 5 * 60 + 60;
const maxAheadSeconds = 60;

/** The codes of errors that no token causes. */
const ourFaults = new Set(["missing-input-secret", "invalid-input-secret", "internal-error"]);

/**
 * Why a token does not count; undefined if it does.
 * @throws CaptchaUnavailable if the provider rejects our secret, or has a problem of its own
 */
export function judgeAnswer(
  { kind }: Pick<ProviderSettings, "kind">,
  told: SiteverifyAnswer,
  { action, hosts, now }: Expectation,
): string | undefined {
  const codes = told["error-codes"].filter((code) => /^[a-z-]{1,50}$/.test(code)).slice(0, 5);
  if (codes.some((code) => ourFaults.has(code))) throw new CaptchaUnavailable(`the provider says ${codes.join(" ")}`);
  if (!told.success) return `the provider says ${codes.join(" ") || "no"}`;
  const ageSeconds = (now.getTime() - Date.parse(told.challenge_ts ?? "")) / 1000;
  // Not a number if there is no time to read.
  if (!(ageSeconds <= maxAgeSeconds && ageSeconds >= -maxAheadSeconds)) return "solved at another time";
  const { tellsWhatFor } = captchaProviders[kind];
  const isSaid = tellsWhatFor || (told.hostname !== undefined && told.hostname !== "not-provided");
  if (isSaid && !hosts.has((told.hostname ?? "").toLowerCase())) return "solved on another host";
  if (tellsWhatFor && told.action !== action) return "solved for another action";
  return undefined;
}
