import { writeFileSync } from "node:fs";
import path from "node:path";
import { documentedOperations, type Operation } from "../operations.ts";
import { check } from "../outcomes.ts";
import type { Attack } from "./attack.ts";
import { runProgram } from "./program.ts";
import { startTarget, type Target } from "./target.ts";

/** What the service runs on here. Statements are the same text on both engines, with parameters only. */
const always = ["--dbms=sqlite", "--batch", "--ignore-code=*", "--drop-set-cookie", "--disable-coloring", "--time-sec=2"];
const depth = ["--level=3", "--risk=2"];

/** SQL in every parameter of every endpoint, in its cookies, and in the headers that level 3 tries. */
export const sqlmap: Attack = {
  program: "sqlmap",
  async run({ folder, isBounded }) {
    const target = await startTarget(folder);
    for (const operation of documentedOperations()) await attack(target, { folder, operation, isBounded });
    await target.stop();
  },
};

interface Options {
  readonly folder: string;
  readonly operation: Operation;
  readonly isBounded: boolean;
}

async function attack(target: Target, { folder, operation, isBounded }: Options): Promise<void> {
  const request = path.join(folder, "request.txt");
  const who = await target.newPerson();
  writeFileSync(request, textOf(operation, { target, ...who }));
  const args = ["-r", request, ...always, ...depth, `--output-dir=${folder}`, "--flush-session"];
  const { output, isEnded } = await runProgram("sqlmap", { folder, seconds: isBounded ? 60 : 1800, args });
  const what = `sqlmap: ${operation.method} ${operation.route}`;
  console.log(output);
  check(`${what}: ends by itself`, !isEnded);
}

/** The request as text, with `*` where a part of the path is to be tried. */
function textOf(
  { method, route, query, body, isForm, credentials }: Operation,
  { target, accessToken, cookie }: { target: Target; accessToken: string; cookie: string },
): string {
  const place = route.replaceAll(/\{(\w+)\}/g, "*");
  const search = new URLSearchParams(query).toString();
  const lines = [
    `${method} ${place}${search && `?${search}`} HTTP/1.1`,
    `Host: 127.0.0.1:${target.port}`,
    "User-Agent: sqlmap",
    "Referer: http://localhost:3000/",
    `Cookie: ${cookie}`,
    ...(credentials.includes("bearer") ? [`Authorization: Bearer ${accessToken}`] : []),
  ];
  if (!body) return [...lines, "", ""].join("\r\n");
  const content = isForm ? new URLSearchParams(body).toString() : JSON.stringify(body);
  const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
  return [...lines, `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(content)}`, "", content].join("\r\n");
}
