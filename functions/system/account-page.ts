import { escapeHtml } from "../../shared/api/html.ts";
import { offersPasskeys } from "../../shared/api/passkey.ts";
import { appFile } from "../../shared/http/app-file.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { page, pageReply } from "../../shared/http/formats/page.ts";
import { randomToken } from "../../shared/platform/crypto/random.ts";

/** Built from `pages/account`. */
const file = appFile("dist/pages/account.html");

export const accountPage = endpoint({
  name: "account-page",
  method: "GET",
  route: "account",
  summary: "Account page",
  description:
    "Where people sign in, register and look after their account, in five languages. On by setting `ACCOUNT_PAGE`.",
  access: "public",
  worksWithoutDatabase: true,
  offered: ({ product }) => product.hasAccountPage,
  ...readsWhatIsPublic,
  format: page,
  reply: pageReply,
  async handle({ context: { services } }) {
    const nonce = randomToken();
    const { text } = await file();
    const { accounts, mfa, passwords, product, service } = services.config;
    const html = text
      .replaceAll("{{nonce}}", nonce)
      .replaceAll("{{passwordMinLength}}", String(passwords.minLength))
      .replaceAll("{{deletionGraceSeconds}}", String(accounts.deletionGraceSeconds))
      .replaceAll("{{mfaRememberDays}}", String(mfa.rememberSeconds / 86_400))
      .replaceAll("{{passkeys}}", offersPasskeys(services.config) ? "on" : "off")
      .replaceAll("{{defaultLocale}}", product.defaultLocale)
      // A function, because a name may contain replacement patterns such as `$1`.
      .replaceAll("{{productName}}", () => escapeHtml(product.name));
    return { data: { html, nonce, connectTo: new URL(service.issuer).origin, admits: services.captcha?.sources } };
  },
});
