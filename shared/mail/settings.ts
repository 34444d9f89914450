import { isIP } from "node:net";
import * as z from "zod";
import { isHostName, mailAddress } from "../platform/mail-address.ts";
import { displayName, type Product } from "../platform/product/settings.ts";
import type { Runtime } from "../platform/runtime/settings.ts";
import { section, type IsChosen, type Part, type SettingRule, type Values } from "../platform/settings/section.ts";
import { isSecureOrLocal, loopbackHosts, oneOf, webUrl, whole } from "../platform/settings/types.ts";

const host = z
  .string()
  .refine((text) => isHostName(text) || isIP(text) !== 0, "must be only a server's name: the port goes into SMTP_PORT");

/** What a server is told in AUTH; the mechanisms separate its parts by NUL (RFC 4616). */
const credential = z.string().regex(/^\P{Cc}{1,500}$/u, "must have 1 to 500 characters and no control characters");

const endpoint = webUrl
  .refine(isSecureOrLocal, "may be plain http for localhost only")
  .refine(
    (text) => URL.parse(text)?.href === `${URL.parse(text)?.origin ?? ""}/`,
    "must be only the resource's address, such as https://NAME.communication.azure.com",
  )
  .transform((text) => new URL(text).origin);

const settings = {
  provider: {
    name: "MAIL_PROVIDER",
    type: oneOf("mailbox", "smtp", "acs"),
    defaultText: "`mailbox` in development",
    required: { when: "in production", hint: "smtp or acs" },
    about:
      "How mail is sent: by an SMTP server, by Azure Communication Services, or in development not at all: `/dev/mailbox` then shows it.",
  },
  from: {
    name: "MAIL_FROM",
    type: mailAddress,
    defaultText: "`noreply@localhost` with `MAIL_PROVIDER=mailbox`",
    about: "The sender's address. Required with `smtp` and `acs`, which must be allowed to send for it.",
  },
  fromName: {
    name: "MAIL_FROM_NAME",
    type: displayName,
    defaultText: "`PRODUCT_NAME`",
    about: "The sender's name. Communication Services takes it from the sender's address in Azure instead.",
  },
  smtpHost: { name: "SMTP_HOST", type: host, about: "The mail server. Required with `MAIL_PROVIDER=smtp`." },
  smtpPort: {
    name: "SMTP_PORT",
    type: whole(1, 65535),
    defaultText: "587, or 465 with `SMTP_TLS=implicit`, or 25 with `none`",
    about: "The port of `SMTP_HOST`.",
  },
  smtpUsername: {
    name: "SMTP_USERNAME",
    type: credential,
    about: "Who signs in at `SMTP_HOST`, given with `SMTP_PASSWORD` or not at all.",
  },
  smtpPassword: { name: "SMTP_PASSWORD", type: credential, isSecret: true, about: "The password of `SMTP_USERNAME`." },
  smtpTls: {
    name: "SMTP_TLS",
    type: oneOf("starttls", "implicit", "none"),
    default: "starttls",
    about:
      "How the connection is encrypted: after STARTTLS, which the server must offer, from the start, or on loopback not at all. The certificate is always checked.",
  },
  acsEndpoint: {
    name: "ACS_ENDPOINT",
    type: endpoint,
    about:
      "The address of the Communication Services resource, such as `https://NAME.communication.azure.com`. Required with `MAIL_PROVIDER=acs`; the service signs in there with its managed identity.",
  },
} as const;

type MailValues = Values<typeof settings>;

/** How mail is sent, and from whom. */
export const mailSettings = section({
  title: "Mail",
  settings,
  rules: (values) => [...senderRules(values), ...smtpRules(values)],
  productionRules: ({ provider }) => [
    [provider === "mailbox", "MAIL_PROVIDER", "must be smtp or acs in production: the mailbox sends nothing"],
  ],
  idleRules: (values, isChosen) => [
    ...unused(values.provider ?? "mailbox", isChosen),
    [
      values.provider === "acs" && isChosen("fromName"),
      "MAIL_FROM_NAME",
      "does nothing with MAIL_PROVIDER=acs: the sender's address in Azure has the name",
    ],
  ],
  complete: (values, { runtime, product }: { readonly runtime: Runtime; readonly product: Product }) =>
    Object.freeze({
      from: Object.freeze({ address: values.from ?? "noreply@localhost", name: values.fromName ?? product.name }),
      provider: Object.freeze(providerOf(values, runtime)),
    }),
});

