import { admitsNothing } from "../origins.ts";
import { section, type Part } from "../settings/section.ts";
import { appUrl, issuerUrl, secretKey, whole } from "../settings/types.ts";

/** The service's address, and the secret that its keys are derived from. */
export const serviceSettings = section({
  title: "The service",
  settings: {
    secretKey: {
      name: "SECRET_KEY",
      type: secretKey,
      isSecret: true,
      required: { when: "always", hint: "32 characters or more, random" },
      example: "replace-me-with-32-random-characters-or-more",
      about:
        "At least 32 random characters. Every other key is derived from it or sealed with it. `npm start` generates one for development.",
    },
    previousSecretKey: {
      name: "SECRET_KEY_PREVIOUS",
      type: secretKey,
      isSecret: true,
      about: "The previous `SECRET_KEY`, during a [rotation](signing-keys.md).",
    },
    issuer: {
      name: "ISSUER",
      type: issuerUrl,
      defaultText: "`http://localhost:PORT`",
      required: { when: "in production", hint: "the https URL that callers use" },
      about:
        "The URL that callers use, without a trailing slash. With https, the refresh cookie is `Secure` and has the `__Host-` prefix.",
    },
    frontendUrl: {
      name: "FRONTEND_URL",
      type: appUrl,
      example: "http://localhost:3000",
      about:
        "The URL of your web app. Its origin may call the service, and browsers may return to it after a social login.",
    },
    port: {
      name: "PORT",
      type: whole(1, 65535),
      default: "7071",
      defaultText: "`Host.LocalHttpPort` in `local.settings.json`, else 7071",
      example: "",
      about: "The port that `npm start` listens on.",
    },
  },
  rules: ({ frontendUrl }) => [
    [
      frontendUrl !== undefined && admitsNothing(`${frontendUrl.replace(/\/$/, "")}/`),
      "FRONTEND_URL",
      "must have 511 characters at most, and no // and no encoded dot or slash in its path",
    ],
  ],
  productionRules: ({ issuer, secretKey: secret, frontendUrl }) => [
    [issuer?.startsWith("http:") ?? false, "ISSUER", "must be https in production"],
    [isGuessable(secret), "SECRET_KEY", "must be random in production, not an example"],
    [frontendUrl?.startsWith("http:") ?? false, "FRONTEND_URL", "must be https in production"],
  ],
  complete({ issuer: given, port, ...values }) {
    const issuer = given ?? `http://localhost:${port}`;
    /** Whether callers reach the service over https: decides `Secure`, the `__Host-` prefix and HSTS. */
    const isSecure = issuer.startsWith("https:");
    return { ...values, issuer, isSecure };
  },
});

export type Service = Part<typeof serviceSettings>;

function isGuessable(secret: string): boolean {
  return /example|change|replace|secret|password/i.test(secret) || new Set(secret).size < 10;
}
