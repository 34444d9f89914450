import { expect, test } from "vitest";
import { startService } from "../../support/service.ts";

const { api } = await startService();

test.each(["", "?response_type=code&client_id=web&redirect_uri=https://evil.example/&state=x"])(
  "GET /oauth/authorize%s answers unsupported_response_type and redirects nobody",
  async (query) => {
    const { status, json, headers } = await api.get(`/oauth/authorize${query}`);
    expect([status, json.error]).toEqual([400, "unsupported_response_type"]);
    expect(headers.has("location")).toBe(false);
    expect(await api.get("/oauth/authorize")).toMatchObject({ json });
  },
);
