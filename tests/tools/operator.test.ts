import { userInfo } from "node:os";
import { describe, expect, test } from "vitest";
import { loadProcessConfig } from "../../shared/config.ts";
import { addSeconds, systemClock } from "../../shared/platform/clock.ts";
import { createServices, type Services } from "../../shared/services.ts";
import { addresses } from "../../tools/addresses.ts";
import { clients } from "../../tools/clients.ts";
import { keys } from "../../tools/keys.ts";
import { mail } from "../../tools/mail.ts";
import { faultsOf, readRecords } from "../support/audit-chains.ts";
import { useCommandSettings } from "../support/command-settings.ts";
import { postMail } from "../support/mail-service.ts";

const now = new Date("2026-01-15T12:00:00.000Z");
const later = addSeconds(now, 60);

useCommandSettings({ ALGORITHM: "ES256" });

/** Runs work on the database of the commands. */
async function withServices<T>(work: (services: Services) => Promise<T>): Promise<T> {
  const services = createServices(loadProcessConfig(), { ...systemClock, now: () => now });
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}

const records = () => withServices(({ database }) => readRecords(database.queries));
const newClient = async () => JSON.parse((await clients(["create", "--name", "Orders"], now))[0] ?? "");
const signingKid = () => withServices(async ({ tokens }) => (await tokens.keys.current(now)).kid ?? "");

describe("19.7 what an operator does is an event of an administrator:", () => {
  test.each<[string, string, (run: Run) => Promise<unknown>, object?]>([
    ["clients create", "client.created", (run) => run(clients, "create", "--name", "Orders")],
    [
      "clients rotate-secret",
      "client.secret_rotated",
      async (run) => run(clients, "rotate-secret", (await newClient()).client_id),
    ],
    ["clients disable", "client.disabled", async (run) => run(clients, "disable", (await newClient()).client_id)],
    [
      "addresses deny",
      "address_rule.made",
      (run) => run(addresses, "deny", "203.0.113.7", "--for", "1h"),
      { reason: "deny" },
    ],
    [
      "addresses remove",
      "address_rule.removed",
      async (run) => {
        await addresses(["allow", "203.0.113.7", "--for", "1h"], now);
        return run(addresses, "remove", "203.0.113.7");
      },
    ],
    [
      "keys rotate",
      "key.published",
      async (run) => {
        await signingKid();
        return run(keys, "rotate");
      },
      { reason: expect.stringMatching(/^key [\w-]{16}$/) },
    ],
    ["keys rotate --now", "key.promoted", (run) => run(keys, "rotate", "--now")],
    ["keys revoke", "key.revoked", async (run) => run(keys, "revoke", await signingKid(), "--yes")],
    [
      "mail resend",
      "mail.put_back",
      async (run) => run(mail, "resend", await withServices((services) => postMail(services))),
      { reason: "reset_password" },
    ],
  ])("%s", async (command, type, act, expected = {}) => {
    let typed: readonly string[] = [];
    await act((tool, ...words) => tool((typed = words), later));
    const all = await records();
    expect(faultsOf(all)).toEqual([]);
    const [record, ...others] = all.filter(({ time }) => time === later.toISOString());
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      type,
      outcome: "success",
      actor: "administrator",
      actorId: null,
      subject: null,
      ...expected,
    });
    const words = [command.split(" ")[0], ...typed].join(" ");
    expect(JSON.parse(record?.personal ?? "{}")).toMatchObject({
      user_agent: `${userInfo().username}: npm run ${words}`,
    });
  });

  test("the client that it concerns stands in its details, its secret nowhere", async () => {
    const { client_id: id, client_secret: secret } = await newClient();
    const [record] = await records();
    expect(JSON.parse(record?.details ?? "{}")).toEqual({ client_id: id });
    expect(JSON.stringify(record)).not.toContain(secret);
  });
});

describe("19.7 no event is left by", () => {
  test.each<[string, () => Promise<unknown>]>([
    ["a look", () => clients(["list"], now)],
    ["what is refused", () => clients(["create", "--name", ""], now)],
    ["an unknown client", () => clients(["disable", "00000000-0000-8000-8000-000000000000"], now)],
    ["a rule that is not there", () => addresses(["remove", "203.0.113.7"], now)],
    ["a key that is there already", async () => (await signingKid(), keys(["revoke", "another", "--yes"], now))],
    ["a revocation that is not confirmed", async () => keys(["revoke", await signingKid()], now)],
  ])("%s", async (_what, act) => {
    await act().catch(() => undefined);
    expect(await records()).toEqual([]);
  });
});

/** Runs a command with these words. */
type Run = (tool: (words: readonly string[], now: Date) => Promise<unknown>, ...words: string[]) => Promise<unknown>;
