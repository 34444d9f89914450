import * as z from "zod";

/** A whole number written in digits. */
export const whole = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`)
    .default(fallback);

/** `true` or `false`, which is what it is unless given. */
export const flag = z
  .enum(["true", "false"], { error: "must be true or false" })
  .transform((text) => text === "true")
  .default(false);

/** This machine, as settings and URLs name it. */
export const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

/** A name without space in it. */
export const word = z.string().regex(/^\S+$/, "must have no space in it");

/** An absolute http(s) URL without user information, spelled as URLs are compared: one text for one address. */
export const webUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return false;
  return text === url.href || `${text}/` === url.href;
}, "must be an absolute http or https URL in its plain form, such as https://app.example.com");

/** Whether a URL is https, or names this machine. */
export function isSecureOrLocal(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "https:" || (url.protocol === "http:" && loopbackHosts.has(url.hostname)));
}

export const issuerUrl = webUrl
  .refine((text) => !/[?#]|\/$/.test(text), "must have no query, fragment or trailing slash")
  .refine(isSecureOrLocal, "may be plain http for localhost only");

/** A key in Azure Key Vault, with or without a version. */
export const vaultKeyId = z
  .string()
  .regex(
    /^https:\/\/[\w.-]+(?::\d+)?\/keys\/[\dA-Za-z-]{1,127}(?:\/[\da-f]{32})?$/,
    "must be the address of a key in a vault, such as https://VAULT.vault.azure.net/keys/NAME",
  );

/** The issuer of an OpenID provider, which may end in a slash, and be plain http for localhost only. */
export const providerIssuer = webUrl
  .refine((text) => !/[?#]/.test(text), "must have no query and no fragment")
  .refine(isSecureOrLocal, "may be plain http for localhost only");

const commaSeparated = (text: string) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);

/** Entries separated by commas; none unless given. */
export const list = z.string().default("").transform(commaSeparated);

/** What a browser may be sent to: a page, or an app by its private-use scheme, which has a dot (RFC 8252, section 7.1). */
function isRedirectTarget(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "" || text.includes("*")) return false;
  const isPlain = text === url.href || `${text}/` === url.href;
  return isPlain && (/^https?:$/.test(url.protocol) || url.protocol.includes("."));
}

/** Comma-separated URLs. */
export const redirectTargets = list.refine(
  (targets) => targets.every(isRedirectTarget),
  "must be URLs in their plain form without wildcard, separated by commas; one that ends in / and has no query or fragment admits the paths below it; an app's own scheme has a dot in it",
);

const isOrigin = (text: string) => text === "*" || (URL.canParse(text) && new URL(text).origin === text);

/** Comma-separated origins, each as a browser sends it: scheme, host, port, nothing after. */
export const origins = list.refine(
  (entries) => entries.every(isOrigin),
  "must be origins such as https://app.example.com, separated by commas",
);

/** The keys that stand in examples, here and in the service's predecessor. */
const exampleKeys = /^(?:replace-me|your-very-long-and-secure-secret-key)/;

export const secretKey = z
  .string({ error: "is required: 32 characters or more, random" })
  .refine((text) => text.length >= 32, "must have 32 characters or more")
  .refine((text) => !exampleKeys.test(text), "is still the example: put 32 random characters or more in its place");

/** Settings in which Azure has left the reference to a secret, since it could not get that, as `[setting, rule]`. */
export function unresolvedReferences(
  environment: Readonly<Record<string, string | undefined>>,
): (readonly [string, string])[] {
  const rule =
    "refers to a secret of a vault that Azure could not get: look at its name, the identity's role, the network";
  return Object.keys(environment)
    .filter((name) => environment[name]?.startsWith("@Microsoft.KeyVault("))
    .map((name) => [name, rule] as const);
}
