import tls from "node:tls";
import { describe, expect, test } from "vitest";
import type { SMTPServerOptions } from "smtp-server";
import { createSmtp } from "../../../shared/mail/providers/smtp.ts";
import type { SmtpSettings } from "../../../shared/mail/settings.ts";
import { selfSigned } from "../../../tools/self-signed.ts";
import { render } from "../../support/rendered-mails.ts";
import { reply, startSmtpServer, type TestSmtpServer } from "../../support/smtp-server.ts";
import { whenDone } from "../../support/when-done.ts";

const sender = { from: { address: "noreply@example.com", name: "Latchkey" }, replyTo: undefined, logo: undefined };
const certificate = selfSigned();
const login = { username: "latchkey", password: "canary-password" };

const send = ({ port }: TestSmtpServer, settings: Partial<SmtpSettings> = {}) =>
  createSmtp({ host: "localhost", port, tls: "starttls", login: undefined, ...settings }, sender).send(
    render("password_changed"),
  );

/** From here on, until the test is done, this machine trusts whoever has the certificate. */
function trustCertificate(): void {
  const usual = tls.getCACertificates("default");
  tls.setDefaultCACertificates([...usual, certificate.cert]);
  whenDone(() => tls.setDefaultCACertificates(usual));
}

describe.each(["starttls", "implicit"] as const)("SMTP_TLS=%s", (mode) => {
  const secured = { ...certificate, secure: mode === "implicit" };

  test("sends encrypted to a server with a certificate that can be checked", async () => {
    trustCertificate();
    const server = await startSmtpServer(secured);
    expect(await send(server, { tls: mode })).toEqual({ kind: "sent" });
    expect(server.received.map(({ isEncrypted }) => isEncrypted)).toEqual([true]);
    await expect.poll(() => server.openConnections()).toBe(0);
  });

  test("sends nothing to one whose certificate nobody knows", async () => {
    const server = await startSmtpServer({ ...secured, authOptional: false, onAuth: acceptAll });
    const outcome = await send(server, { tls: mode, login });
    expect(outcome).toMatchObject({ kind: "again", why: expect.stringMatching(/self-signed certificate/i) });
    expect(server.received).toEqual([]);
  });

  test("sends nothing to one whose certificate is another's", async () => {
    trustCertificate();
    const server = await startSmtpServer(secured);
    const outcome = await send(server, { tls: mode, host: "127.0.0.1" });
    expect(outcome).toMatchObject({ kind: "again", why: expect.stringMatching(/does not match certificate/) });
    expect(server.received).toEqual([]);
  });

  test("sends nothing, and no password, to one that does not encrypt", async () => {
    const commands: string[] = [];
    const server = await startSmtpServer({
      onAuth(auth, _session, done) {
        commands.push(String(auth.password));
        done(null, { user: "somebody" });
      },
    });
    expect(await send(server, { tls: mode, login })).toMatchObject({ kind: "again" });
    expect([server.received, commands]).toEqual([[], []]);
  });
});

const acceptAll: NonNullable<SMTPServerOptions["onAuth"]> = (auth, _session, done) =>
  auth.username === login.username && auth.password === login.password
    ? done(null, { user: auth.username })
    : done(reply(535, "5.7.8 no"));

describe("SMTP_USERNAME and SMTP_PASSWORD", () => {
  const secured = { ...certificate, authOptional: false, onAuth: acceptAll };

  test("sign in", async () => {
    trustCertificate();
    const server = await startSmtpServer(secured);
    expect(await send(server, { login })).toEqual({ kind: "sent" });
    expect(server.received.map(({ user }) => user)).toEqual(["latchkey"]);
  });

  test("that are wrong are a fault of settings: again, and the password is not told", async () => {
    trustCertificate();
    const server = await startSmtpServer(secured);
    const outcome = await send(server, { login: { ...login, password: "canary-wrong" } });
    expect(outcome).toMatchObject({ kind: "again", why: expect.stringMatching(/AUTH PLAIN.*535/) });
    expect(JSON.stringify(outcome)).not.toContain("canary");
  });

  test("that are missing where the server wants them: again", async () => {
    trustCertificate();
    const server = await startSmtpServer(secured);
    expect(await send(server)).toMatchObject({ kind: "again", why: expect.stringContaining("530") });
  });

  test("are not left out because the server asks for none", async () => {
    trustCertificate();
    const server = await startSmtpServer({ ...certificate, disabledCommands: ["AUTH"] });
    expect(await send(server, { login })).toMatchObject({ kind: "again" });
    expect(server.received).toEqual([]);
  });
});
