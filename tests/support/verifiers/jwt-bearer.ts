import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { builtProgram } from "../../../tools/dotnet.ts";
import { whenDone } from "../when-done.ts";

/** A resource server on ASP.NET Core. */
export interface JwtBearerServer {
  /** The status that a request with this token is answered with. */
  statusOf(token: string): Promise<number>;
  /** Moves its time on. */
  advance(seconds: number): Promise<void>;
}

const folder = path.join(import.meta.dirname, "jwt-bearer");

/** The code of the class `Latchkey` in docs/tokens.md, as it stands there. */
export function documentedCode(): string {
  const blocks = [...readFileSync("docs/tokens.md", "utf8").matchAll(/```csharp\n([\s\S]*?)```/g)];
  const found = blocks.map(([, code = ""]) => code).filter((code) => code.includes("class Latchkey"));
  if (found.length !== 1) throw new Error(`docs/tokens.md has ${found.length} blocks with the class Latchkey`);
  return found[0] ?? "";
}

/** Compiles the documented code into a server. @returns the program, for `startJwtBearer` @throws Error with the compiler's output */
export function buildJwtBearer(): string {
  const names = ["jwt-bearer.csproj", "packages.lock.json", "Program.cs"];
  const files = names.map((name) => [name, readFileSync(path.join(folder, name), "utf8")] as const);
  return builtProgram("jwt-bearer", { ...Object.fromEntries(files), "Latchkey.cs": documentedCode() });
}

/**
 * Starts one, until the tests are done.
 * @param how as docs/tokens.md shows it, or with the defaults of the library
 */
export async function startJwtBearer(
  program: string,
  { how, issuer, now }: { how: "documented" | "defaults"; issuer: string; now: Date },
): Promise<JwtBearerServer> {
  const child = spawn("dotnet", [program, how, issuer, now.toISOString()], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: "1" },
  });
  whenDone(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, "exit");
  });
  const ended = once(child, "exit").then(() => Promise.reject(new Error("the server did not start")));
  const [url] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended])) as [string];
  ended.catch(() => undefined);
  return {
    async statusOf(token) {
      const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
      await response.arrayBuffer();
      return response.status;
    },
    async advance(seconds) {
      const response = await fetch(`${url}/time?seconds=${seconds}`, { method: "POST" });
      if (!response.ok) throw new Error(`time did not move: ${response.status}`);
    },
  };
}
