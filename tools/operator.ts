// What the commands of operators share: services of their own, and how the audit log sees who ran them.
import { userInfo } from "node:os";
import type { AuditedCall } from "../shared/audit/audit.ts";
import { loadProcessConfig } from "../shared/config.ts";
import { newId } from "../shared/platform/crypto/random.ts";
import { withinInvocation, type LogLevel } from "../shared/platform/log.ts";
import { createServices, type Services } from "../shared/services.ts";
import { tellDoubtful } from "./doubtful-settings.ts";

/** A command that somebody runs, with the settings of this folder. */
export interface OperatorCall extends AuditedCall {
  readonly services: Services;
}

/**
 * Runs a command on services of its own, which are closed afterwards. Its events say who ran it and with which words, in
 * the personal part of the record, which stays until its day is removed; none of these words is ever secret. Its
 * warnings go to standard error, because the output may be piped to another program.
 * @param words what was typed, the command's name first
 */
export async function asOperator<T>(
  words: readonly string[],
  now: Date,
  work: (call: OperatorCall) => Promise<T>,
): Promise<T> {
  const services = createServices(tellDoubtful(loadProcessConfig()));
  const [name = ""] = words;
  const invocation = {
    requestId: newId(now),
    functionName: `npm run ${name}`,
    write: (level: LogLevel, line: string) => level !== "info" && console.error(line),
  };
  const source = { address: undefined, userAgent: `${userName()}: npm run ${words.join(" ")}` };
  try {
    return await withinInvocation(invocation, () => work({ services, now, source }));
  } finally {
    await services.close();
  }
}

/** Who is logged in to this machine. A container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
