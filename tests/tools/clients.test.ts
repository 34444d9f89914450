import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hashClientSecret } from "../../shared/clients/client.ts";
import { addSeconds } from "../../shared/platform/clock.ts";
import { loadProcessConfig } from "../../shared/config.ts";
import { createServices } from "../../shared/services.ts";
import { clients } from "../../tools/clients.ts";
import { useCommandSettings } from "../support/command-settings.ts";

const now = new Date("2026-01-15T12:00:00.000Z");

useCommandSettings();

const run = (...words: string[]) => clients(words, now);
const create = async (...words: string[]) => JSON.parse((await run("create", ...words))[0] ?? "");

/** What the database holds of a client. */
async function stored(id: string) {
  const services = createServices(loadProcessConfig());
  const row = await services.clients.find(id);
  await services.close();
  return row;
}

describe("npm run clients", () => {
  test("create prints id and secret as JSON, and keeps the secret's hash alone", async () => {
    const made = await create("--name", "Orders", "--scope", "introspect  orders.read introspect");
    expect(made).toEqual({
      client_id: expect.stringMatching(/^[\da-f-]{36}$/),
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      name: "Orders",
      scope: "introspect orders.read",
    });
    const row = await stored(made.client_id);
    expect(row?.secret_hash.equals(hashClientSecret(made.client_secret))).toBe(true);
    expect(JSON.stringify(row)).not.toContain(made.client_secret);
  });

  test("list shows all, without a secret; before the first it says how to make one", async () => {
    expect(await run("list")).toEqual(["no clients yet; create one with npm run clients -- create --name N"]);
    const made = await create("--name", "Orders");
    expect(await run("list")).toEqual([`${made.client_id}  enabled  made 2026-01-15T12:00:00Z  scope ""  Orders`]);
  });

  test("rotate-secret prints a new secret once, and the old one counts no more", async () => {
    const made = await create("--name", "Orders");
    const rotated = JSON.parse((await run("rotate-secret", made.client_id))[0] ?? "");
    expect(rotated).toEqual({ client_id: made.client_id, client_secret: expect.stringMatching(/^[\w-]{43}$/) });
    expect(rotated.client_secret).not.toBe(made.client_secret);
    const row = await stored(made.client_id);
    expect(row?.secret_hash.equals(hashClientSecret(rotated.client_secret))).toBe(true);
  });

  test("18.7 unused names enabled clients that were not used for so long, after their number", async () => {
    const [never, idle, used, off] = [
      await create("--name", "a"),
      await create("--name", "b"),
      await create("--name", "c"),
      await create("--name", "d"),
    ];
    const services = createServices(loadProcessConfig());
    const noteUse = async (id: string, days: number) => {
      const found = await services.clients.find(id);
      if (found) await services.clients.noteUse(found, addSeconds(now, days * 24 * 60 * 60));
    };
    await noteUse(idle.client_id, 1);
    await noteUse(used.client_id, 1);
    await noteUse(used.client_id, 11);
    await services.close();
    await run("disable", off.client_id);
    const later = addSeconds(now, 100 * 24 * 60 * 60);
    expect(await clients(["unused", "--days", "90"], later)).toEqual([
      "2 enabled clients have not been used for 90 days",
      `${never.client_id}  made 2026-01-15T12:00:00Z  never used  a`,
      `${idle.client_id}  made 2026-01-15T12:00:00Z  last used 2026-01-16T12:00:00Z  b`,
    ]);
    const lines = (await clients(["unused", "--days", "90", "--json"], later)).map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ unused: 2, days: 90 });
    expect(Object.keys(lines[1])).toEqual(["id", "name", "created_at", "last_used_at"]);
    expect(await clients(["unused", "--days", "101"], later)).toEqual([
      "0 enabled clients have not been used for 101 days",
    ]);
  });

  test("disable counts the tokens that it ends, not those that had expired", async () => {
    const made = await create("--name", "Orders");
    const services = createServices(loadProcessConfig());
    for (const seconds of [-60, 600, 1800])
      await services.clients.tokens.begin({
        id: randomUUID(),
        clientId: made.client_id,
        issuedAt: now,
        expiresAt: addSeconds(now, seconds),
      });
    await services.close();
    expect((await run("disable", made.client_id))[0]).toContain("2 of its access tokens were revoked");
  });

  test("disable says what it has done; a second time it changes nothing", async () => {
    const made = await create("--name", "Orders");
    expect((await run("disable", made.client_id))[0]).toMatch(/^disabled .*0 of its access tokens/);
    await clients(["disable", made.client_id], new Date("2026-02-01T00:00:00.000Z"));
    expect((await run("list"))[0]).toContain("disabled 2026-01-15T12:00:00Z");
    await expect(run("rotate-secret", made.client_id)).rejects.toThrow("is disabled, for good");
  });

  test.each([["rotate-secret"], ["disable"]])("%s of an unknown client says so", async (command) => {
    for (const id of ["nonsense", "00000000-0000-8000-8000-000000000000", "' or 1=1 --"])
      await expect(run(command, id)).rejects.toThrow(`There is no client ${id}; see npm run clients -- list`);
  });

  test.each([
    [["--name", ""], "--name takes 1 to 100 characters"],
    [["--name", " "], "--name takes 1 to 100 characters"],
    [["--name", "a\nb"], "--name takes 1 to 100 characters"],
    [["--name", "x".repeat(101)], "--name takes 1 to 100 characters"],
    [["--name", "A", "--scope", 'a"b'], "--scope takes words separated by spaces"],
    [["--name", "A", "--scope", "ä"], "--scope takes words separated by spaces"],
  ])("create %j is refused with the rule", async (words, rule) => {
    await expect(run("create", ...words)).rejects.toThrow(rule);
    expect(await run("list")).toEqual(["no clients yet; create one with npm run clients -- create --name N"]);
  });

  test.each([
    [[]],
    [["sideways"]],
    [["create"]],
    [["create", "x"]],
    [["list", "x"]],
    [["disable"]],
    [["disable", "a", "b"]],
    [["list", "--name", "x"]],
    [["create", "--nam", "x"]],
    [["unused"]],
    [["unused", "x", "--days", "1"]],
    [["list", "--days", "1"]],
    [["create", "--name", "x", "--json"]],
  ])("%j is answered with how to use it", async (words) => {
    await expect(run(...words)).rejects.toThrow("usage: npm run clients -- create --name N [--scope S] | list");
  });
});
