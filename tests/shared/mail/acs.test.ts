import { describe, expect, test } from "vitest";
import { createAcs, type AcsOptions } from "../../../shared/mail/providers/acs.ts";
import { startAcs, type AcsReply } from "../../support/acs-server.ts";
import { render } from "../../support/rendered-mails.ts";

const id = "0198f0a2-0000-8000-8000-000000000001";
const sender = {
  from: { address: "noreply@example.com", name: "Latchkey" },
  replyTo: "help@example.com",
  logo: undefined,
};
const mail = (options = {}) => render("reset_password", { id, data: { token: "t".repeat(43) }, ...options });

const identity = { clientId: undefined, isInAzure: false };
const provider = (endpoint: string, options: Partial<AcsOptions> = {}, from = sender) =>
  createAcs({ endpoint, identity, getToken: async () => "a-canary-token", ...options }, from);
const accepted: AcsReply = [202, { id, status: "Running" }];
const error = (code: string, message = ""): unknown => ({ error: { code, message } });

describe("Communication Services", () => {
  test("gets the mail as its REST API wants it, with the row's id as the operation's", async () => {
    const { endpoint, calls } = await startAcs(accepted);
    expect(await provider(endpoint).send(mail({ to: "ada@bücher.example" }))).toEqual({ kind: "sent" });
    const [{ line, headers, body } = expect.fail("no call")] = calls;
    expect(line).toBe("POST /emails:send?api-version=2025-09-01");
    expect(headers).toMatchObject({ authorization: "Bearer a-canary-token", "operation-id": id });
    const { content, ...rest } = JSON.parse(body);
    expect(rest).toEqual({
      senderAddress: "noreply@example.com",
      recipients: { to: [{ address: "ada@xn--bcher-kva.example" }] },
      replyTo: [{ address: "help@example.com" }],
      headers: {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Message-ID": `<${id}@example.com>`,
      },
      userEngagementTrackingDisabled: true,
    });
    expect(Object.keys(content)).toEqual(["subject", "plainText", "html"]);
  });

  test("is asked for with a token for its own audience alone", async () => {
    const { endpoint } = await startAcs(accepted);
    const scopes: string[] = [];
    const getToken = async (scope: string) => {
      scopes.push(scope);
      return "token";
    };
    await provider(endpoint, { getToken }).send(mail());
    expect(scopes).toEqual(["https://communication.azure.com//.default"]);
  });

  test("gets the logo as an inline attachment", async () => {
    const { endpoint, calls } = await startAcs(accepted);
    const logo = { contentType: "image/png", bytes: Buffer.from("89504e47", "hex") } as const;
    await provider(endpoint, {}, { ...sender, logo } as never).send(mail());
    expect(JSON.parse(calls[0]?.body ?? "").attachments).toEqual([
      { name: "logo.png", contentType: "image/png", contentInBase64: "iVBORw==", contentId: "logo" },
    ]);
  });

  test.each([
    ["400 for the message", [400, error("InvalidArgument", "to ada@example.com is wrong")], "refused"],
    ["400 for a domain of the recipient", [400, error("InvalidArgument", "The recipient's domain")], "refused"],
    ["400 for the sender", [400, error("InvalidSenderUserName")], "again"],
    ["413", [413, "too large"], "refused"],
    ["422", [422, error("ValidationError")], "refused"],
    ["401", [401, error("Denied", "Denied by the resource provider.")], "again"],
    ["403", [403, error("Forbidden")], "again"],
    ["404 for the domain", [404, error("DomainNotLinked")], "again"],
    ["408", [408], "again"],
    ["500", [500, error("InternalServerError")], "again"],
    ["503 with a page", [503, "<html>busy</html>"], "again"],
    ["a redirect", [302, {}, { Location: "http://elsewhere.example/" }], "again"],
    ["null", [500, null], "again"],
    ["an odd error", [500, { error: { code: 7, message: ["x"] } }], "again"],
  ] as const)("answers %s: %s", async (_what, answer, kind) => {
    const { endpoint } = await startAcs(answer);
    const outcome = await provider(endpoint).send(mail());
    expect(outcome).toMatchObject({ kind, why: expect.stringContaining(String(answer[0])) });
    expect(JSON.stringify(outcome)).not.toMatch(/ada@|canary|ttttt/);
  });

  test.each([
    ["17", 17],
    ["0", 1],
    ["999999", 3600],
    ["Wed, 21 Oct 2026 07:28:00 GMT", 60],
    ["-5", 60],
    [undefined, 60],
  ])("answers 429 with Retry-After %s: held back for %i s", async (retryAfter, seconds) => {
    const headers: Record<string, string> = retryAfter === undefined ? {} : { "Retry-After": retryAfter };
    const { endpoint } = await startAcs([429, error("TooManyRequests"), headers]);
    expect(await provider(endpoint).send(mail())).toMatchObject({ kind: "held_back", retryAfterSeconds: seconds });
  });
});

