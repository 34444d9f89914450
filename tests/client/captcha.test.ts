import { describe, expect, test } from "vitest";
import { captchaOf, createClient, LatchkeyError } from "../../client/src/index.ts";

const details = { provider: "turnstile", site_key: "0x4AAA", action: "login" };
const refusal = { success: false, status_code: 403, message: "A captcha must be solved first", details };

describe("the captcha that a call needs", () => {
  test("is told by its error, and its token is sent with the same call", async () => {
    const sent: unknown[] = [];
    const answer = { ...refusal, error_code: "CAPTCHA_REQUIRED" };
    const client = createClient({
      baseUrl: "https://auth.example.com",
      async fetch(_url, init) {
        sent.push(JSON.parse(init?.body as string));
        return Response.json(answer, { status: 403 });
      },
    });
    const credentials = { email: "ada@example.com", password: "correct horse battery staple" };
    const error: unknown = await client.login(credentials).catch((thrown: unknown) => thrown);
    expect(captchaOf(error)).toEqual({ provider: "turnstile", siteKey: "0x4AAA", action: "login" });
    await client.login({ ...credentials, captcha_token: "the-token" }).catch(() => undefined);
    expect(sent).toEqual([credentials, { ...credentials, captcha_token: "the-token" }]);
    client.close();
  });

  test("is none where an error asks for none", () => {
    for (const error of [
      undefined,
      "CAPTCHA_REQUIRED",
      new Error("no"),
      new LatchkeyError("OVERLOADED", "no", { details }),
    ])
      expect(captchaOf(error)).toBeUndefined();
  });
});
