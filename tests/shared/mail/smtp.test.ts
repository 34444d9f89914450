import net from "node:net";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import type { SendOutcome } from "../../../shared/mail/provider.ts";
import { createMailProvider } from "../../../shared/mail/providers/providers.ts";
import { createSmtp, type SmtpLimits } from "../../../shared/mail/providers/smtp.ts";
import type { SmtpSettings } from "../../../shared/mail/settings.ts";
import { render } from "../../support/rendered-mails.ts";
import { reply, startSmtpServer } from "../../support/smtp-server.ts";
import { testSettings } from "../../support/settings.ts";
import { whenDone } from "../../support/when-done.ts";

const sender = {
  from: { address: "noreply@example.com", name: "Latchkey" },
  replyTo: "help@example.com",
  logo: undefined,
};
const short: SmtpLimits = { connectSeconds: 0.2, replySeconds: 0.2, totalSeconds: 60 };

const sendTo = (port: number, settings: Partial<SmtpSettings> = {}, limits?: SmtpLimits): Promise<SendOutcome> =>
  createSmtp({ host: "127.0.0.1", port, tls: "none", login: undefined, ...settings }, sender, limits).send(
    render("verify_email", {
      id: "0198f0a2-0000-8000-8000-000000000001",
      data: { code: "123456", token: "t".repeat(43) },
    }),
  );

describe("a server that accepts", () => {
  test("gets what the settings say, which are frozen", async () => {
    const server = await startSmtpServer();
    const logo = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=";
    const { mail, product } = loadConfig({
      ...testSettings,
      MAIL_PROVIDER: "smtp",
      MAIL_FROM: "noreply@bücher.example",
      MAIL_FROM_NAME: "Bücher",
      SUPPORT_EMAIL: "help@bücher.example",
      PRODUCT_LOGO: logo,
      SMTP_HOST: "127.0.0.1",
      SMTP_PORT: String(server.port),
      SMTP_TLS: "none",
    });
    const provider = createMailProvider(mail, product);
    for (let round = 0; round < 2; round += 1)
      expect(await provider.send(render("verify_email", {}, product))).toEqual({ kind: "sent" });
    expect(server.commands.filter((line) => line.startsWith("MAIL FROM"))).toEqual([
      expect.stringContaining("MAIL FROM:<noreply@xn--bcher-kva.example>"),
      expect.stringContaining("MAIL FROM:<noreply@xn--bcher-kva.example>"),
    ]);
    expect(server.received[1]?.parsed.attachments).toMatchObject([{ contentType: "image/gif", cid: "logo" }]);
  });

  test("gets the mail with its headers, text before HTML, and no connection stays open", async () => {
    const server = await startSmtpServer();
    expect(await sendTo(server.port)).toEqual({ kind: "sent" });
    const [{ from, to, parsed, raw } = expect.fail("nothing came")] = server.received;
    expect([from, to]).toEqual(["noreply@example.com", ["ada@example.com"]]);
    expect(parsed.from?.text).toBe('"Latchkey" <noreply@example.com>');
    expect(parsed.replyTo?.text).toBe("help@example.com");
    expect(parsed.messageId).toBe("<0198f0a2-0000-8000-8000-000000000001@example.com>");
    expect(parsed.date?.toISOString()).toBe("2026-01-15T12:00:00.000Z");
    expect(parsed.headers.get("auto-submitted")).toBe("auto-generated");
    expect(parsed.headers.get("x-auto-response-suppress")).toBe("All");
    expect(parsed.headers.get("content-language")).toBe("en");
    for (const name of ["list-unsubscribe", "list", "x-mailer"]) expect(parsed.headers.has(name), name).toBe(false);
    expect(raw.indexOf("text/plain")).toBeLessThan(raw.indexOf("text/html"));
    expect(parsed.text).toContain("/auth/email/verify?token=");
    expect(raw.split("\r\n").every((line) => line.length <= 998)).toBe(true);
    await expect.poll(() => server.openConnections()).toBe(0);
  });
});

