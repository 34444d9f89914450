import type { Service } from "../platform/service/settings.ts";
import { section, type Part } from "../platform/settings/section.ts";
import { audience, days, minutes, oneOf, publicClientId, vaultKeyId } from "../platform/settings/types.ts";

/** Access tokens, and the keys that sign them. */
export const tokenSettings = section({
  title: "Access tokens and signing keys",
  settings: {
    algorithm: {
      name: "ALGORITHM",
      // RFC 7518, section 3.1; RFC 8037.
      type: oneOf("RS256", "ES256", "EdDSA", "HS256"),
      default: "RS256",
      about:
        "How access tokens are signed. `HS256` needs a key that every API must hold too: `npm run -s keys -- shared` prints it ([keys](signing-keys.md#hs256)).",
    },
    audience: {
      name: "AUDIENCE",
      type: audience,
      defaultText: "`ISSUER`",
      about: "The `aud` of access tokens: one audience, compared as a whole.",
    },
    clientId: {
      name: "FIRST_PARTY_CLIENT_ID",
      type: publicClientId,
      default: "web",
      about:
        "The `client_id` of people's access tokens, and of the public client at `/oauth/token` and `/oauth/revoke`.",
    },
    ttlSeconds: {
      name: "ACCESS_TOKEN_EXPIRE_MINUTES",
      type: minutes(1, 1440),
      default: "30",
      unit: "minutes",
      about: "How long an access token lives.",
    },
    rotationSeconds: {
      name: "SIGNING_KEY_ROTATION_DAYS",
      type: days(1, 365),
      default: "30",
      unit: "days",
      about: "How long a key signs. Nothing rotates with `HS256`, or with one version of a key in the vault.",
    },
    vaultKeyId: {
      name: "SIGNING_KEY_VAULT_KEY_ID",
      type: vaultKeyId,
      about:
        "The key in Azure Key Vault that signs, such as `https://VAULT.vault.azure.net/keys/NAME`. Without one, the keys are in the database ([keys](signing-keys.md#keys-in-key-vault)).",
    },
  },
  rules: ({ algorithm, vaultKeyId: keyId }) => [
    [
      keyId !== undefined && algorithm !== "RS256" && algorithm !== "ES256",
      "ALGORITHM",
      "must be RS256 or ES256 with SIGNING_KEY_VAULT_KEY_ID",
    ],
  ],
  idleRules: ({ algorithm, vaultKeyId: keyId }, isChosen) => [
    [
      (algorithm === "HS256" || isVersion(keyId)) && isChosen("rotationSeconds"),
      "SIGNING_KEY_ROTATION_DAYS",
      "does nothing with ALGORITHM=HS256 or one version of a key in the vault",
    ],
  ],
  complete: (values, { service }: { readonly service: Service }) => ({
    ...values,
    audience: values.audience ?? service.issuer,
  }),
});

export type TokenSettings = Part<typeof tokenSettings>;

export type Algorithm = TokenSettings["algorithm"];

/** Whether the id names a version of the vault's key. */
function isVersion(keyId: string | undefined): boolean {
  return /\/[\da-f]{32}$/.test(keyId ?? "");
}
