import { describe, expect, test } from "vitest";
import { newDevice, password } from "../support/people.ts";
import { openRaw } from "../local-host/open-raw.ts";
import { startService } from "../support/service.ts";

const { api, url, services, logLines } = await startService();

async function rowCounts(): Promise<number[]> {
  const db = services.database.queries.withTables<{
    users: { id: string };
    sessions: { id: string };
    refresh_tokens: { session_id: string };
  }>();
  const count = async (table: "users" | "sessions" | "refresh_tokens") =>
    (await db.selectFrom(table).select(db.fn.countAll<number>().as("n")).executeTakeFirstOrThrow()).n;
  return [await count("users"), await count("sessions"), await count("refresh_tokens")];
}

const utf16 = Buffer.from('\uFEFF{"email":"a@example.com"}', "utf16le");
const nested = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;

const inputs: readonly (readonly [string, { body?: unknown; headers?: Record<string, string> }, number, string])[] = [
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

describe.each(["/auth/register", "/auth/login"])("POST %s", (path) => {
  test.each(inputs)("with %s: the named error, one log line, nothing written", async (_what, request, status, code) => {
    const before = await rowCounts();
    logLines.length = 0;
    const answer = await api.post(path, request);
    expect([answer.status, answer.json.error_code]).toEqual([status, code]);
    expect(logLines).toHaveLength(1);
    expect(JSON.parse(logLines[0] ?? "")).toMatchObject({
      event: "request.refused",
      status,
      code,
      request_id: answer.headers.get("x-request-id"),
    });
    expect(await rowCounts()).toEqual(before);
  });
});

test("the reason of invalid JSON is said, without the body's own words", async () => {
  const reason = async (body: string) => (await api.post("/auth/login", { body })).json.details.reason;
  expect(await reason('{"email":1,"email":2}')).toBe("An object has a duplicate key");
  expect(await reason('{"canary')).toBe("The body is not a single JSON value in UTF-8");
});

test("a coded body is 415: it would be read as what it is not", async () => {
  const answer = await api.post("/auth/login", { body: "{}", headers: { "Content-Encoding": "gzip" } });
  expect(answer.json.error_code).toBe("UNSUPPORTED_MEDIA_TYPE");
});

test("an answer names 20 faults at most, however many there are", async () => {
  const body = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`field_${index}`, 1]));
  const answer = await api.post("/auth/login", { body });
  expect([answer.status, answer.json.details.fields.length]).toEqual([422, 20]);
});

describe("headers", () => {
  test("a header of 10 kB is no error", async () => {
    expect((await api.get("/health/live", { headers: { "X-Large": "a".repeat(10_240) } })).status).toBe(200);
  });

  test("a user agent of 10 kB is kept in part", async () => {
    logLines.length = 0;
    await api.post("/auth/login", {
      body: { email: "a@example.com", password },
      headers: { "User-Agent": "u".repeat(10_240) },
    });
    expect(Math.max(...logLines.map((line) => line.length))).toBeLessThan(1000);
  });

  test("a charset of UTF-8 may be named", async () => {
    const device = await newDevice(api);
    const headers = { "Content-Type": 'application/json; charset="UTF-8"' };
    expect((await api.post("/auth/refresh", { body: { refresh_token: device.refreshToken }, headers })).status).toBe(
      200,
    );
  });

  test("a body in chunks, which Azure's host does not hand on, is answered with what to do", async () => {
    const connection = openRaw(url);
    connection.write(
      `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    );
    const answer = await connection.ended;
    expect(answer).toContain("400 Bad Request");
    expect(answer).toContain("not in chunks");
  });
});