// The code in the refusal, and where it comes.
describe("a server that refuses", () => {
  const said = "2.0.0 <ada@example.com> may not, see http://help.example/123456 or 654321";
  const kinds: Record<string, (code: number) => Parameters<typeof startSmtpServer>[0]> = {
    "the connection": (code) => ({ onConnect: (_session, done) => done(reply(code, said)) }),
    "MAIL FROM": (code) => ({ onMailFrom: (_address, _session, done) => done(reply(code, said)) }),
    "RCPT TO": (code) => ({ onRcptTo: (_address, _session, done) => done(reply(code, said)) }),
    DATA: (code) => ({
      onData(stream, _session, done) {
        stream.resume();
        stream.on("end", () => done(reply(code, said)));
      },
    }),
  };

  test.each([
    ["MAIL FROM", 550, "refused"],
    ["RCPT TO", 550, "refused"],
    ["RCPT TO", 553, "refused"],
    ["DATA", 554, "refused"],
    ["DATA", 552, "refused"],
    ["MAIL FROM", 451, "again"],
    ["RCPT TO", 450, "again"],
    ["RCPT TO", 451, "again"],
    ["DATA", 451, "again"],
    ["DATA", 421, "again"],
    ["the connection", 421, "again"],
    ["the connection", 554, "again"],
    ["MAIL FROM", 530, "again"],
    ["RCPT TO", 530, "again"],
    ["RCPT TO", 503, "again"],
  ] as const)("at %s with %i: %s, telling what it said but not to whom", async (place, code, kind) => {
    const server = await startSmtpServer(kinds[place]?.(code));
    const outcome = await sendTo(server.port);
    expect(outcome.kind).toBe(kind);
    const { why } = outcome as { why: string };
    expect(why).toContain(String(code));
    expect(why).not.toMatch(/ada|@|help\.example|\d{6}/);
    await expect.poll(() => server.openConnections()).toBe(0);
  });
});

describe("a server that fails", () => {
  /** Says these lines, one each time that it hears something; then it hangs up, or after an empty one is silent. */
  async function startScript(...lines: string[]): Promise<number> {
    const server = net.createServer((socket) => {
      const left = [...lines];
      const next = () => {
        const line = left[0] === "" ? "" : left.shift();
        if (line === undefined) socket.destroy();
        else if (line !== "") socket.write(`${line}\r\n`);
      };
      socket.on("data", next).on("error", () => undefined);
      next();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    whenDone(() => server.close());
    return (server.address() as net.AddressInfo).port;
  }
  const beforeData = ["220 hello", "250 hello", "250 sender", "250 recipient"];

  test.each([
    ["hangs up without a greeting", []],
    ["hangs up after EHLO", ["220 hello"]],
    ["hangs up at RCPT TO", beforeData.slice(0, 3)],
    ["hangs up in the middle of the mail", [...beforeData, "354 go on"]],
    ["greets in another language", ["HTTP/1.1 400 Bad Request"]],
    ["says 421 as its last word", [...beforeData, "421 closing"]],
  ])("and %s: again", async (_how, lines) => {
    expect(await sendTo(await startScript(...lines))).toMatchObject({
      kind: "again",
      why: expect.stringMatching(/\w/),
    });
  });

  test.each([
    ["is silent", [""]],
    ["is silent after EHLO", ["220 hello", ""]],
    ["never says whether it took the mail", [...beforeData, "354 go on", ""]],
  ])("and %s: again, as soon as the limit is over", async (_how, lines) => {
    const outcome = await sendTo(await startScript(...lines), {}, short);
    expect(outcome).toMatchObject({ kind: "again", why: expect.stringMatching(/time|greeting/i) });
  });

  test("and answers each command just in time: again, once it has taken too long altogether", async () => {
    const server = await startSmtpServer({ onRcptTo: (_address, _session, _done) => undefined });
    const limits = { connectSeconds: 60, replySeconds: 60, totalSeconds: 0.3 };
    expect(await sendTo(server.port, {}, limits)).toMatchObject({
      kind: "again",
      why: "SMTP: Message sending aborted",
    });
    await expect.poll(() => server.openConnections()).toBe(0);
  });

  test("and is not there at all: again", async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(await sendTo(port)).toMatchObject({ kind: "again", why: expect.stringContaining("ECONNREFUSED") });
  });
});
