import net from "node:net";
import { expect, test } from "vitest";
import { createSmtp, type SmtpLimits } from "../../../shared/mail/providers/smtp.ts";
import { reply, startSmtpServer } from "../../support/smtp-server.ts";
import { whenDone } from "../../support/when-done.ts";

const sender = { from: { address: "noreply@example.com", name: "" }, replyTo: undefined, logo: undefined };
const rehearse = (port: number, limits?: SmtpLimits) =>
  createSmtp({ host: "127.0.0.1", port, tls: "none", login: undefined }, sender, limits).rehearse("an id");

test("a mail that goes nowhere reaches the server, and leaves without a mail or a connection", async () => {
  const server = await startSmtpServer();
  expect(await rehearse(server.port)).toEqual({ kind: "sent" });
  expect(server.commands.filter((line) => /MAIL|RCPT|DATA/.test(line))).toEqual([]);
  expect(server.commands.some((line) => line.includes("EHLO"))).toBe(true);
  await expect.poll(() => server.openConnections()).toBe(0);
});

test("a server that takes no connection is tried again", async () => {
  const server = await startSmtpServer({ onConnect: (_session, done) => done(reply(421, "4.3.2 busy")) });
  expect(await rehearse(server.port)).toMatchObject({ kind: "again", why: expect.stringContaining("421") });
});

test("a server that is not there is tried again", async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  expect(await rehearse(port)).toMatchObject({ kind: "again", why: expect.stringContaining("ECONNREFUSED") });
});

test("a server that says nothing is left when the time is over", async () => {
  const server = net.createServer((socket) => void socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  whenDone(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const limits = { connectSeconds: 1, replySeconds: 1, totalSeconds: 0.1 };
  expect(await rehearse(port, limits)).toMatchObject({ kind: "again", why: expect.stringContaining("timeout") });
});
