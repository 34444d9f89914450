// Checks what pages in a browser need from the API: CORS, cookies, headers.
import { isLoopback } from "./address.ts";
import { ask, shown, type Answer, type Patient } from "./ask.ts";
import { fault, unless, type Finding } from "./finding.ts";

const ownCors =
  "leave CORS to the service: clear the Function App's CORS setting and remove CORS policies from gateways";

/** Checks that the app's pages may call the API with credentials, and that others may not. */
export async function checkCors(patient: Patient): Promise<Finding[]> {
  const { origin } = patient.app;
  const [preflight, strangers] = await Promise.all([
    askPreflight(patient, origin),
    askPreflight(patient, "https://stranger.invalid"),
  ]);
  const allowed = preflight.headers.get("access-control-allow-origin");
  const lacks = (name: string, words: readonly string[]) => {
    const listed = new Set(
      (preflight.headers.get(name) ?? "")
        .toLowerCase()
        .split(",")
        .map((word) => word.trim()),
    );
    return words.some((word) => !listed.has(word));
  };
  const isOpen = strangers.headers.has("access-control-allow-origin");
  const open: readonly [boolean, Finding] = [isOpen, fault("pages of any origin may call the API", ownCors)];
  if (allowed === null)
    return unless(
      [[true, fault(`${origin} may not call the API`, `set FRONTEND_URL to it, or add it to ALLOWED_ORIGINS`)], open],
      "",
    );
  return unless(
    [
      open,
      [allowed !== origin, fault(`${shown(allowed)} may call the API, but ${origin} may not`, ownCors)],
      [
        preflight.headers.get("access-control-allow-credentials") !== "true",
        fault("pages may not send cookies", ownCors),
      ],
      [
        lacks("access-control-allow-methods", ["post"]) ||
          lacks("access-control-allow-headers", ["authorization", "content-type"]),
        fault("pages may not send JSON by POST, or may not send an access token", ownCors),
      ],
    ],
    `${origin} may call the API with credentials, and other origins may not`,
  );
}

function askPreflight(patient: Patient, origin: string): Promise<Answer> {
  const headers = {
    Origin: origin,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
  };
  return ask(patient, "/auth/login", { method: "OPTIONS", headers });
}

/**
 * Checks that the refresh cookie reaches the browser unchanged. A logout without credentials ends nothing and clears
 * the cookie, with the same attributes as a sign-in.
 */
export async function checkCookies(patient: Patient): Promise<Finding[]> {
  const { status, headers } = await ask(patient, "/auth/logout", {
    method: "POST",
    headers: { Origin: patient.app.origin },
  });
  const cookie = headers.getSetCookie().find((line) => /^(?:__Host-)?refresh_token=/.test(line));
  if (status === 403)
    return [fault("the API refuses the app's origin", "set FRONTEND_URL to it, or add it to ALLOWED_ORIGINS")];
  if (cookie === undefined)
    return [fault(`a logout answers ${status} and clears no cookie`, "let gateways pass Set-Cookie through")];
  const isSecure = patient.api.startsWith("https:");
  const attributes = new Set(cookie.toLowerCase().split(/;\s*/).slice(1));
  const wanted = ["path=/", "httponly", "samesite=lax", ...(isSecure ? ["secure"] : [])];
  const isAltered = wanted.some((attribute) => !attributes.has(attribute)) || /;\s*domain=/i.test(cookie);
  return unless(
    [
      [
        isSecure !== cookie.startsWith("__Host-"),
        fault(
          `over ${isSecure ? "https" : "http"} the cookie is called ${cookie.split("=")[0]}`,
          `set ISSUER to ${patient.api}: its scheme decides the cookie`,
        ),
      ],
      [
        isAltered,
        fault(`the cookie is altered on its way: ${shown(cookie)}`, "let gateways pass Set-Cookie through as it is"),
      ],
      [
        headers.get("access-control-allow-origin") !== patient.app.origin,
        fault("the app cannot read the answer", "let gateways pass the service's CORS headers through"),
      ],
    ],
    `${cookie.split("=")[0]}, ${isSecure ? "Secure, " : ""}HttpOnly, SameSite=Lax`,
  );
}

/** Checks that the security headers arrive, over https. */
export async function checkHeaders(patient: Patient): Promise<Finding[]> {
  const { headers } = await ask(patient, "/health/live");
  const api = new URL(patient.api);
  const wanted: Readonly<Record<string, RegExp>> = {
    "Cache-Control": /no-store/,
    "Content-Security-Policy": /frame-ancestors 'none'/,
    "Referrer-Policy": /no-referrer/,
    Vary: /(?:^|,)\s*origin\s*(?:,|$)/i,
    "X-Content-Type-Options": /^nosniff$/,
    "X-Request-Id": /./,
    ...(api.protocol === "https:" && { "Strict-Transport-Security": /max-age=[1-9]/ }),
  };
  const lost = Object.keys(wanted).filter((name) => !wanted[name]?.test(headers.get(name) ?? ""));
  return unless(
    [
      [
        api.protocol === "http:" && !isLoopback(api.hostname),
        fault("the API is reached over plain http", "serve it over https only, and set ISSUER to that address"),
      ],
      [
        lost.length > 0,
        fault(
          `missing or changed: ${lost.join(", ")}`,
          "let gateways pass the headers of the service through; HSTS also needs an https ISSUER",
        ),
      ],
    ],
    "all of the service's headers arrive",
  );
}
