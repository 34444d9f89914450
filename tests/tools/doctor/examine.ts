import { doctor } from "../../../tools/doctor.ts";

export const app = "http://localhost:3000";

/** What the doctor says of an API, for a page of `app` unless told otherwise. */
export async function examine(api: string, options: { app?: string; timeoutMs?: number } = {}) {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const isGood = await doctor(["--app", options.app ?? app, "--api", api], {
    print,
    timeoutMs: options.timeoutMs ?? 5000,
  });
  return { isGood, text: lines.join("\n"), states: lines.map((line) => /^\w\S*/.exec(line)?.[0]).filter(Boolean) };
}
