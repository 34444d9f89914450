import { describe, expect, test } from "vitest";
import { migratedInMemory } from "../../../shared/platform/database/declared-schema.ts";
import { readMigrations } from "../../../shared/platform/database/migrations.ts";
import { exportParts } from "../../../shared/api/account-export.ts";
import { removals } from "../../../shared/flows/maintenance/erase-accounts.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { newOneTimeSecret } from "../../../shared/one-time-tokens/secrets.ts";
import { claimsOf } from "../../support/clients.ts";
import { latestMail } from "../../support/mails.ts";
import { newDevice, password, signIn, type Device } from "../../support/people.ts";
import { startSocialService } from "../../support/social.ts";

const service = await startSocialService();
const { api, clock, services, issuer, logLines } = service;

const exportAs = ({ accessToken: bearer, cookie }: Device) => api.post("/auth/me/export", { bearer, cookie });

describe("POST /auth/me/export", () => {
  test("answers all that is held about the person, and nothing of others", async () => {
    const device = await newDevice(api);
    const other = await newDevice(api);
    await signIn(api, device.email);
    const idToken = await issuer.idToken({ nonce: "n", sub: "subject-of-ada", email: device.email });
    const link = { id_token: idToken, nonce: "n" };
    const { accessToken: bearer, cookie } = device;
    expect((await api.post("/auth/me/identities/acme", { bearer, cookie, body: link })).status).toBe(200);
    const answer = await exportAs(device);
    expect(answer.status).toBe(200);
    const { data } = answer.json;
    expect(data).toMatchObject({
      exported_at: clock.now().toISOString(),
      user: { email: device.email },
      account: { has_password: true, email_verified_at: null },
      identities: [{ provider: "acme", subject: "subject-of-ada", email: device.email }],
      sessions: [{ ended_at: null, amr: "pwd" }, { ended_at: null }],
      devices: [{ last_seen_at: clock.now().toISOString() }, {}],
      events: expect.arrayContaining([
        expect.objectContaining({ type: "sign_in.succeeded", actor: "person", address: "127.0.0.1" }),
      ]),
      mail_stopped: null,
    });
    expect(JSON.stringify(data)).not.toContain(other.email);
    expect(logLines.filter((line) => line.includes("account.exported"))).toHaveLength(1);
  });

  test("lists links and mails without what could be used, and that mail is stopped", async () => {
    const device = await newDevice(api);
    const { id: accountId } = (await exportAs(device)).json.data.user;
    const secret = newOneTimeSecret();
    const address = { email: device.email, emailNormalised: device.email };
    const now = clock.now();
    const mail = {
      id: newId(now),
      template: "reset_password",
      to: device.email,
      accountId,
      locale: "en",
      data: { username: "Ada", token: secret.token },
    } as const;
    await services.oneTimeTokens.issue({ purpose: "reset_password", subjectId: accountId, secret, ...address }, now);
    await services.outbox.add(mail, now);
    await services.suppressions.add(device.email, { reason: "Bounced", now });
    const { json } = await exportAs(device);
    expect(json.data).toMatchObject({
      links: expect.arrayContaining([expect.objectContaining({ purpose: "reset_password", email: device.email })]),
      mails: expect.arrayContaining([expect.objectContaining({ template: "reset_password", recipient: device.email })]),
      mail_stopped: { reason: "Bounced", reported_at: now.toISOString() },
    });
    const text = JSON.stringify(json);
    for (const hidden of [secret.token, secret.code, password, "argon2", device.refreshToken, "hash"])
      expect(text).not.toContain(hidden);
  });

  test("of more rows than it may hold it has the newest, and what strangers cause comes last", async () => {
    const device = await newDevice(api);
    const { sub: id } = claimsOf(device.accessToken);
    const { activity, sessions, outbox, oneTimeTokens } = services;
    const token = { purpose: "undo_email", subjectId: id, email: device.email, emailNormalised: device.email } as const;
    for (let at = 0; at < 3; at += 1) {
      clock.advance(1);
      await oneTimeTokens.issue({ ...token, secret: newOneTimeSecret() }, clock.now());
      await api.post("/auth/password/forgot", { body: { email: device.email } });
      await api.post("/auth/login", { body: { email: device.email, password: "not my pass phrase" } });
    }
    clock.advance(1);
    await api.post("/auth/login", { body: { email: device.email, password } });
    await api.post("/auth/login", { body: { email: device.email, password: "not my pass phrase" } });
    const types = (await activity.listAll(id, 4)).map(({ type }) => type);
    expect(types).toEqual(["sign_in.succeeded", "sign_in.succeeded", "account.registered", "sign_in.failed"]);
    const now = clock.now();
    const links = (await oneTimeTokens.listOf(id, 4)).map(({ created_at: at }) => at.getTime());
    expect(links).toEqual([0, 1, 1, 2].map((seconds) => clock.now().getTime() - seconds * 1000));
    const newest = [
      ...(await sessions.listAll(id, 1)),
      ...(await activity.listAll(id, 4)).toSpliced(1, 2),
      ...(await outbox.listOf(id, 1)),
    ];
    expect(newest.map(({ created_at: at }) => at)).toEqual([now, now, now, now]);
  });

  test("does not tell whether an address that was asked for has an account", async () => {
    const ask = ({ accessToken: bearer, cookie }: Device, email: string) =>
      api.post("/auth/email/change", { bearer, cookie, body: { email } });
    const owner = await newDevice(api);
    await ask(owner, `proven-${owner.email}`);
    const { token } = (await latestMail(services, "confirm_email", `proven-${owner.email}`)).data;
    expect((await api.post("/auth/email/confirm", { body: { token } })).status).toBe(200);
    const listedAfter = async (email: string) => {
      const device = await newDevice(api);
      expect((await ask(device, email)).status).toBe(202);
      const { mails, links, events } = (await exportAs(device)).json.data;
      const templates = mails.map(({ template }: { template: string }) => template);
      return [templates, links.length, events.length];
    };
    const free = await listedAfter("nobodys@example.com");
    expect(free[0]).toContain("email_change_requested");
    expect(await listedAfter(`proven-${owner.email}`)).toEqual(free);
  });

  test("needs the session's own refresh token, and a fresh sign-in", async () => {
    const device = await newDevice(api);
    const bare = await api.post("/auth/me/export", { bearer: device.accessToken });
    expect([bare.status, bare.json.error_code]).toEqual([403, "SESSION_PROOF_REQUIRED"]);
    clock.advance(301);
    const late = await exportAs(device);
    expect([late.status, late.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
    expect(late.json.data).toBeUndefined();
  });
});

describe("the tables of the database", () => {
  /** Why a table has nothing to export, or nothing to erase. */
  const nothingToExport: Readonly<Record<string, string>> = {
    refresh_tokens: "hashes of secrets, and keyed marks of where they were used",
    mfa_challenges: "hashes of random tokens, for five minutes",
    sign_in_failures: "counts of wrong passwords, most of them strangers'",
    registrations: "what somebody wrote who has not proven the address",
    account_events: "what the release before wrote while it was replaced, until the next night",
  };
  const nothingPersonal: Readonly<Record<string, string>> = {
    whole_status_list: "one number",
    used_webauthn_challenges: "hashes of random challenges, for five minutes",
    used_states: "hashes of random states, for ten minutes",
    signing_keys: "keys of the service",
    audit_anchors: "hashes of chains, signed",
    address_rules: "networks that operators chose",
    clients: "programs",
    client_uses: "when programs were used",
    client_tokens: "tokens of programs",
    mail_quota: "counts of mails",
    rate_limits: "counts under keyed hashes",
    schema_migrations: "names of files",
  };
  const database = migratedInMemory(readMigrations("sql"));
  const tables = database
    .prepare("select name from sqlite_master where type = 'table'")
    .all()
    .map(({ name }) => String(name));
  const exported = new Set<string>(Object.values(exportParts).flatMap((part) => part.tables));
  const erased = new Set(["users", ...removals.flatMap((removal) => removal.tables)]);

  test("each with something of a person is exported, or it is known why not", () => {
    const known = [...exported, ...Object.keys(nothingToExport), ...Object.keys(nothingPersonal)];
    expect(known.toSorted()).toEqual(tables.toSorted());
  });

  test("each with something of a person is erased with its account", () => {
    expect([...erased, ...Object.keys(nothingPersonal)].toSorted()).toEqual(tables.toSorted());
  });

  test("no table that refers to a person counts as one that does not", () => {
    const columnsOf = (table: string) =>
      database
        .prepare("select name from pragma_table_info(?)")
        .all(table)
        .map(({ name }) => String(name));
    const isPersonal = (column: string) => /^(?:user_id|subject_id|session_id|device_id|email|recipient)/.test(column);
    expect(Object.keys(nothingPersonal).filter((table) => columnsOf(table).some(isPersonal))).toEqual([]);
    expect(columnsOf("sessions").some(isPersonal), "this test can fail").toBe(true);
  });
});
