import { describe, expect, test } from "vitest";
import { claimsOf, clientToken, newClient } from "../support/clients.ts";
import { startService } from "../support/service.ts";
import { lostAnswers, once, requestsOf, settingsFor, starts, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
const service = await startService(settingsFor(server.port));
const { api } = service;

describe.each(lostAnswers)("an answer lost %s,", (_when, reply) => {
  test.each([
    ['insert into "clients"', "to the making of a client, leaves it usable"],
    ['insert into "client_tokens"', "to a client's token, leaves it where its claim says"],
    ['insert into "audit_events"', "to the commit of a client's token, leaves it there too"],
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

test("19.1 a client's token takes four requests, and its revocation two, with their events", async () => {
  const client = await newClient(service);
  await clientToken(api, client);
  let token = "";
  const issue = await requestsOf(server, async () => (token = await clientToken(api, client)));
  const revoke = await requestsOf(server, () => api.post("/oauth/revoke", { form: { token }, headers: client.basic }));
  const written = (requests: typeof issue) => requests.map(({ sql }) => sql.match(/(?<=into |update )"\w+"/g) ?? []);
  expect(written(issue)).toEqual([[], ['"client_tokens"'], ['"audit_events"'], []]);
  expect(written(revoke)).toEqual([[], ['"audit_events"', '"client_tokens"']]);
});

test("18.7 a client's use is written down once a day, by one request of the call that comes first", async () => {
  const client = await newClient(service);
  const introspect = async () => {
    const answer = () => api.post("/oauth/introspect", { form: { token: "none" }, headers: client.basic });
    return (await requestsOf(server, async () => expect((await answer()).status).toBe(200))).map(
      ({ sql }) => sql.split(" ")[0],
    );
  };
  const usedAt = async () => (await service.services.clients.find(client.id))?.last_used_at;
  await introspect();
  expect(await usedAt()).toEqual(service.clock.now());
  service.clock.advance(24 * 60 * 60 - 1);
  expect(await introspect()).toHaveLength(1);
  service.clock.advance(1);
  expect(await introspect()).toHaveLength(2);
  expect(await usedAt()).toEqual(service.clock.now());
});

test("18.7 a use that cannot be written down refuses nobody", async () => {
  const client = await newClient(service);
  once(server, starts('insert into "client_uses"'), () => ({ error: { number: 3906, message: "read-only" } }));
  const answer = await api.post("/oauth/introspect", { form: { token: "none" }, headers: client.basic });
  expect(answer.status).toBe(200);
  expect(service.logLines.some((line) => line.includes("client.use_not_noted"))).toBe(true);
});
