import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { hashRecoveryCode, newRecoveryCodes } from "../../shared/mfa/recovery-codes.ts";
import { newTotpSecret } from "../../shared/mfa/totp.ts";
import { newOneTimeSecret } from "../../shared/one-time-tokens/secrets.ts";
import { newId, randomToken } from "../../shared/platform/crypto/random.ts";
import { claimsOf } from "./clients.ts";
import { contextOf } from "./context.ts";
import { password, refreshed, signIn, type Device } from "./people.ts";
import type { SocialService } from "./social.ts";

/** A person with something in every table. @returns the device, and all texts that name the person */
export async function personWithEverything({
  api,
  clock,
  services,
  issuer,
}: SocialService): Promise<{ device: Device; names: string[] }> {
  const mark = randomToken()
    .slice(0, 12)
    .replaceAll(/[^a-zA-Z\d]/g, "x");
  const email = `Ada-${mark}@example.com`;
  const username = `Countess ${mark}`;
  expect((await api.post("/auth/register", { body: { email, username, password } })).status).toBe(201);
  const first = await signIn(api, email);
  const device = await refreshed(api, await signIn(api, email));
  const idToken = await issuer.idToken({ nonce: "n", sub: `subject-${mark}`, email, name: `Name ${mark}` });
  const { accessToken: bearer, cookie } = device;
  const link = { id_token: idToken, nonce: "n" };
  expect((await api.post("/auth/me/identities/acme", { bearer, cookie, body: link })).status).toBe(200);
  const { sub: accountId, sid } = claimsOf(device.accessToken);
  const [now, secret, registered] = [clock.now(), newOneTimeSecret(), newOneTimeSecret()];
  const address = { email, emailNormalised: email.toLowerCase() };
  const registration = { id: newId(now), email, username, passwordHash: "$argon2id$v=19$x", locale: "en" };
  await services.transaction(contextOf(services), async (tx) => {
    await tx.oneTimeTokens.issue({ purpose: "reset_password", subjectId: accountId, secret, ...address }, now);
    await tx.oneTimeTokens.issue(
      { purpose: "verify_email", subjectId: registration.id, secret: registered, ...address },
      now,
    );
    await tx.accounts.addRegistration(registration, now);
    const data = { username, token: secret.token };
    await tx.mail.post({ id: newId(now), template: "reset_password", to: email, accountId, locale: "en", data }, now);
    await tx.mail.post(
      {
        id: newId(now),
        template: "verify_email",
        to: email,
        accountId: null,
        locale: "en",
        data: { ...data, code: registered.code },
      },
      now,
    );
  });
  await services.transaction(contextOf(services), (tx) =>
    tx.signInFailures.count({ accountId, deviceId: "one" }, { id: newId(now), now }),
  );
  const [app, code] = [
    { id: newId(now), accountId, name: `Phone ${mark}`, secret: newTotpSecret() },
    newRecoveryCodes()[0] ?? "",
  ];
  const mfaToken = randomToken();
  await services.transaction(contextOf(services), async (tx) => {
    await tx.mfa.totp.add(app, now);
    await tx.mfa.recoveryCodes.replace({ accountId, hashes: [hashRecoveryCode(code) ?? Buffer.alloc(0)] }, now);
    const shown = {
      deviceHash: Buffer.alloc(32),
      isDeviceKnown: false,
      authenticatedAt: now,
      methods: ["pwd"],
      provider: undefined,
    };
    await tx.mfa.challenges.issue({ accountId, purpose: "sign_in", token: mfaToken, ...shown }, now);
    const remembered = { id: newId(now), accountId, deviceHash: Buffer.alloc(32), tokenHash: randomBytes(32) };
    const source = { address: "198.51.100.7", userAgent: `${mark}/1.0` };
    await tx.mfa.rememberedDevices.add({ ...remembered, mfaSince: now, source, seconds: 86_400 }, now);
  });
  await services.mfa.totp.confirm({ id: app.id, step: 1, accountId }, now);
  const [credentialId, publicKey] = [Buffer.from(`credential ${mark}`), Buffer.from(`key ${mark}`)];
  const passkey = {
    id: newId(now),
    accountId,
    credentialId,
    publicKey,
    algorithm: -7,
    signCount: 0,
    name: mark,
  } as const;
  const flags = { transports: ["usb"], isBackupEligible: true, isBackedUp: true, isUserVerified: true };
  const handle = await services.passkeys.userHandle(accountId);
  expect(await services.passkeys.add({ ...passkey, ...flags, aaguid: registration.id }, now)).toBe(true);
  await services.suppressions.add(email.toLowerCase(), { reason: "Bounced", now });
  const secrets = [
    handle.toString("base64url"),
    app.secret,
    code,
    mfaToken,
    secret.token,
    registered.token,
    first.refreshToken,
    device.refreshToken,
  ];
  return { device, names: [mark, email, accountId, sid, registration.id, ...secrets] };
}
