// 20: a stolen first factor changes nothing before the second, whichever endpoint its mfa_token is shown to, and however.
import { describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { loadFunctions } from "../support/service.ts";
import { anId, pathOf } from "../support/routes.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { startSocialService } from "../support/social.ts";
import { tableNames } from "../support/traces.ts";
import { password } from "../support/people.ts";

await loadFunctions();
const service = await startSocialService({ MFA_EMAIL: "on" });
const { api, clock } = service;
const { protectedPerson, recoveryCodes, challenge, wrongCode } = createFactorCalls(service);
const owner = await protectedPerson();
await recoveryCodes(owner);

/** What a thief without the second factor may change: what is counted, mailed and recorded of them, and their challenge. */
const counted = new Set([
  "mfa_challenges",
  "sign_in_failures",
  "rate_limits",
  "mail_outbox",
  "mail_quota",
  "audit_events",
]);
/** What anybody may do with an address, or with nothing at all: it is not of the account, or other tests hold it. */
const strangers = new Set(["one_time_tokens", "registrations"]);

const endpoints = catalogue().filter(({ method, route }) => method !== "GET" && !route.startsWith("dev/"));

describe("20 with the password alone", () => {
  test.each(endpoints.map((entry) => [`${entry.method} ${pathOf(entry)}`, entry] as const))(
    "%s",
    async (_name, entry) => {
      clock.advance(301);
      const { mfaToken, cookie } = await challenge(owner.email);
      const before = await rows();
      const token = { mfa_token: mfaToken, refresh_token: mfaToken, token: mfaToken, current_password: password };
      const code = { method: "totp", code: wrongCode(owner) };
      const bodies = [token, { ...token, ...code }, { mfa_token: mfaToken, ...code }, { mfa_token: mfaToken }];
      const own = [{ refresh_token: mfaToken }, { password, ...code }, { email: owner.email, password }, {}];
      for (const body of [...bodies, ...own])
        for (const bearer of [mfaToken, undefined]) {
          const jar = `${cookie}; refresh_token=${mfaToken}; mfa_token=${mfaToken}`;
          const answer = await api.send(entry.method, pathOf(entry).replace(anId, owner.factorId), {
            bearer,
            cookie: jar,
            body,
          });
          expect(answer.setCookies.filter((set) => /^(?:__Host-)?refresh_token=[^;]/.test(set))).toEqual([]);
          expect(answer.json?.data?.access_token).toBeUndefined();
        }
      expect(await rows()).toEqual(before);
    },
  );
});

/** All others, row by row. */
async function rows(): Promise<[string, unknown[]][]> {
  const kept = tableNames().filter((name) => !counted.has(name) && !strangers.has(name));
  const all = kept.map(async (name): Promise<[string, unknown[]]> => [name, await readTable(name)]);
  return Promise.all(all);
}

const readTable = (name: string) =>
  service.services.database.queries.withTables<Record<string, object>>().selectFrom(name).selectAll().execute();
