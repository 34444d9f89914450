import { refreshSession } from "../../../shared/flows/sessions/refresh.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { signInWithPassword } from "../../../shared/flows/sign-in/password-sign-in.ts";
import { currentStatusList } from "../../../shared/flows/maintenance/token-status.ts";
import { purgeExpired } from "../../../shared/flows/maintenance/purge.ts";
import { loadConfig } from "../../../shared/config.ts";
import { createServices, type Services } from "../../../shared/services.ts";
import type { KeyRotation } from "../../../shared/tokens/keys/key-rotation.ts";
import { claimsOf } from "../clients.ts";
import { contextOf } from "../context.ts";
import { password } from "../people.ts";
import { createTestServices } from "../service.ts";
import { testSettings } from "../settings.ts";
import type { compileFragments } from "./fragments.ts";

const minute = 60;
const day = 86_400;

const settings = { ALGORITHM: "ES256", SIGNING_KEY_ROTATION_DAYS: "7" };

/** A signed-in device, and when its session was ended. */
interface Device {
  accessToken: string;
  refreshToken: string;
  issuedAt: number;
  endedAt: number;
}

/**
 * 90 days of nightly rotations, restarts and revocations, with two devices signed in.
 * @param gatewayOf makes the gateway that is asked about their tokens; without it nothing is asked
 */
