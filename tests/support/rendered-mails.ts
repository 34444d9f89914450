import type { MailTemplate } from "../../shared/mail/message.ts";
import type { RenderedMail } from "../../shared/mail/provider.ts";
import { createRender, type RenderOptions } from "../../shared/mail/render.ts";
import { sampleMail, type SampleOptions } from "./sample-mails.ts";

export const sampleProduct: RenderOptions["product"] = {
  name: "Latchkey",
  url: "https://app.example.com",
  logo: undefined,
  supportEmail: "help@example.com",
  defaultLocale: "en",
  hasAccountPage: true,
};

/** A sample mail, rendered on a day in January. */
export function render(
  template: MailTemplate,
  sample: SampleOptions = {},
  product: Partial<RenderOptions["product"]> = {},
): RenderedMail {
  const options = { product: { ...sampleProduct, ...product }, issuer: "https://auth.example.com", linkSeconds: 1800 };
  return createRender(options)(sampleMail(template, sample), new Date("2026-01-15T12:00:00.000Z"));
}
