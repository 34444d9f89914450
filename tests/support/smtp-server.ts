import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { simpleParser, type ParsedMail } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { whenDone } from "./when-done.ts";

/** A mail as a server got it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** The parameters of MAIL FROM, such as SMTPUTF8. */
  readonly parameters: readonly string[];
  readonly raw: string;
  readonly parsed: ParsedMail;
  readonly isEncrypted: boolean;
  readonly user: unknown;
}

export interface TestSmtpServer {
  readonly port: number;
  readonly received: ReceivedMail[];
  /** The commands that it got, as they came. */
  readonly commands: string[];
  /** How many connections are open. */
  openConnections(): number;
}

/**
 * A real SMTP server on loopback, closed when done. Without a certificate it offers no STARTTLS: its own one has expired,
 * and a client that checks would refuse it. @param options what it does otherwise than to accept
 */
export async function startSmtpServer(options: Partial<SMTPServerOptions> = {}): Promise<TestSmtpServer> {
  const received: ReceivedMail[] = [];
  const commands: string[] = [];
  const ignore = () => undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.cert === undefined ? ["STARTTLS"] : [],
    closeTimeout: 1000,
    logger: {
      trace: ignore,
      info: ignore,
      warn: ignore,
      error: ignore,
      fatal: ignore,
      debug: (entry: { tnx?: string }, _direction: string, line: string) =>
        void (entry.tnx === "command" && commands.push(line)),
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        await keep(Buffer.concat(chunks), session);
        done();
      });
    },
    ...options,
  });
  async function keep(
    raw: Buffer,
    { envelope, secure, user }: Parameters<NonNullable<SMTPServerOptions["onData"]>>[1],
  ) {
    const { mailFrom, rcptTo } = envelope;
    received.push({
      from: mailFrom ? mailFrom.address : "",
      to: rcptTo.map(({ address }) => address),
      parameters: Object.keys((mailFrom && mailFrom.args) || {}),
      raw: raw.toString("latin1"),
      parsed: await simpleParser(raw),
      isEncrypted: secure,
      user,
    });
  }
  // A client that closes in the middle is no fault of the server.
  server.on("error", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  whenDone(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    commands,
    openConnections: () => server.connections.size,
  };
}

/** An error that the server answers with. */
export function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
