import { describe, expect, test } from "vitest";
import { LatchkeyError } from "../../client/src/index.ts";
import { password } from "../support/people.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { startService } from "../support/service.ts";
import { createDevice } from "./device.ts";

const service = await startService();
const { protectedPerson } = createFactorCalls(service);

describe("20.1 a client, where a second factor is due,", () => {
  test.each(["cookie", "body"] as const)("rejects with what is due, and signs nobody in: %s", async (transport) => {
    const { email } = await protectedPerson();
    const client = createDevice(service.url).open({ transport });
    const fault = await client.login({ email, password }).catch((error: unknown) => error);
    if (!(fault instanceof LatchkeyError)) throw fault;
    expect([fault.code, fault.status]).toEqual(["MFA_REQUIRED", 200]);
    expect(fault.details).toMatchObject({ mfa_required: true, mfa_token: expect.any(String), methods: ["totp"] });
    expect(JSON.stringify({ ...fault, message: fault.message }), "what is reported").not.toContain(
      String(fault.details["mfa_token"]),
    );
    expect([client.user, await client.getAccessToken()]).toEqual([undefined, undefined]);
  });
});
