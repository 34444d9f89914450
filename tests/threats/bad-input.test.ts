import { describe, expect, test } from "vitest";
import { newDevice, password } from "../support/people.ts";
import { badBodies } from "../support/bad-bodies.ts";
import { openRaw } from "../local-host/open-raw.ts";
import { startService } from "../support/service.ts";

const { api, url, services, logLines } = await startService();

describe.each(["/auth/register", "/auth/login"])("POST %s", (path) => {
  test.each(badBodies)(
    "with %s: the named error, one log line, nothing written",
    async (_what, request, status, code) => {
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
    },
  );
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
