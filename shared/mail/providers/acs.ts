import { credentialOf, type Identity } from "../../platform/identity.ts";
import { headers, messageIdOf, type Sender } from "../envelope.ts";
import { sendLimitSeconds, type MailProvider, type RenderedMail, type SendOutcome } from "../provider.ts";
import { logoContentId } from "../templates/logo.ts";
import { tellWhy } from "../why.ts";

/** How to reach a Communication Services resource. */
export interface AcsOptions {
  /** Without a trailing slash. */
  readonly endpoint: string;
  readonly identity: Identity;
  /** Gets a token for this scope; the identity's own unless given. */
  readonly getToken?: (scope: string, signal: AbortSignal) => Promise<string>;
  readonly limitSeconds?: number;
}

/** Two slashes: the audience is `https://communication.azure.com/`. */
const scope = "https://communication.azure.com//.default";
const apiVersion = "2025-09-01";

/**
 * Sends by Azure Communication Services' REST API (`POST /emails:send`), with the service's identity. The operation's id
 * is the row's: what is sent twice under it is one mail.
 */
export function createAcs(options: AcsOptions, sender: Sender): MailProvider {
  const { endpoint, identity, getToken = tokensOf(identity), limitSeconds = sendLimitSeconds } = options;
  const attempt = async (use: (call: Call) => Promise<SendOutcome>): Promise<SendOutcome> => {
    const signal = AbortSignal.timeout(limitSeconds * 1000);
    try {
      const token = await getToken(scope, signal);
      return await use((path, init = {}) => callAcs(`${endpoint}/${path}`, { ...init, token, signal }));
    } catch (error) {
      return { kind: "again", why: tellWhy("Communication Services:", messageOf(error)) };
    }
  };
  return {
    keepsData: false,
    send: (mail) =>
      attempt(async (call) => {
        const response = await call("emails:send", {
          method: "POST",
          headers: { "Content-Type": "application/json", "Operation-Id": mail.id, "x-ms-client-request-id": mail.id },
          body: JSON.stringify(toMessage(mail, sender)),
        });
        return judge(response, async () => (await call(`emails/operations/${mail.id}`)).result);
      }),
    rehearse: (id) =>
      attempt(async (call) => {
        const answer = await call(`emails/operations/${id}`);
        // There is no such operation: whoever says so has let us in.
        return answer.status === 404 ? { kind: "sent" } : judge(answer, async () => undefined);
      }),
  };
}

/** Calls the resource as the service. */
type Call = (path: string, init?: RequestInit) => Promise<AcsAnswer>;

/** The credential keeps its tokens. */
function tokensOf(identity: Identity): NonNullable<AcsOptions["getToken"]> {
  let opened: ReturnType<typeof credentialOf> | undefined;
  return async (wanted, abortSignal) => {
    const credential = await (opened ??= credentialOf(identity));
    return (await credential.getToken(wanted, { abortSignal }))?.token ?? "";
  };
}

function toMessage(mail: RenderedMail, sender: Sender) {
  const { from, replyTo, logo } = sender;
  return {
    senderAddress: from.address,
    recipients: { to: [{ address: mail.to }] },
    content: { subject: mail.subject, plainText: mail.text, html: mail.html },
    ...(replyTo !== undefined && { replyTo: [{ address: replyTo }] }),
    headers: { ...headers, "Message-ID": messageIdOf(mail, sender) },
    userEngagementTrackingDisabled: true,
    ...(logo && {
      attachments: [
        {
          name: `logo.${logo.contentType.slice("image/".length)}`,
          contentType: logo.contentType,
          contentInBase64: logo.bytes.toString("base64"),
          contentId: logoContentId,
        },
      ],
    }),
  };
}

/** An answer, as far as it matters. */
interface AcsAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The error's code; empty if it has none. */
  readonly code: string;
  /** The error's code and message. */
  readonly told: string;
  /** The operation's status, if the answer tells one. */
  readonly result: string | undefined;
}

async function callAcs(url: string, { token, ...init }: RequestInit & { token: string }): Promise<AcsAnswer> {
  const response = await fetch(`${url}?api-version=${apiVersion}`, {
    ...init,
    redirect: "manual",
    headers: { ...(init.headers as Record<string, string>), Authorization: `Bearer ${token}` },
  });
  const { status, error } = readAnswer(await response.text());
  const told = [error?.code, error?.message].filter((part) => typeof part === "string").join(": ");
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    code: typeof error?.code === "string" ? error.code : "",
    told,
    result: response.ok && typeof status === "string" ? status : undefined,
  };
}

interface AcsBody {
  readonly status?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown } | null;
}

function readAnswer(text: string): AcsBody {
  try {
    return (JSON.parse(text) as AcsBody | null) ?? {};
  } catch {
    return {};
  }
}

/**
 * What an answer means for the mail: 202 is sent, 429 is the quota, 400 is a message that will never be taken. 401, 403
 * and 404 are faults of the role, of the sender or of the resource: the same mail passes once they are repaired.
 * @param askOperation the status of the operation with the mail's id, for when an earlier attempt may have started it
 */
async function judge(
  { status, retryAfter, code, told }: AcsAnswer,
  askOperation: () => Promise<string | undefined>,
): Promise<SendOutcome> {
  const why = tellWhy(`Communication Services answered ${status}:`, told);
  if (status === 202 || status === 200) return { kind: "sent" };
  if (status === 429) return { kind: "held_back", why, retryAfterSeconds: secondsOf(retryAfter) };
  if (status === 409 || status === 400) {
    const known = await askOperation();
    if (known !== undefined && known !== "Failed" && known !== "Canceled") return { kind: "sent" };
    return { kind: /sender|domain/i.test(code) ? "again" : "refused", why };
  }
  return { kind: status === 413 || status === 422 ? "refused" : "again", why };
}

const usualPauseSeconds = 60;
const longestPauseSeconds = 3600;

/** `Retry-After` in seconds (RFC 9110, section 10.2.3); the other form, a date, is not used here. */
function secondsOf(retryAfter: string | null): number {
  const seconds = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : usualPauseSeconds;
  return Math.min(Math.max(seconds, 1), longestPauseSeconds);
}

/** `fetch` says only that it failed, and its cause says why. */
function messageOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
