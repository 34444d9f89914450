import type { ApiAnswer } from "./api.ts";
import { password as right, registerPerson } from "./people.ts";
import type { TestService } from "./service.ts";

/** With these settings attempts are counted, and a test says where each comes from. */
export const counting = { RATE_LIMITS: "on", RATE_LIMIT_CREDENTIALS: "off", TRUSTED_PROXY_HOPS: "2" };

/** An attempt to sign in: with a wrong password from one address, unless it says otherwise. */
export interface Attempt {
  readonly password?: string;
  readonly from?: string;
  /** The device's cookie. */
  readonly cookie?: string | undefined;
}

/** Attempts to sign in with a password, at a service with the settings `counting`. */
export function createAttempts({ api }: Pick<TestService, "api">) {
  const attempt = (email: string, { password = newPassword(), from = home, cookie }: Attempt = {}) =>
    api.post("/auth/login", { body: { email, password }, cookie, headers: { "X-Forwarded-For": from } });
  return {
    attempt,
    /** What an attempt with the right password is answered. */
    enter: async (email: string, options: Attempt = {}) =>
      outcome(await attempt(email, { password: right, ...options })),
    /** What an attempt with a wrong password is answered. */
    fail: async (email: string, options: Attempt = {}) => outcome(await attempt(email, options)),
    /** Wrong passwords from a network each. */
    async failFromEverywhere(email: string, times: number): Promise<void> {
      const networks = Array.from({ length: times }, () => newNetwork());
      await Promise.all(networks.map((from) => attempt(email, { from })));
    },
    /** Somebody who has signed in before, with the cookie of their device. */
    async owner(): Promise<{ email: string; cookie: string }> {
      const email = await registerPerson(api);
      const { setCookies } = await attempt(email, { password: right });
      return { email, cookie: setCookies.find((each) => each.startsWith("latchkey_device="))?.split(";")[0] ?? "" };
    },
  };
}

/** The address of attempts that do not say where they come from. */
const home = "203.0.113.7";

let passwords = 0;

/** A wrong password that nobody has tried yet. */
function newPassword(): string {
  passwords += 1;
  return `wrong pass phrase ${passwords}`;
}

let networks = 0;

/** An address in a network that no attempt has come from yet. */
export function newNetwork(): string {
  networks += 1;
  return `10.${networks >> 8}.${networks & 255}.1`;
}

const outcome = ({ status, headers }: ApiAnswer): readonly [status: number, retryAfter: string | null] => [
  status,
  headers.get("retry-after"),
];
