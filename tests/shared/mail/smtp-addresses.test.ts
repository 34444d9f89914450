import { describe, expect, test } from "vitest";
import { createSmtp } from "../../../shared/mail/providers/smtp.ts";
import type { RenderedMail } from "../../../shared/mail/provider.ts";
import { render } from "../../support/rendered-mails.ts";
import { startSmtpServer } from "../../support/smtp-server.ts";

const server = await startSmtpServer();
const provider = (name = "Latchkey", logo?: { contentType: "image/png"; bytes: Buffer }) =>
  createSmtp(
    { host: "127.0.0.1", port: server.port, tls: "none", login: undefined },
    { from: { address: "noreply@example.com", name }, replyTo: undefined, logo },
  );
/** Sends it, and returns what the server got; undefined if that is nothing. */
async function arrived(mail: RenderedMail, from = provider()) {
  const before = server.received.length;
  const outcome = await from.send(mail);
  return { outcome, got: server.received[before], sentTo: server.commands.findLast((line) => line.startsWith("RCPT")) };
}
const to = (address: string) => render("password_changed", { to: address });

describe("the recipient's address, on the wire", () => {
  // An address may have 254 characters (RFC 5321, section 4.5.3.1.3); this server takes one less. Postfix gets all of them.
  const longest = `${"l".repeat(64)}@${`${"d".repeat(43)}.`.repeat(4)}mail.example`;

  test.each([
    ["ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["ada@BÜCHER.example", "ada@xn--bcher-kva.example"],
    ["ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"],
    ["ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"],
    ["a.b+c!#$%&'*-/=?^_`{|}~@example.com", "a.b+c!#$%&'*-/=?^_`{|}~@example.com"],
    [longest, longest],
  ])("%s is sent to %s", async (stored, sent) => {
    expect(longest).toHaveLength(253);
    const { outcome, got, sentTo } = await arrived(to(stored));
    expect(outcome).toEqual({ kind: "sent" });
    expect(sentTo).toBe(`RCPT TO:<${sent}>`);
    expect(got?.parsed.to).toMatchObject({ value: [{ name: "" }] });
    expect(got?.raw.split("\r\n\r\n")[0]).not.toMatch(/\P{ASCII}/u);
  });

  test("with a local part in other letters is sent in its own letters, and the server is told so (RFC 6531)", async () => {
    const { outcome, got, sentTo } = await arrived(to("jürgen@bücher.example"));
    expect(outcome).toEqual({ kind: "sent" });
    expect(got?.parameters).toContain("SMTPUTF8");
    expect(Buffer.from(sentTo ?? "").toString()).toBe("RCPT TO:<jürgen@bücher.example>");
  });

  test.each([
    "ada@example.com\r\nBcc: eve@example.com",
    "ada@example.com\nRCPT TO:<eve@example.com>",
    "ada@example.com>\r\nRCPT TO:<eve@example.com",
    "<ada@example.com>, eve@example.com",
    "ada@example.com, eve@example.com",
    "ada@example.com\0",
    `"eve@example.com> "@example.com`,
    `"ada lovelace"@example.com`,
  ])("%j reaches nobody else", async (address) => {
    const { got } = await arrived(to(address));
    expect(got?.raw ?? "").not.toMatch(/^(?:bcc|rcpt)/im);
    for (const recipient of got?.to ?? []) expect(recipient).not.toBe("eve@example.com");
  });
});

describe("a name, in a header", () => {
  test.each(["Müller & Söhne", "名前", "A, B <c@d.example>", `"quoted" \\ back`, "🙂".repeat(60)])(
    "%s comes as it was set",
    async (name) => {
      const { got } = await arrived(to("ada@example.com"), provider(name));
      expect(got?.parsed.from?.value).toEqual([{ address: "noreply@example.com", name }]);
    },
  );

  test("of a person, with line breaks, adds no header and no line of its own", async () => {
    const username = "Ada\r\nBcc: eve@example.com\r\n\r\nHello\u2028Eve";
    const { got } = await arrived(render("reset_password", { data: { username } }));
    expect(got?.to).toEqual(["ada@example.com"]);
    expect(got?.parsed.bcc).toBeUndefined();
    expect(got?.parsed.text).not.toMatch(/^(?:Bcc|Hello.+Eve|Eve)/m);
  });
});

test("a logo travels with the mail, within its HTML part, and nothing is fetched", async () => {
  const logo = { contentType: "image/png", bytes: Buffer.from("89504e470d0a1a0a00", "hex") } as const;
  const mail = render("password_changed", {}, { logo });
  const { got } = await arrived(mail, provider("Latchkey", logo));
  expect(mail.html).toContain('src="cid:logo"');
  expect(mail.html).not.toMatch(/(?:src|background)="?https?:|url\(/);
  expect(got?.parsed.attachments).toMatchObject([{ contentType: "image/png", cid: "logo", related: true }]);
  const types = [...(got?.raw.matchAll(/^Content-Type: ([\w/]+)/gm) ?? [])].map(([, type]) => type);
  expect(types).toEqual(["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]);
});
