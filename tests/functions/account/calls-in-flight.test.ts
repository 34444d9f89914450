// A thief's calls that the gates have let through when the owner's reset or undo ends the session.
import { describe, expect, test } from "vitest";
import type { CallContext } from "../../../shared/context.ts";
import { requestEmailChange } from "../../../shared/flows/account/change-email.ts";
import { changePassword } from "../../../shared/flows/account/change-password.ts";
import { deleteAccount } from "../../../shared/flows/account/delete-account.ts";
import type { Principal } from "../../../shared/sessions/session-queries.ts";
import { createAccountCalls, newAddress } from "../../support/accounts.ts";
import { claimsOf } from "../../support/clients.ts";
import { contextOf } from "../../support/context.ts";
import { newDevice, password, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const service = await startService();
const { api, clock, services } = service;
const { forgot, reset, mailed, mailsTo, logIn } = createAccountCalls(service);
const owners = "a pass phrase of my own";

const over = { code: "UNAUTHENTICATED" };

describe("a call that the owner's reset overtakes is refused, and changes nothing:", () => {
  test("a change of the address", async () => {
    const device = await newDevice(api);
    const principal = await principalOf(device);
    const thief = newAddress();
    const call = requestEmailChange(
      overtakenBy(() => resetByOwner(device.email)),
      { principal, email: thief },
    );
    await expect(call).rejects.toMatchObject(over);
    expect([await mailsTo("confirm_email", thief), await mailsTo("email_change_requested", device.email)]).toEqual([
      0, 0,
    ]);
  });

  test("a deletion", async () => {
    const device = await newDevice(api);
    const principal = await principalOf(device);
    await expect(
      deleteAccount(
        overtakenBy(() => resetByOwner(device.email)),
        principal,
      ),
    ).rejects.toMatchObject(over);
    expect((await logIn(device.email, owners)).status).toBe(200);
  });

  test("a change of the password, also if the reset chose the same one again", async () => {
    const device = await newDevice(api);
    const principal = await principalOf(device);
    await resetByOwner(device.email);
    const request = { principal, currentPassword: owners, password: "a pass phrase of a thief" };
    await expect(changePassword(contextOf(services), request)).rejects.toMatchObject(over);
    expect((await logIn(device.email, owners)).status).toBe(200);
  });
});

test("a first password that the owner's undo overtakes is not set", async () => {
  const device = await newDevice(api);
  const thief = newAddress();
  const { accessToken: bearer, cookie } = device;
  expect((await api.post("/auth/email/change", { bearer, cookie, body: { email: thief } })).status).toBe(202);
  const { token } = await mailed("confirm_email", thief);
  expect((await api.post("/auth/email/confirm", { body: { token } })).status).toBe(200);
  const principal = await principalOf(device);
  const { token: undo } = await mailed("email_changed", device.email);
  const undone = await api.post("/auth/email/undo", { body: { token: undo } });
  expect(undone.status).toBe(200);
  const request = { principal, currentPassword: undefined, password };
  await expect(changePassword(contextOf(services), request)).rejects.toMatchObject(over);
  expect((await reset(undone.json.data.reset_token, owners)).status).toBe(200);
});

async function principalOf({ accessToken }: Device): Promise<Principal> {
  const principal = await services.sessions.findPrincipal(claimsOf(accessToken).sid, clock.now());
  if (!principal) throw new Error("the session has ended already");
  return principal;
}

/** A call that is overtaken while it announces its mail, which is the last that it does before its transaction. */
function overtakenBy(work: () => Promise<void>): CallContext {
  const announce = async () => work();
  return contextOf({ ...services, mail: { ...services.mail, announce } });
}

async function resetByOwner(email: string): Promise<void> {
  await forgot(email);
  const { token } = await mailed("reset_password", email);
  expect((await reset(token, owners)).status).toBe(200);
}
