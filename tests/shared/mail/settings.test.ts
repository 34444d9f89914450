import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { testSettings } from "../../support/settings.ts";

const load = (settings: Record<string, string>) => loadConfig({ ...testSettings, ...settings });
const smtp = { MAIL_PROVIDER: "smtp", SMTP_HOST: "mail.example.com", MAIL_FROM: "noreply@example.com" };
const acs = {
  MAIL_PROVIDER: "acs",
  ACS_ENDPOINT: "https://mail.communication.azure.com",
  MAIL_FROM: "noreply@example.com",
};
const production = {
  SECRET_KEY: "k9Qz7Yw2Xv5Ut8Sr1Po4Nm6Lj3Kh0Gf-",
  ENVIRONMENT: "production",
  RATE_LIMITS: "on",
  ISSUER: "https://auth.example.com",
  FRONTEND_URL: "https://app.example.com",
  DB_SERVER: "sql.example.com",
  DB_DATABASE: "latchkey",
  ARGON2_MEMORY_KIB: "",
  ARGON2_ITERATIONS: "",
};

describe("the settings of mail", () => {
  test("without any, in development: the mailbox, from a sender that says where it is", () => {
    const { mail, product } = load({});
    expect(mail).toEqual({
      from: { address: "noreply@localhost", name: "Latchkey" },
      provider: { kind: "mailbox" },
    });
    expect(product).toMatchObject({ name: "Latchkey", url: "http://localhost:3000", defaultLocale: "en" });
  });

  test.each([
    [{}, { port: 587, tls: "starttls" }],
    [{ SMTP_TLS: "implicit" }, { port: 465, tls: "implicit" }],
    [
      { SMTP_TLS: "none", SMTP_HOST: "localhost" },
      { host: "localhost", port: 25, tls: "none" },
    ],
    [
      { SMTP_TLS: "none", SMTP_HOST: "127.0.0.2", SMTP_PORT: "1025" },
      { port: 1025, tls: "none" },
    ],
    [
      { SMTP_TLS: "none", SMTP_HOST: "::1" },
      { host: "::1", tls: "none" },
    ],
    [{ SMTP_PORT: "2525" }, { port: 2525, tls: "starttls", login: undefined }],
    [{ SMTP_USERNAME: "a", SMTP_PASSWORD: " b " }, { login: { username: "a", password: " b " } }],
  ])("smtp with %o is %o", (settings, expected) => {
    expect(load({ ...smtp, ...settings }).mail.provider).toMatchObject({ kind: "smtp", ...expected });
  });

  test("acs takes the address with or without its slash", () => {
    for (const slash of ["", "/"])
      expect(load({ ...acs, ACS_ENDPOINT: `${acs.ACS_ENDPOINT}${slash}` }).mail.provider).toEqual({
        kind: "acs",
        endpoint: "https://mail.communication.azure.com",
        identity: { clientId: undefined, isInAzure: false },
      });
  });

  test("a sender's domain in its own letters is turned into A-labels", () => {
    expect(load({ ...smtp, MAIL_FROM: "noreply@bücher.example" }).mail.from.address).toBe(
      "noreply@xn--bcher-kva.example",
    );
  });
});

