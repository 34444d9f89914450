import { isEmail, normaliseEmail } from "../../accounts/email.ts";
import type { CallContext } from "../../context.ts";
import { isHardBounce, readReports } from "../../mail/delivery/report.ts";
import type { LogFields } from "../../platform/log.ts";

/**
 * Stops mail to addresses that a mail came back from for good.
 * @param entry a message of Event Grid
 * @returns what to log: no address
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function takeDeliveryReports({ services, now }: CallContext, entry: unknown): Promise<LogFields> {
  const reports = readReports(entry);
  let stopped = 0;
  for (const report of reports) {
    if (!isHardBounce(report) || !isEmail(report.recipient)) continue;
    const address = normaliseEmail(report.recipient);
    if (await services.suppressions.add(address, { reason: report.status, now })) stopped += 1;
  }
  return { reports: reports.length, statuses: [...new Set(reports.map(({ status }) => status.slice(0, 40)))], stopped };
}
