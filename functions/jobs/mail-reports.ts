import { takeDeliveryReports } from "../../shared/flows/mail/delivery-reports.ts";
import { queueFunction } from "../../shared/jobs/queue.ts";

/** Takes the delivery reports of Communication Services, which Event Grid puts into this queue. */
queueFunction({
  name: "mail-reports",
  queue: "mail-reports",
  run: ({ context, entry }) => takeDeliveryReports(context, entry),
});
