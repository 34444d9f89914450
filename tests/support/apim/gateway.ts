import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet } from "jose";
import type { Evaluate, ExpressionContext, Value } from "./expressions.ts";
import type { Element } from "./policy.ts";

/** What a caller of the gateway gets: 200 where it would be passed on to the API. */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface GatewayOptions {
  readonly evaluate: Evaluate;
  readonly now: () => Date;
  /** How the gateway reaches the service; a status of 0 is no answer. */
  readonly fetch: (url: string) => Promise<{ readonly status: number; readonly body: string }>;
  readonly inbound: readonly Element[];
  readonly onError: readonly Element[];
}

/** A policy that has failed: what follows is the on-error section. */
class PolicyError extends Error {
  readonly source: string;
  readonly reason: string;
  readonly policyId: string;
  readonly status: number;

  constructor({ name, attributes }: Element, reason: string, status: number) {
    super(reason);
    this.source = name;
    this.reason = reason;
    this.policyId = attributes["id"] ?? "";
    this.status = status;
  }
}

/** A `return-response` that was reached. */
class Returned extends Error {}

interface Call {
  readonly headers: Readonly<Record<string, string>>;
  readonly variables: Record<string, Value>;
  readonly answer: { status: number; headers: Record<string, string>; body: string };
  lastError?: ExpressionContext["lastError"];
}

type KeySet = ReturnType<typeof createLocalJWKSet>;
const noKeys = createLocalJWKSet({ keys: [] });
const hour = 3600;
const algorithms = ["RS256", "PS256", "RS512", "ES256"];

/**
 * A model of API Management that carries out policies as its documentation says: an OpenID configuration and its keys are
 * kept for an hour and fetched again for an unknown `kid` at most every 5 minutes; cached values live as long as they were
 * stored for; what fails in inbound is answered by on-error.
 */
