import { describe, expect, test } from "vitest";
import { claimsOf } from "../../support/clients.ts";
import { meStatus } from "../../support/people.ts";
import { createPasskeyCalls } from "../../support/passkeys.ts";
import { startService } from "../../support/service.ts";
import type { Algorithm } from "../../support/webauthn.ts";

const service = await startService();
const { passkeyOwner, shown, signInBy } = createPasskeyCalls(service);

describe("20.5 signing in with a passkey", () => {
  test.each<Algorithm>(["ES256", "EdDSA", "RS256"])(
    "by %s is two factors when its user was verified",
    async (algorithm) => {
      const owner = await passkeyOwner({ algorithm });
      const answer = await signInBy({ ...(await shown(owner)), transport: "body" });
      expect([answer.status, answer.json.error_code]).toEqual([200, undefined]);
      const accessToken = answer.json.data.access_token;
      expect(claimsOf(accessToken)).toMatchObject({ acr: "phr", amr: ["pop", "user", "mfa"] });
      expect(await meStatus(service.api, { accessToken })).toBe(200);
    },
  );
});
