// That 50 ms pass is tested beside shared/flows/even-time.ts; here, who lets them pass.
import { expect, test } from "vitest";
import { createAccountCalls, newAddress } from "../../support/accounts.ts";
import { newDevice } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const service = await startService({ EMAIL_VERIFICATION: "required" });
const { register, logIn, forgot, resend } = createAccountCalls(service);
const { waits } = service.clock;

const cancelDeletion = (email: string) =>
  service.api.post("/auth/me/deletion/cancel", { body: { email, password: "another pass phrase" } });

const guessCode = (email: string) => service.api.post("/auth/email/verify", { body: { email, code: "000000" } });

const known = newAddress();
await register(known);

test.each([
  ["a registration", register, 202],
  ["a refused login", (email: string) => logIn(email, "another pass phrase"), 401],
  ["a deletion that is not cancelled", cancelDeletion, 401],
  ["a forgotten password", forgot, 202],
  ["another mail", resend, 202],
  ["a wrong code", guessCode, 400],
] as const)("%s is answered at an even time, whoever has the address", async (_what, call, status) => {
  for (const email of [known, newAddress()]) {
    waits.length = 0;
    expect((await call(email)).status).toBe(status);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeLessThanOrEqual(50);
  }
});

test("a change of address is answered at an even time, whoever has the new one", async () => {
  const optional = await startService();
  const { accessToken: bearer, cookie } = await newDevice(optional.api);
  const { email: taken } = await newDevice(optional.api);
  for (const email of [taken, newAddress()]) {
    optional.clock.waits.length = 0;
    expect((await optional.api.post("/auth/email/change", { bearer, cookie, body: { email } })).status).toBe(202);
    expect(optional.clock.waits).toEqual([50]);
  }
});
