import path from "node:path";
import { randomToken } from "../../../shared/platform/crypto/random.ts";
import { startServer } from "../../bench/processes.ts";
import { isBuilt } from "../../build-stamp.ts";
import { build } from "../../build.ts";

/** The built service in a process of its own, on loopback, to be attacked. */
export interface Target {
  readonly url: string;
  readonly port: number;
  /** Registers somebody and signs them in. */
  newPerson(): Promise<Person>;
  stop(): Promise<void>;
}

export interface Person {
  readonly email: string;
  readonly accessToken: string;
  /** The refresh cookie and the device's, as a browser sends them. */
  readonly cookie: string;
}

export const password = "correct horse battery staple";

/** Hashes cost next to nothing unless the settings say otherwise: most attacks are not on them. */
const cheap = { ARGON2_MEMORY_KIB: "64", ARGON2_ITERATIONS: "1" };
/** Nobody has to sign in again in the course of an attack. */
const patient = { ACCESS_TOKEN_EXPIRE_MINUTES: "1440", SENSITIVE_MAX_AGE_MINUTES: "60" };

/** Builds and starts the service, with its database in `folder`. */
export async function startTarget(folder: string, settings: Record<string, string> = {}): Promise<Target> {
  if (!(await isBuilt(process.cwd()))) await build({ root: process.cwd() });
  const server = await startServer("server.ts", ["service"], {
    SECRET_KEY: randomToken(),
    EMBEDDED_DB_FILE: path.join(folder, "latchkey.db"),
    AzureWebJobsStorage: "",
    RATE_LIMITS: "off",
    ...cheap,
    ...patient,
    ...settings,
  });
  const url = `http://127.0.0.1:${server.port}`;
  let people = 0;
  return {
    url,
    port: server.port,
    async newPerson() {
      people += 1;
      const email = `person${people}@example.com`;
      await post(`${url}/auth/register`, { email, username: "Ada", password });
      return signIn(url, email);
    },
    stop: () => server.stop(),
  };
}

/** Signs somebody in. @param cookie that of a device which is known */
export async function signIn(url: string, email: string, cookie = ""): Promise<Person> {
  const answer = await post(`${url}/auth/login`, { email, password }, { Cookie: cookie });
  const { data } = (await answer.json()) as { data: { access_token: string } };
  const cookies = answer.headers.getSetCookie().map((line) => line.split(";")[0]);
  return { email, accessToken: data.access_token, cookie: cookies.join("; ") };
}

/** Posts JSON. @throws Error if it is refused */
async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const init = { method: "POST", headers: { "Content-Type": "application/json", ...headers } };
  const answer = await fetch(url, { ...init, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
  return answer;
}
