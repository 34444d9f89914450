// Checks whether mail goes out.
import { isLoopback } from "./address.ts";
import { ask, member, shown, type Patient } from "./ask.ts";
import { fault, ok, unless, warning, type Finding } from "./finding.ts";

/** Checks that mail is sent, and not shown to everybody instead. */
export async function checkMail(patient: Patient): Promise<Finding[]> {
  const [health, mailbox] = await Promise.all([ask(patient, "/health"), ask(patient, "/dev/mailbox")]);
  if (mailbox.status === 200)
    return isLoopback(new URL(patient.api).hostname)
      ? [ok("is not sent: /dev/mailbox shows it")]
      : [
          fault(
            "is not sent, and /dev/mailbox shows it to everybody, with its links",
            "set MAIL_PROVIDER to smtp or acs, and ENVIRONMENT to staging or production",
          ),
        ];
  const mail = member(health.json, ...(health.status === 200 ? ["data"] : ["details"]), "checks", "mail");
  const [waiting, dead] = ["waiting", "dead"].map((name) => Number(member(mail, name) ?? 0));
  const given = `${dead} ${dead === 1 ? "mail was" : "mails were"} given up`;
  return unless([...standings(mail, waiting ?? 0), [(dead ?? 0) > 0, warning(given, lookInto)]], "is sent");
}

/** What `/health` says of mail that waits, where that is worth a warning. */
function standings(mail: unknown, waiting: number): [boolean, Finding][] {
  const status = member(mail, "status");
  const until = shown(member(mail, "held_back_until"));
  return [
    [
      status === "held back by quota",
      warning(
        `is held back by quota until ${until}; ${waiting} wait`,
        "ask the provider for a higher quota, and set MAIL_PER_MINUTE and MAIL_PER_HOUR to it",
      ),
    ],
    [status === "retrying", warning(`some was not taken and is tried again; ${waiting} wait`, lookInto)],
    [
      status === "overdue",
      warning(
        `is not sent; ${waiting} wait`,
        "check that the function send-mail runs and reads its queue: AzureWebJobsStorage, and the identity's roles",
      ),
    ],
    [status === "not configured", warning("is not sent: there is no queue", "set AzureWebJobsStorage")],
    [
      typeof status !== "string" || status === "unknown",
      warning("/health does not say how it stands", "try again once the service is healthy"),
    ],
  ];
}

const lookInto = "npm run mail -- list says why, and npm run mail -- resend ID tries again";
