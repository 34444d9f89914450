import * as z from "zod";
import { ambiguousPath, hostFault, noWildcard, originFault } from "../origins.ts";

/** A whole number in digits, times `factor`. */
const wholeTimes = (factor: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`)
    .transform((value) => value * factor)
    .meta({ values: `${min} to ${max}` });

/** A whole number. */
export const whole = (min: number, max: number) => wholeTimes(1, min, max);

/** Whole minutes, as seconds. */
export const minutes = (min: number, max: number) => wholeTimes(60, min, max);

/** Whole days, as seconds. */
export const days = (min: number, max: number) => wholeTimes(24 * 60 * 60, min, max);

/** One of several words. */
export const oneOf = <const W extends readonly string[]>(...words: W) =>
  z
    .enum(words, { error: `must be ${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}` })
    .meta({ values: words.map((word) => `\`${word}\``).join(", ") });

/** `true` or `false`. */
export const flag = z
  .enum(["true", "false"], { error: "must be true or false" })
  .transform((text) => text === "true")
  .meta({ values: "`true`, `false`" });

/** `on` or `off`. */
export const onOff = z
  .enum(["on", "off"], { error: "must be on or off" })
  .transform((text) => text === "on")
  .meta({ values: "`on`, `off`" });

/** The names of this machine in settings and URLs. */
export const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

/** A name without spaces. */
export const word = z
  .string()
  .regex(/^\S+$/, "must have no space in it")
  .regex(/^\P{Cc}+$/u, "must have no control character in it");

/** The name of one audience: verifiers compare it as a whole. */
export const audience = word.regex(/^[^,*]+$/, "is one audience, without commas or wildcards");

const guid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whether a text is a GUID, the form of Azure's ids. */
export const isGuid = (text: string): boolean => guid.test(text);

/** The client id of a managed identity. */
export const identityId = z.string().regex(guid, "must be the client id of a managed identity, a GUID");

/** A public client's id, which is sent in forms and in HTTP Basic, where a colon would end it (RFC 7617, section 2). */
export const publicClientId = z
  .string()
  .regex(/^[\x21-\x39\x3B-\x7E]{1,100}$/, "must have 1 to 100 characters of ASCII, no space and no colon");

/** The path of a file. */
export const filePath = z
  .string()
  .regex(/^\P{Cc}+$/u, "must have no control character in it")
  .refine(
    (text) => !/^:|^file:|[/\\]$/i.test(text),
    "must be the path of a file, not a folder, a URL or a database in memory",
  );

/** Reports an impossible host of a URL; a text that is no URL is left to other checks. */
function refuseImpossibleHost(text: string, context: z.RefinementCtx<string>): void {
  const url = URL.parse(text);
  const fault = text.includes("*") ? noWildcard : url === null ? undefined : hostFault(url);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
}

/** An absolute http(s) URL without user information, in its normalised spelling: one text per address. */
export const webUrl = z
  .string()
  .refine((text) => {
    const url = URL.parse(text);
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return false;
    return text === url.href || `${text}/` === url.href;
  }, "must be an absolute http or https URL in its plain form, such as https://app.example.com")
  .superRefine(refuseImpossibleHost);

/** A web app's URL: its origin may call the service, and browsers may be sent to paths below it. */
export const appUrl = webUrl.refine((text) => !/[?#]/.test(text), "must have no query and no fragment");

/** Whether a URL is https, or names this machine. */
export function isSecureOrLocal(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "https:" || (url.protocol === "http:" && loopbackHosts.has(url.hostname)));
}

export const issuerUrl = webUrl
  .refine((text) => !/[?#]|\/$/.test(text), "must have no query, fragment or trailing slash")
  .refine(
    (text) => !ambiguousPath.test(URL.parse(text)?.pathname ?? ""),
    "must have no // and no encoded dot or slash in its path",
  )
  .refine(isSecureOrLocal, "may be plain http for localhost only");

/** A key in Azure Key Vault, with or without a version. */
export const vaultKeyId = z
  .string()
  .regex(
    /^https:\/\/[\w.-]+(?::\d+)?\/keys\/[\dA-Za-z-]{1,127}(?:\/[\da-f]{32})?$/,
    "must be the address of a key in a vault, such as https://VAULT.vault.azure.net/keys/NAME",
  )
  .superRefine(refuseImpossibleHost);

/** An OpenID provider's issuer: may end in a slash; plain http for localhost only. */
export const providerIssuer = webUrl
  .refine((text) => !/[?#]/.test(text), "must have no query and no fragment")
  .refine(isSecureOrLocal, "may be plain http for localhost only");

const commaSeparated = (text: string) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);

/** Entries separated by commas. */
export const list = z.string().transform(commaSeparated);

/** Client ids separated by commas. */
export const clientIds = list.refine(
  (entries) => entries.every((entry) => /^[^\s\p{Cc};]+$/u.test(entry)),
  "must be client ids separated by commas, without spaces, semicolons or control characters",
);

/**
 * Whether a browser may be sent there: a page, or an app by its private-use scheme, which has a dot (RFC 8252, section
 * 7.1).
 */
function isRedirectTarget(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "" || text.includes("*")) return false;
  const isPlain = text === url.href || `${text}/` === url.href;
  return isPlain && (/^https?:$/.test(url.protocol) || url.protocol.includes("."));
}

/** Comma-separated URLs. */
export const redirectTargets = list.refine(
  (targets) => targets.every(isRedirectTarget),
  "must be URLs in their plain form without wildcards, separated by commas; a URL that ends in /, without query or fragment, admits the paths below it; an app's own scheme must contain a dot",
);

/** Comma-separated origins in the form that browsers send: scheme, host, port, nothing after. */
export const origins = list.superRefine((entries, context) => {
  for (const message of new Set(entries.flatMap((entry) => originFault(entry) ?? [])))
    context.addIssue({ code: "custom", message });
});

/**
 * What Azure's storage client accepts: the emulator, or a connection string with a key or a signature.
 * @param endpoint the name of the service's address in it, in lower case
 */
export const storageConnection = (endpoint: "queueendpoint" | "blobendpoint") =>
  z.string().refine((text) => {
    const parts = text.split(";").filter((part) => part.trim() !== "");
    const names = new Set(parts.map((part) => (/^\s*(\w+)=./.exec(part)?.[1] ?? "").toLowerCase()));
    if (names.has("")) return false;
    const hasKey = names.has("accountname") && names.has("accountkey");
    const hasSignature = names.has("sharedaccesssignature") && (names.has(endpoint) || names.has("accountname"));
    return hasKey || hasSignature || /^\s*UseDevelopmentStorage=true\s*$/i.test(parts[0] ?? "");
  }, "must be a connection string of a storage account, or UseDevelopmentStorage=true");

/** Keys from examples, here and in this service's predecessor. */
const exampleKeys = /^(?:replace-me|your-very-long-and-secure-secret-key)/;

export const secretKey = z
  .string()
  .refine((text) => text.length >= 32, "must have 32 characters or more")
  .refine((text) => !exampleKeys.test(text), "is still the example: replace it with 32 random characters or more");
