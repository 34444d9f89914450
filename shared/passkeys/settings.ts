import * as z from "zod";
import { hostFault, originFault } from "../platform/origins.ts";
import type { Service } from "../platform/service/settings.ts";
import { ConfigError } from "../platform/settings/config-error.ts";
import { section, type Part } from "../platform/settings/section.ts";
import { list } from "../platform/settings/types.ts";

/** A domain as browsers compare it: in lower case and A-labels. */
const domain = z.string().refine((text) => {
  const url = URL.parse(`https://${text}`);
  return url !== null && url.hostname === text && url.pathname === "/" && hostFault(url) === undefined;
}, "must be a domain in lower case, such as example.com: no scheme, no port, no path");

/** An app of Android, by the SHA-256 of the certificate that signs it. */
const androidApp = /^android:apk-key-hash:[\w-]{43}$/;

/** Where passkeys are used: pages of https, of this machine, and apps. */
const passkeyOrigins = list.superRefine((entries, context) => {
  for (const entry of entries) {
    const fault = androidApp.test(entry) ? undefined : (originFault(entry) ?? pageFault(entry));
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  }
});

/** Browsers have WebAuthn on https, and on this machine. */
const pageFault = (origin: string): string | undefined =>
  isPage(origin)
    ? undefined
    : "must be https origins, http://localhost, or android:apk-key-hash:HASH of an app, separated by commas";

function isPage(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return protocol === "https:" || (protocol === "http:" && isOn("localhost", hostname));
}

/** Whether a host is a domain or below it. */
const isOn = (domainName: string, host: string): boolean => host === domainName || host.endsWith(`.${domainName}`);

/** An address is no domain: WebAuthn does not work on one. */
const isAddress = (host: string): boolean => host.startsWith("[") || /^[\d.]+$/.test(host);

/** Where passkeys work. */
export const passkeySettings = section({
  title: "Passkeys",
  about: "See [passkeys](passkeys.md).",
  settings: {
    rpId: {
      name: "RP_ID",
      type: domain.refine((text) => !isAddress(text), "must be a domain: passkeys do not work on an IP address"),
      defaultText: "the host of `ISSUER`; none, and so no passkeys, if that is an IP address",
      about:
        "The domain that passkeys belong to. They work on pages of it and below it. **Choose it before the first passkey: those of another domain are lost.** For `auth.example.com` and `app.example.com` it is `example.com`.",
    },
    origins: {
      name: "RP_ORIGINS",
      type: passkeyOrigins,
      defaultText: "of `ISSUER`, `FRONTEND_URL` and `ALLOWED_ORIGINS`, those of `RP_ID` and below it",
      about:
        "The origins at which passkeys are used, separated by commas. One outside `RP_ID` is a [related origin](passkeys.md#related-origins). An Android app is `android:apk-key-hash:HASH`.",
    },
  },
  complete(
    { rpId: given, origins: listed },
    { service, http }: { readonly service: Service; readonly http: { readonly allowedOrigins: ReadonlySet<string> } },
  ) {
    const host = new URL(service.issuer).hostname;
    const rpId = given ?? (isAddress(host) ? undefined : host);
    if (rpId === undefined) {
      if (listed !== undefined) throw wrong("RP_ORIGINS needs RP_ID: the host of ISSUER is an IP address");
      return { rpId: undefined, origins: [], relatedOrigins: [] };
    }
    const own = (origin: string) => !androidApp.test(origin) && isOn(rpId, new URL(origin).hostname);
    const pages = [...http.allowedOrigins].filter((origin) => originFault(origin) === undefined && isWeb(origin));
    const origins = listed ?? pages.filter((origin) => isPage(origin) && own(origin));
    if (!origins.some(own))
      throw wrong(
        listed === undefined
          ? "RP_ID must be the domain of ISSUER, FRONTEND_URL or an entry of ALLOWED_ORIGINS, or above it: no page could use a passkey"
          : "RP_ORIGINS must have an origin of RP_ID or below it: no page could use a passkey",
      );
    return { rpId, origins, relatedOrigins: origins.filter((origin) => !androidApp.test(origin) && !own(origin)) };
  },
});

const isWeb = (origin: string): boolean => /^https?:/.test(origin);

const wrong = (fault: string) => new ConfigError(`Wrong settings: ${fault}`);

export type PasskeySettings = Part<typeof passkeySettings>;
