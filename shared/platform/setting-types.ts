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

export const issuerUrl = webUrl
  .refine((text) => !/[?#]|\/$/.test(text), "must have no query, fragment or trailing slash")
  .refine(
    (text) => text.startsWith("https:") || loopbackHosts.has(URL.parse(text)?.hostname ?? ""),
    "may be plain http for localhost only",
  );

/** A key in Azure Key Vault, with or without a version. */
export const vaultKeyId = z
  .string()
  .regex(
    /^https:\/\/[\w.-]+(?::\d+)?\/keys\/[\dA-Za-z-]{1,127}(?:\/[\da-f]{32})?$/,
    "must be the address of a key in a vault, such as https://VAULT.vault.azure.net/keys/NAME",
  );

const isOrigin = (text: string) => text === "*" || (URL.canParse(text) && new URL(text).origin === text);

/** Comma-separated origins, each as a browser sends it: scheme, host, port, nothing after. */
export const origins = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((entry) => entry.trim())
      .filter(Boolean),
  )
  .refine((list) => list.every(isOrigin), "must be origins such as https://app.example.com, separated by commas");
