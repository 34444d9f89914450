import { describe, expect, test } from "vitest";
import { refreshSession } from "../../../shared/flows/sessions/refresh.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { signInWithPassword } from "../../../shared/flows/sign-in/password-sign-in.ts";
import { currentStatusList } from "../../../shared/flows/maintenance/token-status.ts";
import { purgeExpired } from "../../../shared/flows/maintenance/purge.ts";
import { loadConfig } from "../../../shared/config.ts";
import { withinInvocation } from "../../../shared/platform/log.ts";
import { createServices, type Services } from "../../../shared/services.ts";
import type { KeyRotation } from "../../../shared/tokens/keys/key-rotation.ts";
import { hasDotnet } from "../../../tools/dotnet.ts";
import { contextOf } from "../../support/context.ts";
import { compileFragments } from "../../support/apim/fragments.ts";
import { claimsOf } from "../../support/clients.ts";
import { password } from "../../support/people.ts";
import { createTestServices } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";

const isThere = hasDotnet();
if (!isThere) console.log("90 days behind API Management were not run: they need the .NET SDK 10 (dotnet).");
const minute = 60;
const day = 86_400;

/** A signed-in device, and when its session was ended. */
interface Device {
  accessToken: string;
  refreshToken: string;
  issuedAt: number;
  endedAt: number;
}

describe.skipIf(!isThere)("90 days behind API Management", { timeout: 900_000 }, () => {
  test("of rotations, restarts and revocations: no false refusal, and nothing ended is accepted after its bound", () =>
    withinInvocation({ requestId: "", functionName: "", write: () => undefined }, async () => {
      const { services: first, clock, database } = await createTestServices({ SIGNING_KEY_ROTATION_DAYS: "7" });
      let services: Services = first;
      const now = () => clock.now();
      const seconds = () => now().getTime() / 1000;
      const documents: Record<string, () => unknown> = {
        "openid-configuration": () => services.tokens.metadata,
        "jwks.json": () => services.tokens.keys.jwks(now()),
      };
      const gateway = compileFragments()({
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
        { id: newId(now()), email: "ada@example.com", username: "Ada", passwordHash },
        now(),
      );
      const signIn = async (): Promise<Device> => {
        const grant = await signInWithPassword(contextOf(services, now()), { email: "ada@example.com", password });
        if (!grant) throw new Error("nobody could sign in");
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
        const kid = kidOf(device.accessToken);
        const isAccepted = (await gateway.handle({ Authorization: `Bearer ${device.accessToken}` })).status === 200;
        const keyRevokedAt = revokedKeys.get(kid) ?? Infinity;
        const endedFor = seconds() - Math.min(device.endedAt, keyRevokedAt);
        counts.calls += 1;
        counts.keys.add(kid);
        if (endedFor < 0 && !isAccepted)
          counts[seconds() - emergencyAt <= 5 * minute ? "inEmergency" : "falseRefusals"] += 1;
        if (endedFor < 0 || !isAccepted) return;
        if (device.endedAt <= keyRevokedAt) longest.session = Math.max(longest.session, endedFor);
        else longest.key = Math.max(longest.key, endedFor);
        if (endedFor > (device.endedAt <= keyRevokedAt ? minute : 60 * minute)) counts.lateAcceptances += 1;
      };

      let devices = [await signIn(), await signIn()];
      const steps = (90 * day) / (50 * minute);
      for (let step = 1; step <= steps; step += 1) {
        clock.advance(50 * minute - 7);
        if (step % 29 === 0) {
          await services.tokens.rotation?.maintain(now());
          await purgeExpired(contextOf(services, now()));
        }
        if (step % 85 === 50) {
          await services.close();
          const settings = { ...testSettings, ...database, SIGNING_KEY_ROTATION_DAYS: "7" };
          services = createServices(loadConfig(settings), clock);
        }
        if (step % 250 === 166) gateway.restart();
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

      expect(counts).toMatchObject({ falseRefusals: 0, lateAcceptances: 0 });
      expect(counts.calls).toBeGreaterThan(6000);
      expect([counts.keys.size >= 12, revokedKeys.size >= 4, counts.ended > 250]).toEqual([true, true, true]);
      expect(counts.inEmergency, "an emergency costs a call now and then, for 5 minutes").toBeLessThan(20);
      expect(longest.session).toBeGreaterThan(0);
      expect(longest.session).toBeLessThan(minute);
      expect(longest.key).toBeLessThan(60 * minute);
    }));
});
