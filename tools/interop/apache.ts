import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../free-port.ts";

const program = "/usr/sbin/apache2";
const modules = "/usr/lib/apache2/modules";

/** Whether Apache with mod_auth_openidc is installed, as Debian's packages do. */
export function hasApache(): boolean {
  return hasModules("auth_openidc");
}

/** Whether Apache is installed with these modules, as Debian's packages do. */
export function hasModules(...names: readonly string[]): boolean {
  return existsSync(program) && names.every((name) => existsSync(`${modules}/mod_${name}.so`));
}

/** An Apache on loopback. */
export interface Apache {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface ApacheOptions {
  /** Takes all its files; what it serves lies in `htdocs` below it. */
  readonly folder: string;
  readonly modules: readonly string[];
  /** Lines of its configuration. */
  readonly lines: readonly string[];
}

/** Starts Apache on loopback, with files only in `folder`. @throws Error with the place of its log when it does not start */
export async function launchApache({ folder, modules: names, lines }: ApacheOptions): Promise<Apache> {
  const port = await findFreePort();
  const pidFile = path.join(folder, "httpd.pid");
  const htdocs = path.join(folder, "htdocs");
  mkdirSync(htdocs, { recursive: true });
  const file = path.join(folder, "httpd.conf");
  const common = [
    `ServerRoot ${folder}`,
    "ServerName 127.0.0.1",
    `Listen 127.0.0.1:${port}`,
    `PidFile ${pidFile}`,
    `DefaultRuntimeDir ${folder}`,
    `ErrorLog ${folder}/error.log`,
    "LogLevel warn",
    ...["mpm_event", "authn_core", "authz_core", ...names].map(
      (name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`,
    ),
    "User www-data",
    "Group www-data",
    `DocumentRoot ${htdocs}`,
  ];
  writeFileSync(file, [...common, ...lines, "<Directory />", "  AllowOverride None", "</Directory>", ""].join("\n"));
  // Its workers run as another user where it is started by root.
  for (const one of [folder, htdocs]) chmodSync(one, 0o755);
  const child = spawn(program, ["-f", file, "-DFOREGROUND"], { stdio: ["ignore", "inherit", "inherit"] });
  for (let tries = 0; !existsSync(pidFile); tries += 1) {
    if (tries > 1200 || child.exitCode !== null) throw new Error(`Apache did not start: see ${folder}/error.log`);
    await sleep(100);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** An Apache that lets only callers with an access token in. */
export interface ProtectedServer {
  /** The status that a request with this token is answered with. */
  statusOf(token?: string): Promise<number>;
  readonly stop: () => Promise<void>;
}

/** What one server is told beside what all are. */
export interface Protection {
  readonly folder: string;
  /** How it verifies tokens: lines of its configuration. */
  readonly lines: readonly string[];
  readonly issuer: string;
  readonly audience: string;
}

/** Starts Apache as an OAuth resource server that asks for this issuer and this audience. @throws Error when it does not start */
export async function startApache({ folder, lines, issuer, audience }: Protection): Promise<ProtectedServer> {
  mkdirSync(path.join(folder, "htdocs"), { recursive: true });
  writeFileSync(path.join(folder, "htdocs/index.html"), "protected\n");
  const { url, stop } = await launchApache({
    folder,
    modules: ["authz_user", "auth_openidc"],
    lines: [...lines, ...protectedLocation(issuer, audience)],
  });
  return {
    stop,
    async statusOf(token) {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const response = await fetch(`${url}/index.html`, { headers });
      await response.arrayBuffer();
      return response.status;
    },
  };
}

function protectedLocation(issuer: string, audience: string): string[] {
  return [
    '<Location "/">',
    "  AuthType oauth20",
    "  AuthName api",
    // Ask again for each call whether a token is active, where that is asked.
    "  OIDCOAuthTokenIntrospectionInterval -1",
    "  <RequireAll>",
    "    Require valid-user",
    `    Require claim iss:${issuer}`,
    `    Require claim aud:${audience}`,
    "  </RequireAll>",
    "</Location>",
  ];
}
