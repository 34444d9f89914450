import * as z from "zod";
import { normaliseEmail } from "../accounts/email.ts";
import type { Account } from "../accounts/tables.ts";
import type { CallContext } from "../context.ts";
import { toUser, user } from "./account.ts";

/** What one concept holds about a person. */
interface Part<S extends z.ZodType> {
  /** The tables that it is read from. */
  readonly tables: readonly string[];
  readonly schema: S;
  readonly read: (context: CallContext, account: Account) => Promise<z.input<S>>;
}

const part = <S extends z.ZodType>(given: Part<S>): Part<S> => given;

/**
 * The most rows of one kind that an export holds, the newest: a person has far fewer, unless someone makes them. What a
 * stranger can make comes last.
 */
const mostRows = 10_000;

const instant = z.string();
const maybe = instant.nullable();
const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

type Shown<R> = {
  readonly [K in keyof R]: R[K] extends Date ? string : R[K] extends Date | null ? string | null : R[K];
};

/** A row with its instants in ISO 8601. */
function shown<R extends object>(row: R): Shown<R> {
  const entries = Object.entries(row).map(([name, value]) => [name, value instanceof Date ? iso(value) : value]);
  return Object.fromEntries(entries) as Shown<R>;
}

/** Rows as an export has them, oldest first. */
function inOrder<R extends { created_at: Date }>(rows: readonly R[]): Shown<R>[] {
  return rows.toSorted((one, other) => one.created_at.getTime() - other.created_at.getTime()).map(shown);
}

/**
 * All that is held about a person, by its name in the export. Never a secret, nor the hash of one. Every table with
 * something of a person needs a line here: a test fails for one that is neither here nor known to hold nothing to export.
 */
