// What stays of the audit log's chains, whatever becomes of the transactions that write them.
import { beforeEach, describe, expect, test } from "vitest";
import type { AuditEvent } from "../../shared/audit/audit.ts";
import { signInWithPassword } from "../../shared/flows/sign-in/password-sign-in.ts";
import { ApiError } from "../../shared/platform/errors/api-error.ts";
import type { Transaction } from "../../shared/stores.ts";
import { faultsOf, readRecords } from "../support/audit-chains.ts";
import { contextOf } from "../support/context.ts";
import { newDevice, password, refresh, registerPerson, signIn } from "../support/people.ts";
import { createTestServices, startService } from "../support/service.ts";
import type { TdsRequest } from "../support/tds/messages.ts";
import type { TdsAnswer } from "../support/tds/server.ts";
import { lostAnswers, once, requestsOf, settingsFor, starts, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
// Nothing here waits for a limit, and the machine may be slow.
const settings = {
  ...settingsFor(server.port),
  DB_ACQUIRE_TIMEOUT_SECONDS: "20",
  DB_CONNECT_TIMEOUT_SECONDS: "20",
  DB_RETRY_BUDGET_SECONDS: "20",
};
const service = await startService(settings);
const { api, services, clock, logLines } = service;
const { queries } = services.database;
const nobody = "00000000-0000-8000-8000-000000000000";
const deadlock = { error: { number: 1205, message: "deadlock" } };
/** A request that commits: alone, or together with the last statements. */
const isCommit = ({ kind, sql }: TdsRequest) => kind === "commit" || sql.includes("commit");

let known = new Set<string>();

beforeEach(async () => {
  server.script = {};
  known = await idsOf();
});

describe("19.2 transactions that commit", () => {
  test("go on with one chain, one after the other, and with chains of their own beside each other", async () => {
    await transact(inRun(["a", "b"]));
    await transact(inRun(["c"]));
    expect([await reasons(), (await chainsOf()).size]).toEqual([["a", "b", "c"], 1]);
    await services.transaction(contextOf(services), async (tx) => {
      await tx.audit.append(event("d"));
      await transact(inRun(["e", "f"]));
      await tx.audit.append(event("g"));
    });
    const [first, second] = [
      ["a", "b", "c", "d", "g"],
      ["e", "f"],
    ];
    const records = await added();
    const inChainOf = (reason: string) => {
      const { chain } = records.find((record) => record.reason === reason) ?? {};
      return records.filter((record) => record.chain === chain).map((record) => record.reason);
    };
    expect([inChainOf("a"), inChainOf("e")]).toEqual([first, second]);
  });

  test("and one that its own work refuses, leave no gap", async () => {
    await transact(inRun(["a"]));
    const refuse = async (tx: Transaction) => {
      await tx.audit.append(event("undone"), event("undone too"));
      await tx.identities.list(nobody);
      throw new ApiError("UNAUTHENTICATED");
    };
    await expect(transact(refuse)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await transact(inRun(["b"]));
    expect([await reasons(), (await chainsOf()).size]).toEqual([["a", "b"], 1]);
  });
});

describe.each(lostAnswers)("19.2 a commit whose answer is lost %s,", (when, reply) => {
  const isTaken = when.startsWith("after");

  test("and which is repeated with the same events, leaves each once", async () => {
    once(server, isCommit, reply);
    await transact(inRun(["a", "b"], ["a", "b"]));
    expect(await reasons()).toEqual(["a", "b"]);
  });

  test("and which is repeated with others, leaves those that were committed", async () => {
    once(server, isCommit, reply);
    await transact(inRun(["a", "b"], ["c", "b", "d"]));
    expect(await reasons()).toEqual(isTaken ? ["a", "b", "c", "d"] : ["b", "c", "d"]);
  });

  test("with the same event twice, leaves it twice", async () => {
    once(server, isCommit, reply);
    await transact(inRun(["a", "a"], ["a", "a"]));
    expect(await reasons()).toEqual(["a", "a"]);
  });

  test("with a deadlock in between, leaves each event once", async () => {
    once(server, isCommit, reply);
    await transact(async (tx, run) => {
      await tx.audit.append(event("a"));
      await tx.identities.list(nobody);
      if (run === 2) once(server, starts("select"), () => deadlock);
      await tx.identities.list(nobody);
      await tx.audit.append(event("b"));
    });
    expect(await reasons()).toEqual(["a", "b"]);
  });

  test("twice in a row, leaves each event once", async () => {
    let left = 2;
    server.script.request = (request, run): TdsAnswer => (isCommit(request) && left-- > 0 ? reply(run) : run());
    await transact(inRun(["a"], ["a", "b"], ["a", "b", "c"]));
    expect(await reasons()).toEqual(["a", "b", "c"]);
  });

  test("ends its chain: what follows is in another, also if it is not repeated", async () => {
    await transact(inRun(["before"]));
    once(server, isCommit, reply);
    await expect(transact(inRun(["a"]), false)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    await transact(inRun(["b"]));
    const records = await added();
    expect(records.map(({ reason }) => reason).toSorted()).toEqual(isTaken ? ["a", "b", "before"] : ["b", "before"]);
    const chainOf = (reason: string) => records.find((record) => record.reason === reason)?.chain;
    expect(chainOf("b")).not.toBe(chainOf("before"));
  });

  test.each([
    ["a login", "sign_in.succeeded", (email: string) => signIn(api, email)],
    ["a registration", "account.registered", () => registerPerson(api)],
  ])("%s is one event", async (_what, type, call) => {
    const email = await registerPerson(api);
    known = await idsOf();
    once(server, isCommit, reply);
    await call(email);
    expect(await reasons()).toEqual([type]);
  });

  test("of a logout, whose commit travels with its last statement: one event, and the log goes on", async () => {
    const device = await newDevice(api);
    once(server, isCommit, reply);
    expect((await api.post("/auth/logout", { bearer: device.accessToken })).status).toBe(200);
    const { accessToken: bearer } = await signIn(api, device.email);
    expect((await api.post("/auth/logout", { bearer })).status).toBe(200);
    const types = (await added()).map(({ type }) => type);
    expect(types.filter((type) => type === "session.ended")).toHaveLength(2);
  });

  test("of a refusal, leaves one event", async () => {
    const email = await registerPerson(api);
    once(server, isCommit, reply);
    expect((await api.post("/auth/login", { body: { email, password: "another pass phrase" } })).status).toBe(401);
    expect((await added()).filter(({ type }) => type === "sign_in.failed")).toHaveLength(1);
  });
});

test("19.2 a deadlock undoes the rows of its run alone", async () => {
  await transact(inRun(["before"]));
  once(server, starts('insert into "audit_events"'), (run) => (run(), deadlock));
  await transact(async (tx, run) => {
    await tx.audit.append(event(`run ${run}`), event("both"));
    await tx.identities.list(nobody);
  });
  expect(await reasons()).toEqual(["before", "both", "run 2"]);
});

test("19.1 a refusal whose row cannot be written has the same answer, and what follows is kept", async () => {
  const { email } = await newDevice(api);
  const wrong = { body: { email, password: "another pass phrase" } };
  const asIs = await api.post("/auth/login", wrong);
  once(server, starts('insert into "audit_events"'), () => ({ error: { number: 8152, message: "too long" } }));
  const start = logLines.length;
  const failed = await api.post("/auth/login", wrong);
  expect([failed.status, failed.json.error_code]).toEqual([asIs.status, asIs.json.error_code]);
  const told = logLines.slice(start).map((line) => JSON.parse(line) as { event: string; types?: string[] });
  expect(told.find((line) => line.event === "audit.not_kept")?.types).toEqual(["sign_in.failed"]);
  await signIn(api, email);
  expect((await added()).filter(({ type }) => type === "sign_in.failed")).toHaveLength(1);
});

test("19.1 an event travels with the statement of its change, and with the commit", async () => {
  const { accessToken: bearer } = await newDevice(api);
  const sent = await requestsOf(server, () => api.post("/auth/logout", { bearer }));
  const [message, ...others] = sent.filter(({ sql }) => sql.includes('insert into "audit_events"'));
  expect(message?.sql).toMatch(/^begin transaction;\n.*\n.*\nupdate "sessions"[^]*commit transaction$/);
  expect(others).toEqual([]);
});

// One after the other: behind the scripted server, transactions at once would wait for each other for ever. Those are
// in tests/shared/audit/writer.test.ts.
test("19.2 sign-ins on two instances, whose clocks differ, leave chains that fit", async () => {
  const other = await createTestServices(settings);
  other.clock.advance((clock.now().getTime() - other.clock.now().getTime()) / 1000 - 20);
  const email = await registerPerson(api);
  known = await idsOf();
  for (const on of [services, other.services, services, other.services])
    await signInWithPassword(contextOf(on), { email, password });
  const records = (await added()).filter(({ type }) => type === "sign_in.succeeded");
  expect([records.length, new Set(records.map(({ chain }) => chain)).size]).toEqual([4, 2]);
  expect(new Set(records.map(({ time }) => time)).size).toBe(2);
});

test("19.2 midnight begins another chain; a refresh that ends nothing leaves no row", async () => {
  clock.advance((86_400_000 - (clock.now().getTime() % 86_400_000)) / 1000 - 1);
  await transact(inRun(["before"]));
  const device = await newDevice(api);
  clock.advance(1);
  await transact(inRun(["after"]));
  expect((await refresh(api, device.cookie)).status).toBe(200);
  expect(await reasons()).toEqual(["account.registered", "after", "before", "sign_in.succeeded"]);
  const records = await added();
  const of = (reason: string) => records.find((record) => record.reason === reason);
  expect([of("after")?.seq, of("after")?.chain === of("before")?.chain]).toEqual([1, false]);
});

async function idsOf(): Promise<Set<string>> {
  return new Set((await readRecords(queries)).map(({ id }) => id));
}

/** What a test has added to the log, once it is sure that every chain fits. */
async function added() {
  const records = await readRecords(queries);
  expect(faultsOf(records)).toEqual([]);
  return records.filter(({ id }) => !known.has(id));
}

async function reasons(): Promise<string[]> {
  return (await added()).map(({ type, reason }) => reason ?? type).toSorted();
}

async function chainsOf(): Promise<Set<string>> {
  return new Set((await added()).map(({ chain }) => chain));
}

function event(reason: string): AuditEvent {
  return { type: "client.token_revoked", clientId: "client", reason };
}

/** Runs a transaction that asks something first. */
function transact(work: (tx: Transaction, run: number) => Promise<unknown>, isRepeatable = true): Promise<unknown> {
  let runs = 0;
  const run = async (tx: Transaction) => {
    await tx.identities.list(nobody);
    return work(tx, (runs += 1));
  };
  return services.transaction(contextOf(services), run, { isRepeatable });
}

/** Work that appends these events in its first run, in its second … */
function inRun(...runs: readonly (readonly string[])[]) {
  return async (tx: Transaction, run: number) => {
    for (const reason of runs[run - 1] ?? []) await tx.audit.append(event(reason));
  };
}
