import { describe, expect, test } from "vitest";
import { meStatus, refresh, signIn } from "../../support/people.ts";
import { refreshSituations } from "../../support/refresh-situations.ts";
import { startService } from "../../support/service.ts";

const service = await startService();
const { api } = service;

describe.each([1, 2, 50])("RFC 9700 4.14: refreshing %d times at once", (parallel) => {
  test.each(refreshSituations(service))("with a token that is $name", async ({ arrange, answered, sessionLives }) => {
    const { cookie, latest } = await arrange();
    const bystander = await signIn(api, latest.email);
    const answers = await Promise.all(Array.from({ length: parallel }, () => refresh(api, cookie)));
    if (answered) {
      expect(answers.map(({ status }) => status)).toEqual(Array(parallel).fill(200));
      expect(new Set(answers.map((answer) => answer.cookie)).size).toBe(1);
      expect(answers[0]?.cookie).not.toBe(cookie);
    } else {
      for (const { status, json } of answers) expect([status, json.error_code]).toEqual([401, "REFRESH_TOKEN_INVALID"]);
    }
    expect(await meStatus(api, latest)).toBe(sessionLives ? 200 : 401);
    expect(await meStatus(api, bystander), "another device of the same person").toBe(200);
  });
});
