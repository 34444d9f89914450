import { describe, expect, test } from "vitest";
import { createAccountCalls, expectDead, newAddress } from "../../support/accounts.ts";
import { startSocialService } from "../../support/social.ts";

const service = await startSocialService({ EMAIL_VERIFICATION: "required" });
const { register, logIn, verify, mailed } = createAccountCalls(service);

describe("a provider that proves an address", () => {
  test("ends the registrations that wait for it, and their links and codes", async () => {
    const email = newAddress();
    await register(email);
    const { token, code } = await mailed("verify_email", email);
    expect((await logIn(email)).json.error_code).toBe("EMAIL_NOT_VERIFIED");
    expect((await service.exchange({ sub: email, email, email_verified: true })).status).toBe(200);
    expectDead(await verify({ token }));
    expectDead(await verify({ email, code }));
    expect((await logIn(email)).json.error_code).toBe("INVALID_CREDENTIALS");
  });

  test("that does not vouch for it ends none: the mail takes that account over", async () => {
    const email = newAddress();
    await register(email);
    const stranger = { sub: `stranger ${email}`, email, email_verified: false };
    expect((await service.exchange(stranger)).status).toBe(200);
    expect((await verify({ token: (await mailed("verify_email", email)).token })).status).toBe(200);
    expect((await logIn(email)).json.data.user).toMatchObject({ username: "Ada", email_verified: true });
    expect((await service.exchange(stranger)).json.error_code).toBe("LINK_REQUIRES_PROOF");
  });
});
