import { once } from "node:events";
import dns from "node:dns";
import net from "node:net";
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { TdsAnswer } from "../support/tds/server.ts";
import { startTdsServer } from "../support/tds/test-server.ts";
import { refusal, timed, watched, impatient } from "./sql-server.ts";

const error = (number: number): Exclude<TdsAnswer, "half"> & { error: { number: number; message: string } } => ({
  error: { number, message: `fault ${number}` },
});
type Looked = (error: NodeJS.ErrnoException) => void;

const server = await startTdsServer();
const connect = watched(server);

beforeEach(() => {
  server.script = {};
  server.logins.length = 0;
});

describe("a database that is asleep (40613)", () => {
  test("is woken: the caller of the first query gets its answer once the login is taken", async () => {
    server.script = { login: (attempt) => (attempt <= 4 ? error(40613) : "accept") };
    await connect().ping();
    expect(server.logins).toHaveLength(5);
  });

  test("for longer than the budget, is a 503 that says when to come back", async () => {
    server.script = { login: () => error(40613) };
    const database = connect();
    const [thrown, milliseconds] = await timed(() => refusal(database.ping()));
    expect(milliseconds).toBeLessThan(2500);
    expect([thrown.status, thrown.options.retryAfterSeconds]).toEqual([503, 15]);
    expect(thrown.message).toBe(
      "The database cannot be reached: it is asleep or starting, which can take a minute (40613)",
    );
    server.script = {};
    await database.ping();
  });
});

describe("a login", () => {
  test.each([17187, 18401, 922, 64321])("refused with %i, which passes, is tried again", async (number) => {
    server.script = { login: (attempt) => (attempt === 1 ? error(number) : "accept") };
    await connect().ping();
    expect(server.logins).toHaveLength(2);
  });

  test.each([
    [18456, "the login was refused: see DB_USERNAME and DB_PASSWORD, or the identity's permissions (18456)"],
    [40615, "the server's firewall does not admit this address (40615)"],
    [40914, "the server's firewall does not admit this address (40914)"],
  ])("refused with %i, is a 503 at once, in one line, and is not tried again", async (number, reason) => {
    server.script = { login: () => error(number) };
    const thrown = await refusal(connect().ping());
    expect([thrown.reason, thrown.message.includes("\n"), server.logins.length]).toEqual([reason, false, 1]);
  });

  test("to a database that is not there (4060), is tried again, then a 503 that names the setting", async () => {
    server.script = { login: () => error(4060) };
    const thrown = await refusal(connect().ping());
    expect(thrown.reason).toBe("the database cannot be opened: see DB_DATABASE (4060)");
    expect(server.logins.length).toBeGreaterThan(3);
  });

  test("that is slow, is waited for", async () => {
    server.script = { login: () => new Promise((resolve) => setTimeout(() => resolve("accept"), 600)) };
    await connect().ping();
    expect(server.logins).toHaveLength(1);
  });

  test("that is never answered, is a 503 within the budget and one last attempt", async () => {
    server.script = { login: () => "silence" };
    const [thrown, milliseconds] = await timed(() => refusal(connect(server.port, impatient).ping()));
    expect([thrown.reason, milliseconds < 3500]).toEqual(["the server did not answer in time", true]);
  });

  test("whose connection is dropped, is tried again", async () => {
    server.script = { login: (attempt) => (attempt === 1 ? "drop" : "accept") };
    await connect().ping();
  });
});

describe("a server", () => {
  test("whose certificate is not trusted, is refused before the login is sent", async () => {
    const thrown = await refusal(connect(server.port, { verifyCertificate: true }).ping());
    expect([thrown.reason, server.logins]).toEqual(["the server's certificate is not trusted", []]);
  });

  test("that offers no encryption, is refused before the login is sent", async () => {
    server.script = { encryption: "off" };
    const thrown = await refusal(connect().ping());
    expect([thrown.reason, server.logins]).toEqual(["the server offers no encryption", []]);
  });

  test("at a port where nothing answers, is a 503 that names the settings", async () => {
    const free = net.createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as net.AddressInfo;
    free.close();
    const thrown = await refusal(connect(port).ping());
    expect(thrown.reason).toBe("nothing answers at the server's port: see DB_SERVER and DB_PORT");
  });

  test("whose name does not exist, is a 503 at once that names the setting", async () => {
    // The resolver's own answer depends on the machine: where none answers, it takes five seconds and says EAI_AGAIN.
    const lookup = vi.spyOn(dns, "lookup").mockImplementation(((_host: string, _options: unknown, done: Looked) => {
      done(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" }));
    }) as typeof dns.lookup);
    onTestFinished(() => lookup.mockRestore());
    const thrown = await refusal(connect(server.port, { server: "no-such-server.invalid" }).ping());
    expect(thrown.reason).toBe("the server's name is not known: see DB_SERVER");
    expect(lookup.mock.calls.map(([host]) => host)).toEqual(["no-such-server.invalid"]);
  });

  test("that says nothing at all, is a 503 in time", async () => {
    const mute = net.createServer().listen(0, "127.0.0.1");
    await once(mute, "listening");
    afterAll(() => mute.close());
    const [thrown, milliseconds] = await timed(() =>
      refusal(connect((mute.address() as net.AddressInfo).port, impatient).ping()),
    );
    expect([thrown.reason, milliseconds < 3500]).toEqual(["the server did not answer in time", true]);
  });

  test("that goes away and comes back, is used again without a restart", async () => {
    const database = connect();
    await database.ping();
    await server.shut();
    await refusal(database.ping());
    await server.open();
    const startedAt = performance.now();
    await database.ping();
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