export type MailSettings = Part<typeof mailSettings>;

/** Where mail goes. */
export type ProviderSettings =
  | { readonly kind: "mailbox" }
  | ({ readonly kind: "smtp" } & SmtpSettings)
  | { readonly kind: "acs"; readonly endpoint: string; readonly identity: Runtime["identity"] };

/** How to reach a mail server. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  readonly tls: "starttls" | "implicit" | "none";
  readonly login: { readonly username: string; readonly password: string } | undefined;
}

function senderRules({ provider, from, smtpHost, acsEndpoint }: MailValues): SettingRule[] {
  const sends = provider === "smtp" || provider === "acs";
  return [
    [sends && from === undefined, "MAIL_FROM", `is required with MAIL_PROVIDER=${provider ?? ""}`],
    [provider === "smtp" && smtpHost === undefined, "SMTP_HOST", "is required with MAIL_PROVIDER=smtp"],
    [provider === "acs" && acsEndpoint === undefined, "ACS_ENDPOINT", "is required with MAIL_PROVIDER=acs"],
  ];
}

function smtpRules({ provider, smtpHost, smtpPort, smtpTls, smtpUsername, smtpPassword }: MailValues): SettingRule[] {
  if (provider !== "smtp") return [];
  return [
    [smtpUsername !== undefined && smtpPassword === undefined, "SMTP_PASSWORD", "is required with SMTP_USERNAME"],
    [smtpPassword !== undefined && smtpUsername === undefined, "SMTP_USERNAME", "is required with SMTP_PASSWORD"],
    [
      smtpTls === "none" && smtpHost !== undefined && !isLoopback(smtpHost),
      "SMTP_TLS",
      "may be none for a server on this machine only: localhost, 127.0.0.1 or ::1",
    ],
    // RFC 8314, section 7.3, and RFC 6409, section 3.1.
    [smtpPort === 465 && smtpTls === "starttls", "SMTP_TLS", "must be implicit with SMTP_PORT=465"],
    [
      (smtpPort === 587 || smtpPort === 25) && smtpTls === "implicit",
      "SMTP_TLS",
      "must be starttls with that SMTP_PORT",
    ],
  ];
}

function isLoopback(name: string): boolean {
  return loopbackHosts.has(name.toLowerCase()) || /^127\.\d+\.\d+\.\d+$/.test(name);
}

/** Settings of a provider that is not chosen. */
function unused(provider: NonNullable<MailValues["provider"]>, isChosen: IsChosen<typeof settings>): SettingRule[] {
  return (Object.keys(settings) as (keyof typeof settings)[]).flatMap((key): SettingRule[] => {
    const owner = key.startsWith("smtp") ? "smtp" : key.startsWith("acs") ? "acs" : provider;
    return [[owner !== provider && isChosen(key), settings[key].name, `does nothing without MAIL_PROVIDER=${owner}`]];
  });
}

function providerOf(values: MailValues, { identity }: Runtime): ProviderSettings {
  const { provider, smtpHost, smtpTls: tls, smtpUsername: username, smtpPassword: password, acsEndpoint } = values;
  if (provider === "acs" && acsEndpoint !== undefined) return { kind: "acs", endpoint: acsEndpoint, identity };
  if (provider !== "smtp" || smtpHost === undefined) return { kind: "mailbox" };
  const port = values.smtpPort ?? { starttls: 587, implicit: 465, none: 25 }[tls];
  const login = username !== undefined && password !== undefined ? Object.freeze({ username, password }) : undefined;
  return { kind: "smtp", host: smtpHost, port, tls, login };
}
