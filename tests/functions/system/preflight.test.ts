import { describe, expect, test } from "vitest";
import { catalogue } from "../../../shared/http/catalogue.ts";
import { startService } from "../../support/service.ts";

const { api } = await startService();
const traced = ["traceparent", "tracestate", "baggage", "request-id", "request-context"];
const routes = [
  ...new Set(catalogue().map(({ route }) => `/${route.replace(/^\//, "").replace("{provider}", "acme")}`)),
];

const preflight = (path: string, origin: string) =>
  api.send("OPTIONS", path, {
    headers: {
      Origin: origin,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": traced.join(","),
    },
  });

describe("15.21 a page whose calls are traced", () => {
  test.each(routes)("of a listed origin may call %s", async (path) => {
    const answer = await preflight(path, "http://localhost:3000");
    expect(answer.status).toBe(204);
    const allowed = (answer.headers.get("access-control-allow-headers") ?? "").toLowerCase().split(", ");
    expect(allowed).toEqual(expect.arrayContaining([...traced, "authorization", "content-type"]));
  });

  test("of another origin may not", async () => {
    const answer = await preflight("/auth/login", "https://evil.example");
    expect(answer.status).toBe(403);
    expect(answer.headers.has("access-control-allow-headers")).toBe(false);
  });
});
