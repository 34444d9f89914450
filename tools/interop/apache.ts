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
  return existsSync(program) && existsSync(`${modules}/mod_auth_openidc.so`);
}

/** An Apache that lets only callers with an access token in. */
export interface ProtectedServer {
  /** The status that a request with this token is answered with. */
  statusOf(token?: string): Promise<number>;
  stop(): Promise<void>;
}

/** What one server is told beside what all are. */
export interface Protection {
  readonly folder: string;
  /** How it verifies tokens: lines of its configuration. */
  readonly lines: readonly string[];
  readonly issuer: string;
  readonly audience: string;
}

/**
 * Starts Apache on loopback, with files in `folder` alone, as an OAuth resource server that asks for this issuer and this
 * audience. @throws Error with its log when it does not start
 */
export async function startApache({ folder, lines, issuer, audience }: Protection): Promise<ProtectedServer> {
  const port = await findFreePort();
  const pidFile = path.join(folder, "httpd.pid");
  const htdocs = path.join(folder, "htdocs");
  mkdirSync(htdocs, { recursive: true });
  writeFileSync(path.join(htdocs, "index.html"), "protected\n");
  writeFileSync(path.join(folder, "httpd.conf"), configuration({ folder, lines, issuer, audience, port, pidFile }));
  // Its workers run as another user where it is started by root.
  for (const one of [folder, htdocs]) chmodSync(one, 0o755);
  const child = spawn(program, ["-f", path.join(folder, "httpd.conf"), "-DFOREGROUND"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  for (let tries = 0; !existsSync(pidFile); tries += 1) {
    if (tries > 100 || child.exitCode !== null) throw new Error(`Apache did not start: see ${folder}/error.log`);
    await sleep(100);
  }
  return {
    async statusOf(token) {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const response = await fetch(`http://127.0.0.1:${port}/index.html`, { headers });
      await response.arrayBuffer();
      return response.status;
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

function configuration({
  folder,
  lines,
  issuer,
  audience,
  port,
  pidFile,
}: Protection & { port: number; pidFile: string }) {
  const load = ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc"];
  return [
    `ServerRoot ${folder}`,
    "ServerName 127.0.0.1",
    `Listen 127.0.0.1:${port}`,
    `PidFile ${pidFile}`,
    `DefaultRuntimeDir ${folder}`,
    `ErrorLog ${folder}/error.log`,
    "LogLevel warn",
    ...load.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`),
    "User www-data",
    "Group www-data",
    `DocumentRoot ${folder}/htdocs`,
    ...lines,
    "<Directory />",
    "  AllowOverride None",
    "</Directory>",
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
    "",
  ].join("\n");
}
