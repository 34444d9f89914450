// Checks what other services need from the API: its health, its issuer, its keys, its clock, and the caller's address.
import { isInner, isLoopback } from "./address.ts";
import { ask, member, shown, type Answer, type Patient } from "./ask.ts";
import { fault, ok, unless, warning, type Finding } from "./finding.ts";
import { intermediaryOf } from "./intermediary.ts";

/**
 * The host is up, but the service rejects its settings. It then answers nothing else, so no other finding means
 * anything.
 */
export const misconfigured = fault(
  "SERVICE_MISCONFIGURED: settings are wrong, so every call is refused",
  "its log names the settings in a service.misconfigured line: correct them and restart",
);

/** Checks that the database and the queue answer. */
export async function checkHealth(patient: Patient): Promise<Finding[]> {
  const answer = await ask(patient, "/health");
  const { status, json } = answer;
  if (status === 503 && member(json, "error_code") === "SERVICE_MISCONFIGURED") return [misconfigured];
  const checks = member(json, ...(status === 200 ? ["data", "checks"] : ["details", "checks"]));
  const [database, queue, redis] = ["database", "queue", "redis"].map((name) => shown(member(checks, name, "status")));
  const told = `database ${database}, queue ${queue}`;
  if (status === 200 && redis === "down")
    return [
      fault(
        `${told}, Redis down: sign-ins are refused while attempts cannot be counted`,
        "check REDIS_URL, the network, and that the service's identity has an access policy there; the log has a redis.away line",
      ),
    ];
  if (status === 200 && queue === "down")
    return [warning(told, "check AzureWebJobsStorage and the identity's roles on its queues")];
  if (status === 200 && shown(member(checks, "breached_passwords", "status")) === "down")
    return [
      warning(
        `${told}, but the range API did not answer: passwords that are known from breaches are let through`,
        "let the service call HIBP_BASE_URL, or set BREACHED_PASSWORDS_FILE; the log has a password.breach_check_unavailable line",
      ),
    ];
  if (status === 200 && shown(member(checks, "audit_anchors", "status")) === "behind")
    return [
      warning(
        `${told}, but anchors of the audit log do not reach their container`,
        "check AUDIT_ANCHORS_URL and the identity's role on the container; the log has an audit.not_anchored_outside line",
      ),
    ];
  if (status === 200 && shown(member(checks, "audit_anchors", "status")) === "differs")
    return [
      warning(
        `${told}, but the container of anchors has others than the database`,
        "after a restore of the database give it a new container; otherwise somebody wrote there: npm run audit -- verify",
      ),
    ];
  if (status === 200 && database === "up") return [ok(`${told}${anchorsOf(checks)}`)];
  if (status === 503 && database === "down")
    return [
      fault(
        `${told} (${shown(member(checks, "database", "reason"))})`,
        "check the DB_ settings and the identity's permissions, and run npm run migrate -- up; a sleeping serverless database takes a minute to wake, so try again",
      ),
    ];
  return [notLatchkey("/health", answer)];
}

/** When the audit log was last anchored, and where; nothing of a service that does not tell. */
function anchorsOf(checks: unknown): string {
  const [status, last] = ["status", "last_at"].map((name) => member(checks, "audit_anchors", name));
  if (typeof status !== "string" || status === "unknown") return "";
  const place = status === "up" ? "and kept outside" : "in the database alone";
  return `, audit log ${typeof last === "string" ? `anchored at ${last}, ${place}` : "not anchored yet"}`;
}

/** Checks that the metadata names the address that callers use; otherwise all tokens are refused. */
export async function checkIssuer(patient: Patient): Promise<Finding[]> {
  const path = "/.well-known/openid-configuration";
  const answer = await ask(patient, path);
  const { status, json } = answer;
  const [issuer, jwksUri] = [member(json, "issuer"), member(json, "jwks_uri")];
  if (status !== 200 || typeof issuer !== "string") return [notLatchkey(path, answer)];
  const change = `set ISSUER to ${patient.api}, or call the API at its issuer`;
  return unless(
    [
      [issuer !== patient.api, fault(`the metadata says ${shown(issuer)}`, change)],
      [
        issuer === patient.api && jwksUri !== `${issuer}/.well-known/jwks.json`,
        fault(`jwks_uri is ${shown(jwksUri)}`, "let gateways pass the metadata through as it is"),
      ],
    ],
    shown(issuer),
  );
}

const longestCacheSeconds = 600;

