import type { CaptchaKind } from "../../shared/captcha/providers.ts";
import { serveProvider, type ProviderAnswer, type ProviderRequest, type ProviderServer } from "./providers/serve.ts";

/** What a token was solved for. */
export interface Solved {
  readonly at: Date;
  readonly hostname?: string;
  /** Only Turnstile tells it. */
  readonly action?: string;
  readonly siteKey?: string;
}

/** Stands for a provider, which cannot run here: its `siteverify`, which refuses whatever is not documented. */
export interface CaptchaProvider {
  readonly server: ProviderServer;
  /** The settings that make it the service's. */
  readonly settings: Readonly<Record<"CAPTCHA_SITE_KEY" | "CAPTCHA_SECRET" | "CAPTCHA_VERIFY_URL", string>> &
    Record<string, string>;
  /** Solves the captcha. @returns a token, as long as real ones may be */
  solve(solved: Solved): string;
  /** The bodies that it was sent. */
  readonly bodies: string[];
}

/** What each provider may be sent, what it calls a token that was used before, and how long its tokens may be. */
const dialects = {
  turnstile: {
    parameters: ["secret", "response", "remoteip", "idempotency_key"],
    used: "timeout-or-duplicate",
    length: 2048,
  },
  hcaptcha: {
    parameters: ["secret", "response", "remoteip", "sitekey"],
    used: "already-seen-response",
    length: 4500,
  },
} as const satisfies Record<CaptchaKind, unknown>;

export async function startCaptchaProvider(kind: CaptchaKind): Promise<CaptchaProvider> {
  const { parameters, used, length } = dialects[kind];
  const [siteKey, secret] = [`site-key-of-${kind}`, `canary-secret-of-${kind}`];
  const tokens = new Map<string, Solved | "used">();
  const bodies: string[] = [];

  const server = await serveProvider((request) => {
    bodies.push(request.body);
    const { form } = request;
    if (!isDocumented(request, parameters)) return refusal("bad-request");
    if (form.get("secret") !== secret) return refusal("invalid-input-secret");
    const token = form.get("response") ?? "";
    const solved = tokens.get(token);
    if (!solved) return refusal("invalid-input-response");
    if (solved === "used") return refusal(used);
    tokens.set(token, "used");
    if (form.has("sitekey") && form.get("sitekey") !== (solved.siteKey ?? siteKey))
      return refusal("sitekey-secret-mismatch");
    const { hostname = "localhost", action = "", at } = solved;
    const said = { success: true, challenge_ts: at.toISOString(), hostname };
    return {
      body: kind === "hcaptcha" ? { ...said, credit: null } : { ...said, "error-codes": [], action, cdata: "" },
    };
  });
  return {
    server,
    settings: {
      CAPTCHA_PROVIDER: kind,
      CAPTCHA_SITE_KEY: siteKey,
      CAPTCHA_SECRET: secret,
      CAPTCHA_VERIFY_URL: `${server.url}/siteverify`,
    },
    solve(solved) {
      const token = `canary-token-${tokens.size}.`.padEnd(length, "x");
      tokens.set(token, solved);
      return token;
    },
    bodies,
  };
}

function isDocumented({ method, url, headers, form }: ProviderRequest, parameters: readonly string[]): boolean {
  const isForm = /^application\/x-www-form-urlencoded(?:;|$)/.test(headers["content-type"] ?? "");
  const isKnown = [...form.keys()].every((name) => parameters.includes(name) && form.getAll(name).length === 1);
  return isForm && isKnown && method === "POST" && url.pathname === "/siteverify" && url.search === "";
}

const refusal = (code: string): ProviderAnswer => ({ body: { success: false, "error-codes": [code] } });
