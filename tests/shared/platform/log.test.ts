import { describe, expect, test } from "vitest";
import { describeError, log, withinInvocation } from "../../../shared/platform/log.ts";

function logged(fields: Record<string, unknown>): string {
  const lines: string[] = [];
  const invocation = { requestId: "r-1", functionName: "f", write: (_level: string, line: string) => lines.push(line) };
  withinInvocation(invocation, () => log("info", "something.happened", fields));
  return lines.join("\n");
}

describe("log", () => {
  test("within a call, writes one JSON line with the event and the request's id", () => {
    expect(JSON.parse(logged({ a: 1 }))).toEqual({
      level: "info",
      event: "something.happened",
      request_id: "r-1",
      function: "f",
      a: 1,
    });
  });

  test("ASVS 16.4.1: line breaks in a value stay within the line", () => {
    expect(logged({ user_agent: 'x\r\n{"event":"forged"}' }).split("\n")).toHaveLength(1);
  });

  test.each([
    ["password", "hunter2 hunter2"],
    ["refresh_token", "abc"],
    ["Authorization", "Bearer abc"],
    ["set-cookie", "abc"],
    ["SECRET_KEY", "abc"],
    ["passwordHash", "abc"],
  ])("a value under the key %s is hidden", (key, value) => {
    const line = logged({ outer: { [key]: value } });
    expect(line).not.toContain(value);
    expect(line).toContain("[redacted]");
  });

  test.each([
    ["an access token", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"],
    ["a refresh token", "A".repeat(43)],
    ["a storage key", "AccountKey=a/b+c=="],
    ["a database password", "Password=hunter2"],
  ])("%s in a text is hidden", (_what, secret) => {
    expect(logged({ note: `was ${secret}; twice ${secret}` })).not.toContain(secret);
  });

  test("an error is described with its causes, and its text is searched for secrets too", () => {
    const error = new Error("outer", { cause: new Error(`inner ${"B".repeat(43)}`) });
    const line = logged({ cause: describeError(error) });
    expect(line).toContain("inner [redacted]");
    expect(line).not.toContain("B".repeat(43));
  });
});
