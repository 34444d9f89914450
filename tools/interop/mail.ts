import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { loadConfig } from "../../shared/config.ts";
import { sendMail } from "../../shared/flows/mail/send-mail.ts";
import type { OutgoingMail } from "../../shared/mail/message.ts";
import { addSeconds, systemClock } from "../../shared/platform/clock.ts";
import { newId, randomToken } from "../../shared/platform/crypto/random.ts";
import { noSource } from "../../shared/platform/source.ts";
import { createServices, type Services } from "../../shared/services.ts";
import { selfSigned } from "../self-signed.ts";
import { check } from "./outcomes.ts";
import { startPostfix, type Postfix } from "./postfix.ts";

/** As long as an address may be (RFC 5321, section 4.5.3.1.3). */
const longest = `${"l".repeat(64)}@${`${"d".repeat(43)}.`.repeat(4)}mails.example`;
const ada = "ada@example.com";
const greylisted = "grey@example.com";
const inOtherLetters = "jürgen@example.com";
const international = "ada@bücher.example";
const onTheWire = "ada@xn--bcher-kva.example";
const refusedWord = "refuse-this-name";

/** What is in the outbox goes to a real postfix: it greylists, refuses a recipient, and refuses a mail that it has read. */
export async function checkMail(folder: string): Promise<void> {
  const certificate = selfSigned();
  tls.setDefaultCACertificates([...tls.getCACertificates(), certificate.cert]);
  const people = [ada, greylisted, inOtherLetters, onTheWire, longest];
  const postfix = await startPostfix({ folder, certificate, people, greylisted, refusedWord });
  try {
    for (const [mode, port] of [
      ["starttls", postfix.port],
      ["implicit", postfix.tlsPort],
    ] as const)
      await checkMode({ folder, postfix, mode, port });
  } finally {
    await postfix.stop();
  }
}

interface Mode {
  readonly folder: string;
  readonly postfix: Postfix;
  readonly mode: "starttls" | "implicit";
  readonly port: number;
}

async function checkMode({ folder, postfix, mode, port }: Mode): Promise<void> {
  const clock = { ...systemClock, now: () => now };
  let now = new Date();
  const services = createServices(
    loadConfig({
      SECRET_KEY: randomToken(),
      EMBEDDED_DB_FILE: path.join(folder, `${mode}.db`),
      MAIL_PROVIDER: "smtp",
      MAIL_FROM: "noreply@example.com",
      SMTP_HOST: "localhost",
      SMTP_PORT: String(port),
      SMTP_TLS: mode,
    }),
    clock,
  );
  const outbox = outboxOf(services);
  const what = (text: string) => `postfix, ${mode}: ${text}`;
  const accepted = await outbox.post(ada);
  check(what("a mail is sent"), (await outbox.send(accepted)) === "sent");
  check(what("it arrives encrypted, with its headers"), isAsSent(await arrived(postfix, ada, accepted)));
  for (const [kind, to, at] of [
    ["254 characters", longest, longest],
    ["letters of its own in the domain", international, onTheWire],
    ["letters of its own before the @", inOtherLetters, inOtherLetters],
  ] as const) {
    const id = await outbox.post(to);
    check(what(`an address with ${kind}: sent`), (await outbox.send(id)) === "sent");
    check(what(`an address with ${kind}: arrives`), (await arrived(postfix, at, id)) !== "");
  }
  const unknown = await outbox.post("nobody@example.com");
  check(what("a recipient that it does not know: dead at once"), (await outbox.send(unknown)) === "dead");
  const refused = await outbox.post(ada, refusedWord);
  check(what("a mail that it refuses after DATA: dead at once"), (await outbox.send(refused)) === "dead");
  if (mode === "starttls") {
    const grey = await outbox.post(greylisted);
    check(what("a recipient that it greylists: waits"), (await outbox.send(grey)) === "waiting");
    check(what("… and is not tried before its time"), (await outbox.send(grey)) === "waiting");
    now = addSeconds(now, 61);
    check(what("… and is sent a minute later"), (await outbox.send(grey)) === "sent");
  }
  await services.close();
}

/** Posts mails and sends them, as a sign-in and the queue function do. */
function outboxOf(services: Services) {
  const context = () => ({ services, now: services.clock.now(), source: noSource, locale: "en" as const });
  return {
    async post(to: string, username = "Ada"): Promise<string> {
      const id = newId(services.clock.now());
      const data = { username, token: randomToken() };
      const mail: OutgoingMail = { id, template: "reset_password", to, accountId: null, locale: "de", data };
      await services.transaction(context(), (tx) => tx.mail.post(mail, services.clock.now()));
      return id;
    },
    async send(id: string): Promise<string | undefined> {
      await sendMail(context(), { id, isFollowUp: false, isRepeated: false, rounds: 0 });
      return (await services.outbox.find(id))?.status;
    },
  };
}

/** The mail with this id, once it is in the mailbox; empty if it does not come. */
async function arrived(postfix: Postfix, address: string, id: string): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const mail = postfix.mailsOf(address).find((one) => one.includes(`<${id}@example.com>`));
    if (mail !== undefined) return mail;
    await sleep(100);
  }
  return "";
}

function isAsSent(mail: string): boolean {
  const [head = ""] = mail.split("\n\n");
  const expected = [
    /^Return-Path: <noreply@example\.com>$/m,
    /^Auto-Submitted: auto-generated$/m,
    /^X-Auto-Response-Suppress: All$/m,
    /^\s+by \S+ \(Postfix\) with ESMTPS\b/m,
  ];
  return expected.every((line) => line.test(head));
}
