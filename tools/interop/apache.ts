import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../free-port.ts";

const program = "/usr/sbin/apache2";
const modules = "/usr/lib/apache2/modules";

/** Whether Apache with mod_auth_openidc is installed from Debian's packages. */
export function hasApache(): boolean {
  return hasModules("auth_openidc");
}

/** Whether Apache is installed with these modules from Debian's packages. */
export function hasModules(...names: readonly string[]): boolean {
  return existsSync(program) && names.every((name) => existsSync(`${modules}/mod_${name}.so`));
}

/** A running Apache on loopback. */
export interface Apache {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface ApacheOptions {
  /** Where to put all its files; it serves `htdocs` below it. */
  readonly folder: string;
  readonly modules: readonly string[];
  /** Lines of its configuration. */
  readonly lines: readonly string[];
}

/** Starts Apache on loopback, with all files in `folder`. @throws Error naming its log if it does not start */
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
  // If root starts it, its workers run as another user.
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

/** An Apache that requires an access token. */
export interface ProtectedServer {
  /** The status of the answer to a request with this token. */
  statusOf(token?: string): Promise<number>;
  readonly stop: () => Promise<void>;
}

/** The options of one server. */
export interface Protection {
  readonly folder: string;
  /** Configuration lines that say how to verify tokens. */
  readonly lines: readonly string[];
  readonly issuer: string;
  readonly audience: string;
}

/**
 * Starts Apache as an OAuth resource server that requires this issuer and audience. @throws Error if it does not start
 */
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
    // With introspection, ask for every call whether the token is active.
    "  OIDCOAuthTokenIntrospectionInterval -1",
    "  <RequireAll>",
    "    Require valid-user",
    `    Require claim iss:${issuer}`,
    `    Require claim aud:${audience}`,
    "  </RequireAll>",
    "</Location>",
  ];
}