export function createGateway(options: GatewayOptions) {
  const { evaluate, onError, inbound } = options;
  const seconds = () => options.now().getTime() / 1000;
  const cache = new Map<string, { value: Value; until: number }>();
  const calls = new Map<string, { count: number; until: number }>();
  const configurations = new Map<string, { keys: KeySet; at: number }>();
  /** Addresses that were fetched. */
  const fetched: string[] = [];

  const get = async (url: string) => {
    fetched.push(url);
    return options.fetch(url);
  };
  const valueOf = async (text: string, call: Call): Promise<Value> =>
    /^@[({]/.test(text) ? evaluate(text, call) : { type: "String", value: text };
  const textOf = async (text: string | undefined, call: Call): Promise<string> => {
    const { value } = await valueOf(text ?? "", call);
    if (typeof value !== "string" && typeof value !== "number") throw new Error(`${text} gives no text`);
    return String(value);
  };

  async function fetchKeys(url: string): Promise<KeySet | undefined> {
    const configuration = await get(url);
    if (configuration.status !== 200) return undefined;
    const { jwks_uri: uri } = JSON.parse(configuration.body) as { jwks_uri: string };
    const keys = await get(uri);
    return keys.status === 200 ? createLocalJWKSet(JSON.parse(keys.body) as JSONWebKeySet) : undefined;
  }

  /** The keys at an address: as they are known, or fetched because they are old, or because none has this `kid`. */
  async function keysFor(url: string, kid: unknown): Promise<KeySet> {
    const known = configurations.get(url);
    const age = known ? seconds() - known.at : Number.POSITIVE_INFINITY;
    const isKnown = known?.keys.jwks().keys.some((key) => key.kid === kid) ?? false;
    if (age < hour && (isKnown || age < 300)) return known?.keys ?? noKeys;
    const keys = (await fetchKeys(url)) ?? known?.keys ?? noKeys;
    configurations.set(url, { keys, at: seconds() });
    return keys;
  }

  async function validateJwt(element: Element, call: Call): Promise<void> {
    const { attributes, children } = element;
    const list = (name: string) => children.find((child) => child.name === name)?.children.map(({ text }) => text);
    const fail = (reason: string) => new PolicyError(element, reason, Number(attributes["failed-validation-httpcode"]));
    const token = await textOf(attributes["token-value"], call);
    if (token === "") throw fail("TokenNotPresent");
    const url = children.find(({ name }) => name === "openid-config")?.attributes["url"] ?? "";
    const { kid } = headerOf(token);
    const [issuer, audience] = [list("issuers"), list("audiences")];
    try {
      const { payload } = await jwtVerify(token, await keysFor(url, kid), {
        algorithms,
        ...(issuer && { issuer }),
        ...(audience && { audience }),
        clockTolerance: Number(attributes["clock-skew"] ?? 0),
        currentDate: options.now(),
        requiredClaims: attributes["require-expiration-time"] === "true" ? ["exp"] : [],
      });
      const output = attributes["output-token-variable-name"];
      if (output !== undefined) call.variables[output] = { type: "Jwt", value: payload.sub };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw fail("TokenExpired");
      throw fail(error instanceof errors.JWKSNoMatchingKey ? "TokenSignatureKeyNotFound" : "TokenSignatureInvalid");
    }
  }

  async function limitRate(element: Element, call: Call): Promise<void> {
    const { attributes } = element;
    const key = await textOf(attributes["counter-key"], call);
    const known = calls.get(key);
    const window =
      known && known.until > seconds() ? known : { count: 0, until: seconds() + Number(attributes["renewal-period"]) };
    window.count += 1;
    calls.set(key, window);
    if (window.count <= Number(attributes["calls"])) return;
    const left = Math.ceil(window.until - seconds());
    call.variables[attributes["retry-after-variable-name"] ?? ""] = { type: "Int32", value: left };
    throw new PolicyError(element, "RateLimitExceeded", 429);
  }

  async function sendRequest({ attributes, children }: Element, call: Call): Promise<void> {
    const url = await textOf(children.find(({ name }) => name === "set-url")?.text, call);
    const response = await get(url);
    const name = attributes["response-variable-name"] ?? "";
    // `ignore-error`: no answer is null.
    call.variables[name] =
      response.status === 0 ? { type: "Null", value: null } : { type: "Response", value: response };
  }

  const policies: Record<string, (element: Element, call: Call) => Promise<void>> = {
    "validate-jwt": validateJwt,
    "rate-limit-by-key": limitRate,
    "send-request": sendRequest,
    async "set-variable"({ attributes }, call) {
      call.variables[attributes["name"] ?? ""] = await valueOf(attributes["value"] ?? "", call);
    },
    async choose({ children }, call) {
      for (const { name, attributes, children: inner } of children) {
        const isChosen = name === "otherwise" || (await valueOf(attributes["condition"] ?? "", call)).value === true;
        if (isChosen) return run(inner, call);
      }
    },
    async "cache-lookup-value"({ attributes }, call) {
      const found = cache.get(await textOf(attributes["key"], call));
      const isFresh = found !== undefined && found.until > seconds();
      const otherwise = await valueOf(attributes["default-value"] ?? "", call);
      call.variables[attributes["variable-name"] ?? ""] = isFresh ? found.value : otherwise;
    },
    async "cache-store-value"({ attributes }, call) {
      const until = seconds() + Number(attributes["duration"]);
      cache.set(await textOf(attributes["key"], call), {
        value: await valueOf(attributes["value"] ?? "", call),
        until,
      });
    },
    async "return-response"({ children }, call) {
      call.answer.headers = {};
      await run(children, call);
      throw new Returned();
    },
    async "set-status"({ attributes }, call) {
      call.answer.status = Number(await textOf(attributes["code"], call));
    },
    async "set-header"({ attributes, children }, call) {
      call.answer.headers[attributes["name"] ?? ""] = await textOf(children[0]?.text, call);
    },
    async "set-body"({ text }, call) {
      call.answer.body = await textOf(text, call);
    },
  };

  async function run(elements: readonly Element[], call: Call): Promise<void> {
    for (const element of elements) {
      const policy = policies[element.name];
      if (!policy) throw new Error(`the model does not know ${element.name}`);
      await policy(element, call);
    }
  }

  return {
    fetched,
    /** Forgets what it has in memory, as a new gateway. */
    restart(): void {
      for (const memory of [cache, calls, configurations]) memory.clear();
    },
    /** Puts something into the gateway's cache. */
    poison: (key: string, value: string) =>
      void cache.set(key, { value: { type: "String", value }, until: Number.POSITIVE_INFINITY }),
    /** A call with these headers. */
    async handle(headers: Readonly<Record<string, string>>): Promise<GatewayAnswer> {
      const call: Call = { headers, variables: {}, answer: { status: 200, headers: {}, body: "" } };
      try {
        await run(inbound, call);
      } catch (error) {
        if (error instanceof Returned) return call.answer;
        if (!(error instanceof PolicyError)) throw error;
        const { source, reason, policyId, status } = error;
        call.answer.status = status;
        call.lastError = { source, reason, policyId };
        await run(onError, call);
      }
      return call.answer;
    },
  };
}

function headerOf(token: string): { kid?: unknown } {
  try {
    return JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid?: unknown };
  } catch {
    return {};
  }
}
