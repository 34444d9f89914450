import { describe, expect, test } from "vitest";
import * as z from "zod";
import { catalogue } from "../../../shared/http/catalogue.ts";
import { endpoint } from "../../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../../shared/http/leaves-nothing.ts";
import { declareEndpoints } from "../../support/endpoints.ts";
import { startService } from "../../support/service.ts";

declareEndpoints();
const { api, logLines } = await startService();

describe("endpoint", () => {
  test("strips what the reply does not declare, at any depth", async () => {
    const { json } = await api.get("/test/extra");
    expect(json.data).toEqual({ shown: "a", list: [{ shown: 1 }] });
  });

  test("answers 500 rather than a reply of another shape, and says why in the log alone", async () => {
    logLines.length = 0;
    const { status, json } = await api.get("/test/wrong");
    expect([status, json.error_code, json.details]).toEqual([500, "INTERNAL_ERROR", {}]);
    expect(logLines).toHaveLength(1);
    expect(logLines[0]).not.toContain("canary");
  });

  test.each([
    ["text/html,application/xhtml+xml,*/*;q=0.8", true],
    ["application/json", false],
    ["*/*", false],
    ["text/html;q=0, */*", false],
  ])("of a page or an envelope, with Accept: %s, gives a page: %s", async (accept, isPage) => {
    const { headers, json } = await api.get("/test/readable", { headers: { Accept: accept } });
    expect(headers.get("content-type")).toBe(isPage ? "text/html; charset=utf-8" : "application/json");
    if (isPage) expect(json).toBe("<p>hello</p>");
    else expect(json.data).toEqual({ text: "hello" });
  });

  test("enters the codes of the shared steps beside the declared ones", () => {
    const entry = catalogue().find(({ name }) => name === "test-types");
    expect(entry?.errors).toEqual([
      "ADDRESS_NOT_ALLOWED",
      "DATABASE_UNAVAILABLE",
      "EMAIL_ALREADY_REGISTERED",
      "INTERNAL_ERROR",
      "INVALID_JSON",
      "NOT_FOUND",
      "PAYLOAD_TOO_LARGE",
      "SERVICE_MISCONFIGURED",
      "SIGNING_UNAVAILABLE",
      "TOKEN_EXPIRED",
      "UNAUTHENTICATED",
      "UNSUPPORTED_MEDIA_TYPE",
      "VALIDATION_ERROR",
    ]);
  });

  test("with a parameter in its route, is found by 405 and preflight too", async () => {
    const answer = await api.get("/test/types/42");
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
    expect((await api.get("/test/types/42/x")).status).toBe(404);
  });

  test("authenticates before it reads the body", async () => {
    expect((await api.post("/test/types/42", { body: "{" })).json.error_code).toBe("UNAUTHENTICATED");
  });

  test.each([
    ["name", { name: "test-extra", route: "test/other" }],
    ["method and route", { name: "test-other", route: "test/extra" }],
  ])("refuses a second endpoint of the same %s", (_what, taken) => {
    const again = () =>
      endpoint({
        method: "GET",
        summary: "",
        access: "public",
        ...readsWhatIsPublic,
        reply: z.null(),
        handle: async () => ({ data: null }),
        ...taken,
      });
    expect(again).toThrow("is already in the catalogue");
  });
});
