import { password } from "./people.ts";

const utf16 = Buffer.from('\uFEFF{"email":"a@example.com"}', "utf16le");
const nested = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;

/** Bodies that no endpoint with a JSON body takes: what is wrong, the request, and the status and code of its answer. */
export const badBodies: readonly (readonly [
  string,
  { body?: unknown; headers?: Record<string, string> },
  number,
  string,
])[] = [
  ["no body", {}, 400, "INVALID_JSON"],
  ["an empty body", { body: "" }, 400, "INVALID_JSON"],
  ["text that is no JSON", { body: "email=a" }, 400, "INVALID_JSON"],
  ["truncated JSON", { body: '{"email":"a@example.com","pass' }, 400, "INVALID_JSON"],
  ["bytes that are not UTF-8", { body: Uint8Array.from([0x7b, 0xff, 0x7d]) }, 400, "INVALID_JSON"],
  ["UTF-16", { body: utf16 }, 400, "INVALID_JSON"],
  ["a member named twice", { body: '{"email":"a@example.com","email":"b@example.com"}' }, 400, "INVALID_JSON"],
  ["10,000 levels", { body: nested }, 422, "VALIDATION_ERROR"],
  ["an array", { body: [] }, 422, "VALIDATION_ERROR"],
  ["a string", { body: '"text"' }, 422, "VALIDATION_ERROR"],
  ["null", { body: "null" }, 422, "VALIDATION_ERROR"],
  ["numbers for text", { body: { email: 1, username: 2, password: 3 } }, 422, "VALIDATION_ERROR"],
  [
    "an unknown field",
    { body: { email: "a@example.com", username: "a", password, admin: true } },
    422,
    "VALIDATION_ERROR",
  ],
  [
    "__proto__",
    { body: `{"email":"a@example.com","username":"a","password":"${password}","__proto__":{"admin":true}}` },
    422,
    "VALIDATION_ERROR",
  ],
  [
    "constructor",
    { body: `{"email":"a@example.com","username":"a","password":"${password}","constructor":{}}` },
    422,
    "VALIDATION_ERROR",
  ],
  ["NUL in the address", { body: { email: "a\u0000@example.com", username: "a", password } }, 422, "VALIDATION_ERROR"],
  [
    "a lone surrogate in the password",
    { body: `{"email":"a@example.com","username":"a","password":"long enough, yet \\ud800"}` },
    422,
    "VALIDATION_ERROR",
  ],
  [
    "a password of a megabyte",
    { body: { email: "a@example.com", username: "a", password: "x".repeat(1_000_000) } },
    413,
    "PAYLOAD_TOO_LARGE",
  ],
  ["64 KiB and a byte", { body: " ".repeat(65_537) }, 413, "PAYLOAD_TOO_LARGE"],
  [
    "a form",
    { body: "a=1", headers: { "Content-Type": "application/x-www-form-urlencoded" } },
    415,
    "UNSUPPORTED_MEDIA_TYPE",
  ],
  ["plain text", { body: "{}", headers: { "Content-Type": "text/plain" } }, 415, "UNSUPPORTED_MEDIA_TYPE"],
  [
    "another charset",
    { body: "{}", headers: { "Content-Type": "application/json; charset=utf-16" } },
    415,
    "UNSUPPORTED_MEDIA_TYPE",
  ],
  [
    "a type that begins alike",
    { body: "{}", headers: { "Content-Type": "application/jsonp" } },
    415,
    "UNSUPPORTED_MEDIA_TYPE",
  ],
];
