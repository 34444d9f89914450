import { expect } from "vitest";
import type { MailTemplate } from "../../shared/mail/message.ts";
import type { ApiAnswer } from "./api.ts";
import { latestMail, postedMails } from "./mails.ts";
import { password } from "./people.ts";
import type { TestService } from "./service.ts";

let people = 0;

/** An address that no test has used yet. */
export function newAddress(): string {
  people += 1;
  return `ada${people}@example.com`;
}

/** What people do with their accounts and their mails, at a service. */
export function createAccountCalls({ api, services }: Pick<TestService, "api" | "services">) {
  const post = (path: string, body: object): Promise<ApiAnswer> => api.post(path, { body });
  return {
    register: (email: string, overrides: object = {}) =>
      post("/auth/register", { email, username: "Ada", password, ...overrides }),
    logIn: (email: string, given = password) => post("/auth/login", { email, password: given }),
    verify: (proof: object) => post("/auth/email/verify", proof),
    resend: (email: string) => post("/auth/email/resend", { email }),
    forgot: (email: string) => post("/auth/password/forgot", { email }),
    reset: (token: string, given: string) => post("/auth/password/reset", { token, password: given }),
    /** What the latest mail to an address says, with its token and code to an address. */
    async mailed<T extends MailTemplate>(template: T, to: string) {
      return (await latestMail(services, template, to)).data;
    },
    /** How many mails of a template were posted to an address, or to nobody. */
    async mailsTo(template: MailTemplate, to: string | null): Promise<number> {
      return (await postedMails(services)).filter((mail) => mail.template === template && mail.to === to).length;
    },
    /** Whether the address of a person with this password is verified, as the account itself says. */
    async isVerified(email: string, given = password): Promise<boolean> {
      const answer = await post("/auth/login", { email, password: given });
      expect(answer.status).toBe(200);
      return answer.json.data.user.email_verified;
    },
  };
}

/** Holds an answer against the one refusal of every link and code that is not good. */
export function expectDead({ status, json }: Pick<ApiAnswer, "status" | "json">): void {
  expect([status, json.error_code]).toEqual([400, "TOKEN_INVALID_OR_EXPIRED"]);
}

/** Everything of an answer that a caller sees, but for what names the one call. */
export function visible({ status, headers, json, setCookies }: ApiAnswer): object {
  const shown = Object.fromEntries([...headers].filter(([name]) => !/^(?:x-request-id|date)$/.test(name)));
  return { status, shown, setCookies, body: json };
}