describe("a mail that an earlier attempt may have sent, since its answer was lost", () => {
  test.each([
    [409, "Running", "sent"],
    [409, "Succeeded", "sent"],
    [400, "Succeeded", "sent"],
    [409, "Failed", "refused"],
    [409, "Canceled", "refused"],
  ])("%i for the operation, which is %s: %s", async (status, operation, kind) => {
    const { endpoint, calls } = await startAcs([status, error("Conflict")], [200, { id, status: operation }]);
    expect(await provider(endpoint).send(mail())).toMatchObject({ kind });
    expect(calls.at(-1)?.line).toBe(`GET /emails/operations/${id}?api-version=2025-09-01`);
  });
});

describe("without an answer", () => {
  test("because nobody is there: again", async () => {
    const outcome = await provider("http://127.0.0.1:1").send(mail());
    expect(outcome).toMatchObject({ kind: "again", why: expect.stringMatching(/^Communication Services: /) });
  });

  test("because the connection breaks in the middle: again", async () => {
    const { endpoint } = await startAcs((response) => {
      response.writeHead(202, { "Content-Length": "100" });
      response.write("{");
      setImmediate(() => response.destroy());
    });
    expect(await provider(endpoint).send(mail())).toMatchObject({ kind: "again" });
  });

  test("in time: again", async () => {
    const { endpoint } = await startAcs(() => undefined);
    const outcome = await provider(endpoint, { limitSeconds: 0.2 }).send(mail());
    expect(outcome).toMatchObject({ kind: "again", why: expect.stringContaining("timeout") });
  });

  test("because the identity gets no token: again", async () => {
    const { endpoint, calls } = await startAcs(accepted);
    const getToken = () => Promise.reject(new Error("ManagedIdentityCredential: no identity"));
    expect(await provider(endpoint, { getToken }).send(mail())).toEqual({
      kind: "again",
      why: "Communication Services: ManagedIdentityCredential: no identity",
    });
    expect(calls).toEqual([]);
  });
});

describe("for a mail that goes nowhere", () => {
  test.each([
    ["an operation that it does not know", [404, error("NotFound")], "sent"],
    ["401", [401, error("Denied")], "again"],
    ["429", [429, error("TooManyRequests"), { "Retry-After": "17" }], "held_back"],
    ["503", [503, "<html>busy</html>"], "again"],
  ] as const)("it is asked for the operation, and nothing is sent: %s", async (_what, answer, kind) => {
    const { endpoint, calls } = await startAcs(accepted, answer);
    expect(await provider(endpoint).rehearse(id)).toMatchObject({ kind });
    expect(calls.map(({ line }) => line)).toEqual([`GET /emails/operations/${id}?api-version=2025-09-01`]);
  });

  test("it is not reached: again", async () => {
    expect(await provider("http://127.0.0.1:1").rehearse(id)).toMatchObject({ kind: "again" });
  });
});