export async function simulateNinetyDays(gatewayOf: ReturnType<typeof compileFragments> | undefined) {
  const { services: first, clock, database } = await createTestServices(settings);
  let services: Services = first;
  const now = () => clock.now();
  const seconds = () => now().getTime() / 1000;
  const documents: Record<string, () => unknown> = {
    "openid-configuration": () => services.tokens.metadata,
    "jwks.json": () => services.tokens.keys.jwks(now()),
  };
  const gateway = gatewayOf?.({
    now,
    async fetch(url) {
      const name = url.split("/").at(-1) ?? "";
      const list = async () => (await currentStatusList(contextOf(services, now()), Number(name)))?.text;
      const document = await (url.includes("/token-status/") ? list : documents[name])?.();
      return { status: 200, body: typeof document === "string" ? document : JSON.stringify(document) };
    },
  });
  const passwordHash = await services.passwords.hash(password);
  await services.accounts.create(
    { id: newId(now()), email: "ada@example.com", username: "Ada", locale: "en", passwordHash },
    now(),
  );
  const signIn = async (): Promise<Device> => {
    const grant = await signInWithPassword(contextOf(services, now()), { email: "ada@example.com", password });
    if ("due" in grant) throw new Error("nobody could sign in");
    return {
      accessToken: grant.accessToken,
      refreshToken: grant.refreshToken,
      issuedAt: seconds(),
      endedAt: Infinity,
    };
  };

  /** Keys that were revoked, by when; and when somebody last changed keys in an emergency. */
  const revokedKeys = new Map<string, number>();
  let emergencyAt = -Infinity;
  const counts = {
    /** Of valid tokens: looked at, with a key that a gateway did not know, and read as somebody else's. */
    looks: 0,
    unknownKeys: 0,
    misread: 0,
    calls: 0,
    falseRefusals: 0,
    inEmergency: 0,
    lateAcceptances: 0,
    ended: 0,
    keys: new Set<string>(),
  };
  /** How long something ended was still accepted, at most. */
  const longest = { session: 0, key: 0 };

  const kidOf = (token: string) =>
    JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid as string;
  const judge = async (device: Device) => {
    if (!gateway) return;
    const kid = kidOf(device.accessToken);
    const isAccepted = (await gateway.handle({ Authorization: `Bearer ${device.accessToken}` })).status === 200;
    const keyRevokedAt = revokedKeys.get(kid) ?? Infinity;
    const endedFor = seconds() - Math.min(device.endedAt, keyRevokedAt);
    counts.calls += 1;
    if (endedFor < 0 && !isAccepted)
      counts[seconds() - emergencyAt <= 5 * minute ? "inEmergency" : "falseRefusals"] += 1;
    if (endedFor < 0 || !isAccepted) return;
    if (device.endedAt <= keyRevokedAt) longest.session = Math.max(longest.session, endedFor);
    else longest.key = Math.max(longest.key, endedFor);
    if (endedFor > (device.endedAt <= keyRevokedAt ? minute : 60 * minute)) counts.lateAcceptances += 1;
  };

  const admits = createCache(async () => (await services.tokens.keys.jwks(now())).keys.map(({ kid }) => kid));
  /** What the service says of a token that is valid, and whether a gateway would know its key. */
  const look = async ({ accessToken }: Device) => {
    const [kid, { sub, sid }] = [kidOf(accessToken), claimsOf(accessToken)];
    counts.keys.add(kid);
    // Until an instance has read its keys again, it signs with one that was revoked.
    if (revokedKeys.has(kid)) return;
    counts.looks += 1;
    if (seconds() - emergencyAt > 5 * minute && !(await admits(kid, now()))) counts.unknownKeys += 1;
    const principal = await services.tokens.access.verify(accessToken, now());
    if (principal.accountId !== sub || principal.sessionId !== sid) counts.misread += 1;
  };

  let devices = [await signIn(), await signIn()];
  const steps = (90 * day) / (50 * minute);
  for (let step = 1; step <= steps; step += 1) {
    // When the tokens are about to expire, and before they are replaced.
    clock.advance(29 * minute);
    for (const device of devices) await look(device);
    clock.advance(21 * minute - 7);
    if (step % 29 === 0) {
      await services.tokens.rotation?.maintain(now());
      await purgeExpired(contextOf(services, now()));
    }
    if (step % 85 === 50) {
      await services.close();
      services = createServices(loadConfig({ ...testSettings, ...database, ...settings }), clock);
    }
    if (step % 250 === 166) gateway?.restart();
    if (step % 500 === 350) {
      const rotation = services.tokens.rotation as KeyRotation;
      const { kid = "" } = await services.tokens.keys.current(now());
      await rotation.revoke(kid, now());
      revokedKeys.set(kid, seconds());
      emergencyAt = seconds();
    }
    for (const device of devices) {
      const isStale = seconds() - device.issuedAt >= 20 * minute || revokedKeys.has(kidOf(device.accessToken));
      if (isStale && device.endedAt === Infinity) {
        const grant = await refreshSession(contextOf(services, now()), { refreshToken: device.refreshToken });
        if (!grant) throw new Error("a session was lost");
        const { accessToken, refreshToken } = grant;
        Object.assign(device, { accessToken, refreshToken, issuedAt: seconds() });
      }
      await look(device);
      await judge(device);
    }
    // Every few hours somebody signs out; what was theirs is tried for a minute and a bit, and somebody else comes.
    if (step % 9 === 5) {
      const [leaving] = devices;
      if (!leaving) throw new Error("nobody is there");
      await services.sessions.end(claimsOf(leaving.accessToken).sid, "logout", now());
      leaving.endedAt = seconds();
      counts.ended += 1;
      for (let tries = 0; tries < 7; tries += 1) {
        clock.advance(10);
        await judge(leaving);
      }
      devices = [...devices.slice(1), await signIn()];
    }
  }
  await services.close();
  return { counts, longest, revokedKeys };
}

/** The keys that a gateway knows, which caches as API Management does: for an hour; for an unknown key it looks every 5 minutes. */
function createCache(fetchKids: () => Promise<string[]>) {
  let known: ReadonlySet<string> = new Set();
  let readAt = new Date(0);
  return async (kid: string, now: Date): Promise<boolean> => {
    const age = now.getTime() - readAt.getTime();
    if (age >= 3_600_000 || (!known.has(kid) && age >= 300_000)) {
      known = new Set(await fetchKids());
      readAt = now;
    }
    return known.has(kid);
  };
}
