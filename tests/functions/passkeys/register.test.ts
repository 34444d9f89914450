import { describe, expect, test } from "vitest";
import { latestMail } from "../../support/mails.ts";
import { createPasskeyCalls, page } from "../../support/passkeys.ts";
import { startService } from "../../support/service.ts";
import { aaguid, create, selfAttestation } from "../../support/webauthn.ts";

const service = await startService();
const { api, services } = service;
const { provenPerson, newDevice, begin, add, make, withPasskey, list } = createPasskeyCalls(service);

describe("20.5 options for a passkey", () => {
  test("are the JSON of WebAuthn level 3: pinned algorithms, no attestation, and a user handle that is not the account's id", async () => {
    const device = await provenPerson();
    const { options } = (await begin(device)).json.data;
    expect(options).toMatchObject({
      rp: { id: "localhost", name: services.config.product.name },
      user: { name: device.email },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      attestation: "none",
      excludeCredentials: [],
      authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
    });
    const handle = Buffer.from(options.user.id, "base64url");
    expect(handle).toHaveLength(32);
    const again = (await begin(device)).json.data.options;
    expect([again.user.id, again.challenge === options.challenge]).toEqual([options.user.id, false]);
  });

  test("exclude those that the account has", async () => {
    const { device, passkey } = await withPasskey(await provenPerson());
    const { options } = (await begin(device)).json.data;
    const id = passkey.id.toString("base64url");
    expect(options.excludeCredentials).toEqual([{ type: "public-key", id, transports: ["hybrid", "internal"] }]);
  });
});
