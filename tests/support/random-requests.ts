import * as fc from "fast-check";
import type { Device } from "./people.ts";

export interface RandomRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array | undefined;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Requests to these routes and to others, which are hardly ever what they should be. */
export function randomRequest(routes: readonly string[], device: Device) {
  const fieldName = fc.constantFrom(
    "email",
    "username",
    "password",
    "transport",
    "refresh_token",
    "scope",
    "code",
    "redirect_uri",
    "code_verifier",
    "id_token",
    "nonce",
    "access_token",
    "redirect_to",
    "__proto__",
    "constructor",
    "x",
  );
  const almostValid = fc.dictionary(
    fieldName,
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("a@example.com", "body", "global", device.refreshToken),
      fc.jsonValue(),
    ),
  );
  const body = fc.oneof(
    { weight: 4, arbitrary: almostValid.map((value) => JSON.stringify(value)) },
    { weight: 2, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 1, arbitrary: almostValid.map((value) => JSON.stringify(value).slice(0, -1)) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
  const headerValue = fc.string({ unit: fc.constantFrom(..."abcXYZ019 ,;=:/*\"'()[]{}<>@%&?.-_~+") });
  const headers = fc.record(
    {
      "Content-Type": fc.oneof(
        fc.constantFrom("application/json", "application/json; charset=utf-8", "text/plain"),
        headerValue,
      ),
      Authorization: fc.oneof(
        fc.constant(`Bearer ${device.accessToken}`),
        headerValue,
        headerValue.map((text) => `Bearer ${text}`),
      ),
      Cookie: fc.oneof(fc.constant(`refresh_token=${"x".repeat(43)}`), headerValue),
      Origin: fc.oneof(fc.constantFrom("http://localhost:3000", "null"), headerValue),
      Accept: headerValue,
      "Sec-Fetch-Site": fc.constantFrom("cross-site", "same-origin", "none"),
      "X-Forwarded-For": headerValue,
      "X-Request-Id": headerValue,
      "User-Agent": headerValue,
      "Access-Control-Request-Method": headerValue,
    },
    { requiredKeys: [] },
  );
  const path = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...routes) },
    { weight: 1, arbitrary: fc.webPath() },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...routes), fc.webQueryParameters())
        .map(([route, query]) => `${route}?${query}`),
    },
  );
  return fc.record({ method: fc.constantFrom(...methods), path, headers, body });
}
