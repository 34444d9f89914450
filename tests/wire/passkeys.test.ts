// What passkeys ask of SQL Server: how often, and what a lost answer leaves behind.
import { beforeEach, describe, expect, test } from "vitest";
import { createPasskeyCalls } from "../support/passkeys.ts";
import { refresh } from "../support/people.ts";
import type { TdsRequest } from "../support/tds/messages.ts";
import { startService } from "../support/service.ts";
import { lostAnswers, once, requestsOf, settingsFor, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
/** Nothing here waits for a limit. */
const settings = { ...settingsFor(server.port), DB_RETRY_BUDGET_SECONDS: "20", DB_CONNECT_TIMEOUT_SECONDS: "20" };
const service = await startService(settings);
const { passkeyOwner, provenPerson, make, add, begin, list, challenge, shown, signInBy, send } =
  createPasskeyCalls(service);
const requests = async (work: () => Promise<unknown>) => (await requestsOf(server, work)).length;

beforeEach(() => {
  server.script = {};
});

test("20.5 requests of a call, warm: options 0, a sign-in 8, an unknown passkey 1, a list 3, adding one 10", async () => {
  const owner = await passkeyOwner();
  const first = await signInBy(await shown(owner));
  const device = first.setCookies.find((cookie) => cookie.includes("device"))?.split(";")[0];
  const body = await shown(owner);
  const counted = {
    options: await requests(() => challenge()),
    signIn: await requests(() => signInBy(body, device)),
    unknown: await requests(async () => signInBy(await shown(owner, { userHandle: undefined }), device)),
    list: await requests(() => list(owner.device)),
    begin: await requests(() => begin(owner.device)),
    add: 0,
  };
  const { credential } = await make(owner.device);
  counted.add = await requests(() => add(owner.device, credential));
  expect(counted).toEqual({ options: 0, signIn: 8, unknown: 1, list: 3, begin: 4, add: 10 });
});

/** A request that commits: alone, or together with the last statements. */
const isCommit = ({ kind, sql }: TdsRequest) => kind === "commit" || sql.includes("commit");
const isCommitOf = (text: string) => {
  let isThere = false;
  return (request: TdsRequest) => {
    isThere ||= request.statements.some((statement) => statement.includes(text));
    return isThere && isCommit(request);
  };
};

describe.each(lostAnswers)("20.5 a commit's answer lost %s,", (_when, reply) => {
  test.each([true, false])(
    "to a sign-in, with an authenticator that counts: %s, begins one session",
    async (doesCount) => {
      const owner = await passkeyOwner({ doesCount });
      const body = await shown(owner);
      once(server, isCommitOf('insert into "used_webauthn_challenges"'), reply);
      const answer = await signInBy(body);
      expect(answer.status).toBe(200);
      expect((await refresh(service.api, answer.cookie ?? "")).status).toBe(200);
      expect((await signInBy(body)).json.error_code).toBe("PASSKEY_INVALID");
      expect((await signInBy(await shown(owner))).status).toBe(200);
    },
  );

  test("to adding a passkey: there is one, and its owner is told once", async () => {
    const device = await provenPerson();
    const { credential } = await make(device);
    once(server, isCommitOf('insert into "used_webauthn_challenges"'), reply);
    expect((await add(device, credential)).status).toBe(200);
    expect((await list(device)).json.data.passkeys).toHaveLength(1);
    const [{ id }] = (await list(device)).json.data.passkeys;
    expect((await send("DELETE", `/auth/passkeys/${id}`, device)).status).toBe(200);
  });
});
