import { readFileSync } from "node:fs";
import path from "node:path";
import { documentedOperations } from "../operations.ts";
import { check } from "../outcomes.ts";
import type { Attack } from "./attack.ts";
import { runProgram } from "./program.ts";
import { startTarget } from "./target.ts";

/**
 * All that attack the service itself. `ssrf` and `xxe` call their author's server, `nikto` and `wapp` fetch lists. Our own
 * tests hold the headers: `http_headers` asks for two that browsers have dropped. `csrf` looks for a token in forms: ours
 * are told apart by what browsers say of a request's origin. `htaccess` invents a method, and takes any answer but 401 for
 * a way in: the host's is 404.
 */
const modules = [
  "backup",
  "blindsql",
  "cookieflags",
  "crlf",
  "csp",
  "exec",
  "file",
  "methods",
  "permanentxss",
  "redirect",
  "shellshock",
  "sql",
  "xss",
];

type Report = Readonly<Record<"vulnerabilities" | "anomalies", Readonly<Record<string, readonly Finding[]>>>>;

interface Finding {
  readonly method: string;
  readonly path: string;
  readonly parameter: string;
  readonly info: string;
}

/** Crawls the pages, tries what it knows in each parameter and form, and finds nothing. */
export const wapiti: Attack = {
  program: "wapiti",
  async run({ folder, isBounded }) {
    const target = await startTarget(folder);
    const { email } = await target.newPerson();
    const starts = documentedOperations()
      .filter(({ method }) => method === "GET")
      .map(({ route, path: parts, query }) => {
        const filled = route.replaceAll(/\{(\w+)\}/g, (_, name: string) => parts[name] ?? "");
        return `${target.url}${filled}?${new URLSearchParams({ ...query, x: email }).toString()}`;
      });
    const report = path.join(folder, "report.json");
    const args = ["-u", `${target.url}/`, ...starts.flatMap((start) => ["-s", start]), "-m", modules.join(",")];
    const files = ["-f", "json", "-o", report, "--store-session", folder, "--store-config", folder, "--no-bugreport"];
    const limits = isBounded ? ["--max-scan-time", "20", "--max-attack-time", "3"] : [];
    const seconds = isBounded ? 150 : 3600;
    const { output, isEnded } = await runProgram("wapiti", { folder, seconds, args: [...args, ...files, ...limits] });
    await target.stop();
    check("wapiti: ends by itself", !isEnded);
    if (isEnded) return console.log(output.slice(-2000));
    const found = JSON.parse(readFileSync(report, "utf8")) as Report;
    for (const kind of ["vulnerabilities", "anomalies"] as const)
      for (const [what, findings] of Object.entries(found[kind]))
        for (const { method, path: place, parameter, info } of findings)
          check(`wapiti: ${what}: ${method} ${place} ${parameter}: ${info}`, false);
    for (const module of modules)
      check(`wapiti: ${module} was tried, and found nothing`, output.includes(`Launching module ${module}\n`));
  },
};
