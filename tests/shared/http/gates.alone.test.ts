import { describe, expect, test } from "vitest";
import * as z from "zod";
import { endpoint, endpointBehind } from "../../../shared/http/endpoint.ts";
import type { Gate } from "../../../shared/http/gates/gate.ts";
import { readsWhatIsPublic } from "../../../shared/http/leaves-nothing.ts";
import { gates } from "../../../shared/http/gates/gates.ts";
import { ApiError } from "../../../shared/platform/errors/api-error.ts";
import { openApiDocument } from "../../../tools/openapi/document.ts";
import { newDevice } from "../../support/people.ts";
import { startService, withSettings } from "../../support/service.ts";

test("our gates stand in this order", () => {
  expect(gates.map(({ name }) => name)).toEqual([
    "settings",
    "addresses",
    "offered",
    "origin",
    "remembered",
    "session",
    "query",
    "body",
    "limits",
    "confirmation",
    "client",
    "path",
  ]);
});

let isSpent = false;
/** A gate of a later feature, as it would be written. */
const budget: Gate = {
  name: "budget",
  when: ({ name }) => name === "test-limited",
  errors: () => ["OVERLOADED"],
  pass() {
    if (isSpent) throw new ApiError("OVERLOADED", { retryAfterSeconds: 7 });
  },
};
const place = gates.findIndex(({ name }) => name === "session");
const limitedEndpoint = endpointBehind([...gates.slice(0, place), budget, ...gates.slice(place)]);
const usual = {
  method: "POST",
  summary: "Is limited",
  usesCookies: true,
  reply: z.object({}),
  ...readsWhatIsPublic,
} as const;
const handle = async () => ({ data: {} });

const limited = limitedEndpoint({
  ...usual,
  name: "test-limited",
  route: "test/limited",
  access: "session",
  handle,
});
const unlimited = limitedEndpoint({
  ...usual,
  name: "test-unlimited",
  route: "test/unlimited",
  access: "session",
  handle,
});

const stopped = endpoint({
  ...usual,
  name: "test-stopped",
  route: "test/stopped/{id}",
  access: "session",
  confirmation: "fresh_sign_in",
  offered: ({ http }) => http.apiDocs,
  query: z.strictObject({ page: z.coerce.number().optional() }),
  body: z.strictObject({ refresh_token: z.string().optional() }),
  path: { id: { schema: z.string().regex(/^\d+$/).transform(Number), otherwise: "IDENTITY_NOT_FOUND" } },
  reply: z.object({ next: z.number() }),
  handle: async ({ path, query, principal }) => ({
    data: { next: path.id + (query.page ?? 0) + principal.sessionId.length },
  }),
});

const service = await startService();
const { api } = service;

describe("a gate of a later feature, put into the list,", () => {
  const document = openApiDocument([limited, unlimited]) as {
    paths: Record<string, { post: { responses: Record<string, { content: object }>; security: object[] } }>;
  };

  test("has its codes in the catalogue and its responses in the API document, where it stands", () => {
    expect(limited.errors).toEqual([...unlimited.errors, "OVERLOADED"].toSorted());
    const answers = JSON.stringify(document.paths["/test/limited"]?.post.responses["503"]?.content);
    expect(answers).toContain("#/components/examples/OVERLOADED");
    const others = JSON.stringify(document.paths["/test/unlimited"]?.post.responses["503"]?.content);
    expect(others).not.toContain("OVERLOADED");
  });

  test("is passed in its place: after the origin, before authentication", async () => {
    const foreign = { headers: { Origin: "https://evil.example" } };
    expect((await api.post("/test/limited")).json.error_code).toBe("UNAUTHENTICATED");
    isSpent = true;
    expect((await api.post("/test/limited", foreign)).json.error_code).toBe("ORIGIN_NOT_ALLOWED");
    const answer = await api.post("/test/limited");
    expect([answer.json.error_code, answer.headers.get("retry-after")]).toEqual(["OVERLOADED", "7"]);
    expect((await api.post("/test/unlimited")).json.error_code).toBe("UNAUTHENTICATED");
    isSpent = false;
    const { accessToken: bearer } = await newDevice(api);
    expect((await api.post("/test/limited", { bearer })).status).toBe(200);
  });
});

describe("our gates", () => {
  test("a call that fails at each is told of the first; what they have read comes to the handler", async () => {
    const { accessToken, refreshToken } = await newDevice(api);
    const origin = { Origin: "https://evil.example" };
    const bearer = accessToken;
    const code = async (path: string, request: object) => (await api.post(path, request)).json.error_code as string;
    const steps = [
      await code("/test/stopped/x?y=1", { headers: origin, body: "{" }),
      await code("/test/stopped/x?y=1", { body: "{" }),
      await code("/test/stopped/x?y=1", { bearer, body: "{" }),
      await code("/test/stopped/x?page=2", { bearer, body: "{" }),
      await code("/test/stopped/x?page=2", { bearer, body: {} }),
      await code("/test/stopped/x?page=2", { bearer, body: { refresh_token: refreshToken } }),
    ];
    expect(steps).toEqual([
      "ORIGIN_NOT_ALLOWED",
      "UNAUTHENTICATED",
      "VALIDATION_ERROR",
      "INVALID_JSON",
      "SESSION_PROOF_REQUIRED",
      "IDENTITY_NOT_FOUND",
    ]);
    const passed = await api.post("/test/stopped/40?page=2", { bearer, body: { refresh_token: refreshToken } });
    expect([passed.status, passed.json.data]).toEqual([200, { next: 42 + 36 }]);
    withSettings(service, { API_DOCS: "off" });
    expect(await code("/test/stopped/x?y=1", { headers: origin, body: "{" })).toBe("NOT_FOUND");
  });

  test("every one names the codes that it adds to the catalogue", () => {
    for (const gate of gates.filter(({ when }) => when(stopped)))
      for (const error of gate.errors(stopped)) expect(stopped.errors, gate.name).toContain(error);
    expect(stopped.security).toEqual([["bearer", "refresh_token"], ["bearer"]]);
  });
});
