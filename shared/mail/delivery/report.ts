import * as z from "zod";

/** What became of a mail after the provider had taken it. */
export interface DeliveryReport {
  /** The recipient's address, as it was sent. */
  readonly recipient: string;
  /** Azure's word for it, such as `Delivered`, `Bounced` or `Suppressed`. */
  readonly status: string;
}

/** Both schemas that Event Grid delivers: its own, and that of CloudEvents. Whatever else they have is ignored. */
const event = z.object({
  eventType: z.string().optional(),
  type: z.string().optional(),
  data: z.object({ recipient: z.string(), status: z.string() }),
});

const reportType = "Microsoft.Communication.EmailDeliveryReportReceived";

/** The reports in a message of Event Grid, which may have one event or several. Others are left out. */
export function readReports(entry: unknown): readonly DeliveryReport[] {
  return (Array.isArray(entry) ? entry : [entry]).flatMap((each: unknown) => {
    const { data: read } = event.safeParse(each);
    const isReport = read !== undefined && (read.eventType ?? read.type) === reportType;
    return isReport ? [{ recipient: read.data.recipient, status: read.data.status }] : [];
  });
}

/**
 * Whether no mail will ever reach the address: it does not exist (`Bounced`), or Communication Services has stopped mail
 * to it because of that (`Suppressed`). A mail that was filtered, quarantined or failed otherwise says nothing about
 * the next one.
 * https://learn.microsoft.com/azure/event-grid/communication-services-email-events
 */
export function isHardBounce({ status }: DeliveryReport): boolean {
  return status === "Bounced" || status === "Suppressed";
}