/** Checks that there are keys, that all of them are public, and that no cache keeps them for long. */
export async function checkKeys(patient: Patient): Promise<Finding[]> {
  const path = "/.well-known/jwks.json";
  const answer = await ask(patient, path);
  const { status, headers, json } = answer;
  const keys = member(json, "keys");
  if (status !== 200 || !Array.isArray(keys)) return [notLatchkey(path, answer)];
  if (keys.length === 0)
    return [
      warning("no public key: tokens can only be verified with SECRET_KEY", "set ALGORITHM to RS256, ES256 or EdDSA"),
    ];
  const kids = keys.map((key) => member(key, "kid"));
  const isPrivate = keys.some((key) => ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].some((part) => member(key, part)));
  const [, maxAge] = /(?:^|[\s,])max-age=(\d+)/.exec(headers.get("cache-control") ?? "") ?? [];
  return unless(
    [
      [
        isPrivate,
        fault(
          "a private key is published",
          "revoke it with npm run keys -- revoke KID, and find out what publishes it",
        ),
      ],
      [
        kids.some((kid) => typeof kid !== "string") || new Set(kids).size < kids.length,
        fault("keys without a kid of their own", "let gateways pass the key set through as it is"),
      ],
      [
        maxAge === undefined || Number(maxAge) > longestCacheSeconds,
        fault(
          `caches may keep the keys for ${maxAge ?? "any number of"} seconds`,
          `let gateways pass Cache-Control through: verifiers must see a new key within ${longestCacheSeconds} seconds`,
        ),
      ],
    ],
    `${keys.length} public ${keys.length === 1 ? "key" : "keys"}, ${shown(member(keys[0], "alg"))}`,
  );
}

/** The clock difference that verifiers accept, and the one worth a warning: `Date` has whole seconds. */
const [leewaySeconds, noticeableSeconds] = [60, 3];

/** Checks that the service's clock agrees with this machine's. */
export async function checkClock(patient: Patient): Promise<Finding[]> {
  const { headers, between } = await ask(patient, "/health/live");
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) return [warning("answers have no Date header", "let gateways pass the header through")];
  const [from, to] = between;
  const apart = Math.max(from - (date + 1000), date - to, 0) / 1000;
  const told = `${apart.toFixed(0)} seconds apart from this machine's clock`;
  const change = "set the clock of this machine, and check that of the API's host: beyond a minute, tokens are refused";
  if (apart > leewaySeconds) return [fault(told, change)];
  return [apart > noticeableSeconds ? warning(told, change) : ok("agrees with this machine's clock")];
}

const forged = "192.0.2.1";

/** Checks that the service knows callers' real addresses, which limits and the audit log depend on. */
export async function checkHops(patient: Patient): Promise<Finding[]> {
  const [plain, lying] = await Promise.all([
    ask(patient, "/health"),
    ask(patient, "/health", { headers: { "X-Forwarded-For": forged } }),
  ]);
  const [address, believed] = [plain, lying].map(({ json }) => member(json, "data", "client_address"));
  if (address === undefined || believed === undefined)
    return [
      warning(`/health answers ${plain.status} without the client address`, "try again once the service is healthy"),
    ];
  const { hostname } = new URL(patient.api);
  const isNear = isLoopback(hostname) || isInner(hostname);
  return unless(
    [
      [
        believed === forged,
        fault("the service believes what a caller writes into X-Forwarded-For", "set TRUSTED_PROXY_HOPS lower"),
      ],
      [
        address === null,
        fault(
          "no proxy names callers to the service, so they all share one limit",
          "set TRUSTED_PROXY_HOPS to the number of proxies that append to X-Forwarded-For; Azure's front end counts as one",
        ),
      ],
      [
        typeof address === "string" && !isNear && isInner(address),
        // Usually a fault; but a private deployment is examined from its own network.
        warning(
          `the service takes a private address for yours: ${shown(address)}`,
          "set TRUSTED_PROXY_HOPS higher, unless you are calling from inside that network",
        ),
      ],
    ],
    `the service takes you to be ${shown(address)}: check that this is your public address`,
  );
}

/** The finding for an answer that is not Latchkey's. */
export function notLatchkey(path: string, answer: Answer): Finding {
  return fault(
    `${path} answers ${answer.status}, but not as Latchkey does: the answer may come from ${intermediaryOf(answer)}`,
    "make --api the address of the service, including any prefix of a gateway, and check what is in front of it",
  );
}