export const exportParts = {
  user: part({ tables: ["users"], schema: user, read: async (_context, account) => toUser(account) }),

  account: part({
    tables: ["users"],
    schema: z.object({
      email_verified_at: maybe,
      has_password: z.boolean(),
      password_changed_at: maybe.describe("Null if no change is recorded"),
      told_of_registration_at: maybe.describe("When you were last told that someone tried to register your address"),
    }),
    async read({ services: { accounts } }, { id, email_verified_at: verifiedAt, password_changed_at: changedAt }) {
      const { hasPassword, noticedAt } = await accounts.readRecord(id);
      return {
        email_verified_at: iso(verifiedAt),
        has_password: hasPassword,
        password_changed_at: iso(changedAt),
        told_of_registration_at: iso(noticedAt),
      };
    },
  }),

  identities: part({
    tables: ["identities"],
    schema: z.array(
      z.object({
        provider: z.string(),
        subject: z.string().describe("Your id at the provider"),
        email: z.string().nullable(),
        created_at: instant,
        last_used_at: instant,
      }),
    ),
    read: async ({ services: { identities } }, { id }) => inOrder(await identities.list(id)),
  }),

  sessions: part({
    tables: ["sessions"],
    schema: z.array(
      z.object({
        id: z.string(),
        created_at: instant,
        expires_at: instant,
        ended_at: maybe,
        end_reason: z.string().nullable(),
        authenticated_at: maybe.describe("When you last proved who you are"),
        amr: z.string().nullable().describe("How, in values of RFC 8176"),
        last_used_at: maybe,
        address: z.string().nullable().describe("Where it was last used from"),
        user_agent: z.string().nullable(),
      }),
    ),
    read: async ({ services: { sessions } }, { id }) => inOrder(await sessions.listAll(id, mostRows)),
  }),

  devices: part({
    tables: ["devices"],
    schema: z.array(z.object({ first_seen_at: instant, last_seen_at: instant })),
    read: async ({ services: { accounts } }, { id }) => (await accounts.listDevices(id)).map(shown),
  }),

  authenticator_apps: part({
    tables: ["totp_factors"],
    schema: z.array(
      z.object({ id: z.string(), name: z.string().nullable(), created_at: instant, last_used_at: maybe }),
    ),
    read: async ({ services: { mfa } }, { id }) => (await mfa.totp.list(id)).map(shown),
  }),

  recovery_codes: part({
    tables: ["recovery_codes"],
    schema: z.array(z.object({ created_at: instant, used_at: maybe })),
    read: async ({ services: { mfa } }, { id }) => (await mfa.recoveryCodes.list(id)).map(shown),
  }),

  passkeys: part({
    tables: ["passkeys", "user_handles"],
    schema: z.array(
      z.object({
        id: z.string(),
        credential_id: z.string(),
        user_handle: z.string().describe("By which id your authenticators know the account"),
        name: z.string().nullable(),
        transports: z.array(z.string()),
        is_backup_eligible: z.boolean(),
        is_backed_up: z.boolean(),
        aaguid: z.string().describe("The make of the authenticator"),
        created_at: instant,
        last_used_at: maybe,
      }),
    ),
    async read({ services: { passkeys } }, { id }) {
      const handle = (await passkeys.findUserHandle(id))?.toString("base64url") ?? "";
      return (await passkeys.list(id)).map(({ credential_id: credentialId, ...row }) =>
        shown({
          ...row,
          transports: [...row.transports],
          credential_id: credentialId.toString("base64url"),
          user_handle: handle,
        }),
      );
    },
  }),

  events: part({
    tables: ["audit_events"],
    schema: z.array(
      z.object({
        id: z.string(),
        type: z.string(),
        outcome: z.string(),
        actor: z.string().describe("Who did it: `person` is you; `anonymous` is someone who was not signed in"),
        session_id: z.string().nullable(),
        reason: z.string().nullable(),
        details: z.string().nullable(),
        address: z.string().nullable(),
        user_agent: z.string().nullable(),
        request_id: z.string().nullable(),
        email: z.string().nullable().describe("Part of the address that was typed"),
        created_at: instant,
      }),
    ),
    read: async ({ services: { activity } }, { id }) => inOrder(await activity.listAll(id, mostRows)),
  }),

  mails: part({
    tables: ["mail_outbox"],
    schema: z.array(
      z.object({
        id: z.string(),
        template: z.string(),
        recipient: z.string().nullable(),
        locale: z.string(),
        status: z.string(),
        created_at: instant,
        sent_at: maybe,
      }),
    ),
    read: async ({ services: { outbox } }, { id }) => inOrder(await outbox.listOf(id, mostRows)),
  }),

  mail_stopped: part({
    tables: ["mail_suppressions"],
    schema: z.object({ reason: z.string(), reported_at: instant }).nullable(),
    async read({ services: { suppressions } }, { email }) {
      const found = email === null ? undefined : await suppressions.find(normaliseEmail(email));
      return found ? shown(found) : null;
    },
  }),

  links: part({
    tables: ["one_time_tokens"],
    schema: z.array(
      z.object({
        purpose: z.string(),
        email: z.string(),
        created_at: instant,
        expires_at: instant,
        consumed_at: maybe,
      }),
    ),
    read: async ({ services: { oneTimeTokens } }, { id }) => inOrder(await oneTimeTokens.listOf(id, mostRows)),
  }),
} as const;

const schemas = Object.entries(exportParts).map(([name, { schema }]) => [name, schema] as const);

export const accountExport = z.object({ exported_at: instant, ...(Object.fromEntries(schemas) as Schemas) });

type Parts = typeof exportParts;
type Schemas = { readonly [Name in keyof Parts]: Parts[Name]["schema"] };

/** All that is held about a person. @throws ApiError DATABASE_UNAVAILABLE */
export async function readAccountExport(
  context: CallContext,
  account: Account,
): Promise<z.input<typeof accountExport>> {
  const read: [string, unknown][] = [["exported_at", context.now.toISOString()]];
  // One after the other: an export is no reason to take several connections.
  for (const [name, each] of Object.entries(exportParts)) read.push([name, await each.read(context, account)]);
  return accountExport.parse(Object.fromEntries(read));
}
