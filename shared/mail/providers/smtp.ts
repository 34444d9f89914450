import type { createTransport } from "nodemailer";
import type { SMTPTransportOptions } from "nodemailer/lib/smtp-transport";
import { headers, messageIdOf, type Sender } from "../envelope.ts";
import { sendLimitSeconds, type MailProvider, type RenderedMail, type SendOutcome } from "../provider.ts";
import type { SmtpSettings } from "../settings.ts";
import { logoContentId } from "../templates/logo.ts";
import { tellWhy } from "../why.ts";

/** How long to wait for a server, in seconds. */
export interface SmtpLimits {
  /** For the connection, and again for the greeting. */
  readonly connectSeconds: number;
  /** For each reply. */
  readonly replySeconds: number;
  /** For everything. */
  readonly totalSeconds: number;
}

const usualLimits: SmtpLimits = { connectSeconds: 10, replySeconds: 30, totalSeconds: sendLimitSeconds };

/** Sends by an SMTP server: one connection per mail, closed afterwards. The package is loaded at the first mail. */
export function createSmtp(settings: SmtpSettings, sender: Sender, limits = usualLimits): MailProvider {
  const attempt = async (
    use: (transport: Transport, signal: AbortSignal) => Promise<unknown>,
  ): Promise<SendOutcome> => {
    try {
      const { createTransport } = await import("nodemailer");
      const transport = createTransport(transportOptions(settings, limits));
      await use(transport, AbortSignal.timeout(limits.totalSeconds * 1000));
      return { kind: "sent" };
    } catch (error) {
      return judge(error);
    }
  };
  return {
    keepsData: false,
    send: (mail) => attempt((transport, signal) => transport.sendMail({ ...toMessage(mail, sender), signal })),
    rehearse: () => attempt((transport, signal) => Promise.race([transport.verify(), over(signal)])),
  };
}

type Transport = ReturnType<typeof createTransport>;

/** Rejects when a signal is given. */
function over(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

function transportOptions({ host, port, tls, login }: SmtpSettings, limits: SmtpLimits): SMTPTransportOptions {
  return {
    host,
    port,
    secure: tls === "implicit",
    // Without this, STARTTLS would be optional, and whoever is in between could strike it out.
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    tls: { minVersion: "TLSv1.2" },
    // The password is never left out because a server does not ask for it.
    ...(login && { auth: { user: login.username, pass: login.password }, forceAuth: true }),
    connectionTimeout: limits.connectSeconds * 1000,
    greetingTimeout: limits.connectSeconds * 1000,
    dnsTimeout: limits.connectSeconds * 1000,
    socketTimeout: limits.replySeconds * 1000,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function toMessage(mail: RenderedMail, sender: Sender) {
  const { from, replyTo, logo } = sender;
  return {
    // The package writes into what it is given, and settings are frozen.
    from: { ...from },
    // As an object: a text would be parsed.
    to: { name: "", address: mail.to },
    ...(replyTo !== undefined && { replyTo: { name: "", address: replyTo } }),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: messageIdOf(mail, sender),
    date: mail.date,
    headers: { ...headers, "Content-Language": mail.locale },
    xMailer: false as const,
    attachments: logo
      ? [
          {
            cid: logoContentId,
            content: logo.bytes,
            contentType: logo.contentType,
            contentDisposition: "inline" as const,
          },
        ]
      : [],
  };
}

/** What nodemailer's errors tell; it names none of them. */
interface SmtpError {
  readonly message: string;
  readonly code?: string;
  /** The command that failed; CONN for connection, greeting and TLS. */
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

/**
 * A 4yz reply asks to try again, a 5yz says that this mail will not be taken (RFC 5321, section 4.2.1). Some 5yz replies
 * are not about the mail: those to the connection, to EHLO, STARTTLS and AUTH, and those that ask for authentication
 * wherever they come (RFC 4954, section 6). They are a fault of settings or of the server, and the same mail passes once
 * that is repaired. So is 503, bad sequence of commands, and whatever has no reply at all.
 */
function judge(error: unknown): SendOutcome {
  const { code, command, responseCode, response, message } = error as SmtpError;
  // The address or the mail itself cannot be sent, by any server.
  if (responseCode === undefined && (code === "EENVELOPE" || code === "EMESSAGE"))
    return { kind: "refused", why: tellWhy("The mail cannot be sent:", message) };
  if (responseCode === undefined) return { kind: "again", why: tellWhy(placeOf(command), message) };
  const why = tellWhy(`The server answered ${command ?? "the connection"} with:`, response ?? String(responseCode));
  return { kind: isAboutMail(responseCode, command) ? "refused" : "again", why };
}

function isAboutMail(responseCode: number, command = "CONN"): boolean {
  if (responseCode < 500 || responseCode === 503 || aboutAuthentication.has(responseCode)) return false;
  return command === "MAIL FROM" || command === "RCPT TO" || command === "DATA";
}

/** RFC 4954, section 6. */
const aboutAuthentication = new Set([530, 534, 535, 538]);

function placeOf(command: string | undefined): string {
  return command === undefined || command === "CONN" || command === "API" ? "SMTP:" : `SMTP, at ${command}:`;
}