describe("15.14 a setting of mail that cannot work is refused at the start", () => {
  test.each([
    [{ MAIL_PROVIDER: "sendmail" }, "MAIL_PROVIDER must be mailbox, smtp or acs"],
    [{ MAIL_PROVIDER: "smtp" }, "MAIL_FROM is required with MAIL_PROVIDER=smtp; SMTP_HOST is required with"],
    [{ MAIL_PROVIDER: "acs" }, "MAIL_FROM is required with MAIL_PROVIDER=acs; ACS_ENDPOINT is required with"],
    [{ ...smtp, SMTP_TLS: "none" }, "SMTP_TLS may be none for a server on this machine only"],
    [{ ...smtp, SMTP_TLS: "none", SMTP_HOST: "127.0.0.1.example.com" }, "SMTP_TLS may be none"],
    [{ ...smtp, SMTP_TLS: "ssl" }, "SMTP_TLS must be starttls, implicit or none"],
    [{ ...smtp, SMTP_PORT: "465" }, "SMTP_TLS must be implicit with SMTP_PORT=465"],
    [{ ...smtp, SMTP_PORT: "587", SMTP_TLS: "implicit" }, "SMTP_TLS must be starttls with that SMTP_PORT"],
    [{ ...smtp, SMTP_HOST: "mail.example.com:587" }, "SMTP_HOST must be only a server's name"],
    [{ ...smtp, SMTP_HOST: "smtp://mail.example.com" }, "SMTP_HOST must be only a server's name"],
    [{ ...smtp, SMTP_PASSWORD: "canary" }, "SMTP_USERNAME is required with SMTP_PASSWORD"],
    [{ ...smtp, SMTP_USERNAME: "canary" }, "SMTP_PASSWORD is required with SMTP_USERNAME"],
    [{ ...smtp, SMTP_USERNAME: "canary", SMTP_PASSWORD: "canary\n" }, "SMTP_PASSWORD must have 1 to 500 characters"],
    [{ ...smtp, MAIL_FROM: "Canary <noreply@example.com>" }, "MAIL_FROM must be only a mail address"],
    [{ ...smtp, MAIL_FROM: "canary" }, "MAIL_FROM must be only a mail address"],
    [{ ...smtp, MAIL_FROM: "canary@example.com\r\nBcc: x@y.example" }, "MAIL_FROM must be only a mail address"],
    [{ ...smtp, MAIL_FROM: "cänary@example.com" }, "MAIL_FROM must be only a mail address"],
    [{ ...smtp, MAIL_FROM: `${"c".repeat(65)}@example.com` }, "MAIL_FROM must be only a mail address"],
    [{ ...smtp, MAIL_FROM: `c@${"canary.".repeat(40)}example` }, "MAIL_FROM must have 254 characters at most"],
    [{ ...smtp, MAIL_FROM_NAME: "a\r\ncanary: b" }, "MAIL_FROM_NAME must have 1 to 60 characters"],
    [{ ...smtp, MAIL_FROM_NAME: "canary\u202E" }, "MAIL_FROM_NAME must have 1 to 60 characters"],
    [{ ...acs, ACS_ENDPOINT: "http://canary.example" }, "ACS_ENDPOINT may be plain http for localhost only"],
    [{ ...acs, ACS_ENDPOINT: "endpoint=https://canary.example/;accesskey=x" }, "ACS_ENDPOINT must be an absolute http"],
    [{ ...acs, ACS_ENDPOINT: "https://canary.example/emails" }, "ACS_ENDPOINT must be only the resource's address"],
    [{ PRODUCT_NAME: " canary" }, "PRODUCT_NAME must not begin or end with a space"],
    [{ PRODUCT_URL: "canary" }, "PRODUCT_URL must be an absolute http or https URL"],
    [{ SUPPORT_EMAIL: "https://canary.example" }, "SUPPORT_EMAIL must be only a mail address"],
    [{ PRODUCT_LOGO: "https://canary.example/logo.png" }, "PRODUCT_LOGO must be a PNG, JPEG or GIF as a data URL"],
    [{ PRODUCT_LOGO: "data:image/svg+xml;base64,PHN2Zy8+" }, "PRODUCT_LOGO must be a PNG, JPEG or GIF as a data URL"],
    [{ PRODUCT_LOGO: "data:image/png;base64,/9j/4AAQ" }, "PRODUCT_LOGO must contain the kind of picture"],
    [{ PRODUCT_LOGO: `data:image/gif;base64,R0lG${"ODlh".repeat(8192)}` }, "PRODUCT_LOGO must have 24 KiB at most"],
    [{ DEFAULT_LOCALE: "it" }, "DEFAULT_LOCALE must be en, de, fr, es or zh-Hant"],
  ])("%o: %s", (settings, rule) => {
    const attempt = () => load(settings);
    expect(attempt).toThrow(rule);
    expect(attempt).not.toThrow(/canary/i);
  });

  test("and in production the mailbox, which sends nothing", () => {
    const refused = "MAIL_PROVIDER must be smtp or acs in production: the mailbox sends nothing";
    for (const ENVIRONMENT of ["staging", "production"])
      expect(() => load({ ...production, ENVIRONMENT, MAIL_PROVIDER: "mailbox" })).toThrow(refused);
    expect(() => load(production)).toThrow("MAIL_PROVIDER is required in production: smtp or acs");
    expect(load({ ...production, ...acs }).warnings).toEqual([]);
  });
});

describe("a setting of mail without effect is a warning", () => {
  test.each([
    [{ SMTP_HOST: "mail.example.com" }, "SMTP_HOST does nothing without MAIL_PROVIDER=smtp"],
    [{ ...acs, SMTP_TLS: "implicit" }, "SMTP_TLS does nothing without MAIL_PROVIDER=smtp"],
    [{ ...smtp, ACS_ENDPOINT: acs.ACS_ENDPOINT }, "ACS_ENDPOINT does nothing without MAIL_PROVIDER=acs"],
    [{ ...acs, MAIL_FROM_NAME: "Latchkey" }, "MAIL_FROM_NAME does nothing with MAIL_PROVIDER=acs"],
  ])("%o: %s", (settings, warning) => {
    expect(load(settings as Record<string, string>).warnings).toEqual([expect.stringContaining(warning)]);
  });
});
