import { offersPasskeys } from "../../shared/api/passkey.ts";
import { appFile } from "../../shared/http/app-file.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { page, pageReply } from "../../shared/http/formats/page.ts";
import { randomToken } from "../../shared/platform/crypto/random.ts";

/** Built from `pages/test-login`. */
const file = appFile("dist/pages/test-login.html");

export const testLogin = endpoint({
  name: "test-login",
  method: "GET",
  route: "test-login",
  summary: "Test login page (development only)",
  access: "public",
  worksWithoutDatabase: true,
  offered: ({ runtime }) => runtime.isDevelopment,
  ...readsWhatIsPublic,
  format: page,
  reply: pageReply,
  async handle({ context: { services } }) {
    const nonce = randomToken();
    const { text } = await file();
    const hasMailbox = services.config.mail.provider.kind === "mailbox";
    const html = text
      .replaceAll("{{nonce}}", nonce)
      .replaceAll("{{passkeys}}", offersPasskeys(services.config) ? "on" : "off")
      .replaceAll("{{mailbox}}", hasMailbox ? "/dev/mailbox" : "")
      .replaceAll("{{passwordMinLength}}", String(services.config.passwords.minLength));
    return {
      data: {
        html,
        nonce,
        connectTo: new URL(services.config.service.issuer).origin,
        admits: services.captcha?.sources,
      },
    };
  },
});
