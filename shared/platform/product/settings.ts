import * as z from "zod";
import { locales } from "../locale.ts";
import { mailAddress } from "../mail-address.ts";
import type { Runtime } from "../runtime/settings.ts";
import type { Service } from "../service/settings.ts";
import { section, type Part } from "../settings/section.ts";
import { onOff, oneOf, webUrl } from "../settings/types.ts";

/** A name for people, in one line: it goes into subjects and headers too. */
export const displayName = z
  .string()
  .regex(/^[^\p{C}\u2028\u2029]{1,60}$/u, "must have 1 to 60 characters and no control characters")
  .refine((text) => text === text.trim(), "must not begin or end with a space");

/** Mail programs show these; none shows SVG. Each with the bytes that its files begin with. */
const signatures = {
  "image/png": "89504e470d0a1a0a",
  "image/jpeg": "ffd8ff",
  "image/gif": "47494638",
} as const;

const logoMaxBytes = 24 * 1024;
const logoText = /^data:(image\/(?:png|jpeg|gif));base64,([\dA-Za-z+/]+={0,2})$/;

/** A small picture as a data URL; mails carry it with them, so that reading one tells nobody. */
const logo = z
  .string()
  .refine(
    (text) => logoText.test(text),
    "must be a PNG, JPEG or GIF as a data URL: data:image/png;base64,… (mails fetch no picture from elsewhere)",
  )
  .transform(readLogo)
  .refine(({ bytes }) => bytes.length <= logoMaxBytes, "must have 24 KiB at most")
  .refine(
    ({ contentType, bytes }) => bytes.subarray(0, 8).toString("hex").startsWith(signatures[contentType]),
    "must contain the kind of picture that it names",
  );

/** A picture that mails carry with them. */
export interface Logo {
  readonly contentType: keyof typeof signatures;
  readonly bytes: Buffer;
}

function readLogo(text: string): Logo {
  const [, contentType = "image/png", base64 = ""] = logoText.exec(text) ?? [];
  return { contentType: contentType as Logo["contentType"], bytes: Buffer.from(base64, "base64") };
}

/** How mails and pages name the product that people sign in to. */
export const productSettings = section({
  title: "The product",
  settings: {
    name: {
      name: "PRODUCT_NAME",
      type: displayName,
      default: "Latchkey",
      about: "The name of what people sign in to, in mails and on pages.",
    },
    url: {
      name: "PRODUCT_URL",
      type: webUrl,
      defaultText: "`FRONTEND_URL`",
      about: "The address of the product, for the link at the end of each mail.",
    },
    logo: {
      name: "PRODUCT_LOGO",
      type: logo,
      about:
        "A picture for the head of mails: a PNG, JPEG or GIF of 24 KiB at most as a data URL, `data:image/png;base64,…`. Mails carry it with them and fetch nothing.",
    },
    supportEmail: {
      name: "SUPPORT_EMAIL",
      type: mailAddress,
      about: "Where people can ask for help. Mails name it, and replies to them go there.",
    },
    defaultLocale: {
      name: "DEFAULT_LOCALE",
      type: oneOf(...locales),
      default: "en",
      about: "The language of mails and pages where neither the account nor the browser names one of these.",
    },
    accountPage: {
      name: "ACCOUNT_PAGE",
      type: onOff,
      defaultText: "`on` in development, else `off`",
      about:
        "Whether the service offers `/account`, where people sign in, register and look after their account. Turn it on unless your app has pages of its own for that.",
    },
  },
  complete: (
    { url, accountPage, ...values },
    { runtime, service }: { readonly runtime: Runtime; readonly service: Service },
  ) => ({
    ...values,
    hasAccountPage: accountPage ?? runtime.isDevelopment,
    /** Undefined if neither it nor the front end's is set. */
    url: url ?? service.frontendUrl,
  }),
});

export type Product = Part<typeof productSettings>;
