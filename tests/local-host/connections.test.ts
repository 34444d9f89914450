import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { newDevice } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { openRaw } from "./open-raw.ts";
import { startHost } from "./start-host.ts";

const { api, url } = await startService();
const live = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

test("what was read before an unreadable part is answered first", async () => {
  const { accessToken } = await newDevice(api);
  const me = `GET /auth/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${accessToken}\r\n\r\n`;
  const connection = openRaw(url);
  connection.write(`${me}FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect((await connection.ended).match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 404"]);
});

test.each(["256.1.1.1", "999999999999", "1.1.1.1.1", "256.1.1.1:80"])(
  "the Host %s, of which no URL can be made, is 400",
  async (host) => {
    const connection = openRaw(url);
    connection.write(`GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 400 /);
  },
);

test(
  "closing does not wait for connections that are silent or have sent half a request",
  { timeout: 5000 },
  async () => {
    const host = await startHost(() => undefined);
    const connections = ["", "GET / HTTP/1.1\r\nHo"].map((text) => {
      const connection = openRaw(host.url);
      connection.write(text);
      return connection;
    });
    await sleep(50);
    await host.close();
    expect(await Promise.all(connections.map(({ ended }) => ended))).toEqual(["", ""]);
  },
);

test("a connection that has served stays open for the next request", async () => {
  const connection = openRaw(url);
  connection.write(live + live + live.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  expect((await connection.ended).match(/HTTP\/1\.1 200/g)).toHaveLength(3);
});
