import { describe, expect, test } from "vitest";
import { claimsOf, clientToken, newClient } from "../support/clients.ts";
import { startService } from "../support/service.ts";
import { lostAnswers, once, settingsFor, starts, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
const service = await startService(settingsFor(server.port));
const { api } = service;

describe.each(lostAnswers)("an answer lost %s,", (_when, reply) => {
  test.each([
    ['insert into "clients"', "to the making of a client, leaves it usable"],
    ['insert into "client_tokens"', "to a client's token, leaves it where its claim says"],
    ['update "client_tokens"', "to a revocation, leaves the token revoked"],
  ])("%s: %s", async (statement) => {
    once(server, starts(statement), reply);
    const client = await newClient(service);
    const token = await clientToken(api, client);
    const { idx } = claimsOf(token).status.status_list;
    expect((await api.post("/oauth/revoke", { form: { token }, headers: client.basic })).status).toBe(200);
    expect(await service.services.clients.tokens.revokedSince(new Date(0))).toContain((idx - 1) / 2);
    const { json } = await api.post("/oauth/introspect", { form: { token }, headers: client.basic });
    expect(json).toEqual({ active: false });
  });
});
