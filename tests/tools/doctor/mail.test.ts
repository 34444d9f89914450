import { expect, test } from "vitest";
import { checkMail } from "../../../tools/doctor/mail.ts";
import { listen } from "./stand-in.ts";
import { createServer } from "node:http";

/** What the doctor says of mail, of a service whose health says this of it. */
async function examined(mail: object | undefined, mailboxStatus = 404) {
  const server = createServer((request, response) => {
    if (request.url === "/dev/mailbox") response.writeHead(mailboxStatus).end();
    else response.end(JSON.stringify({ data: { checks: { mail } } }));
  });
  const api = `http://localhost:${await listen(server)}`;
  const findings = await checkMail({ app: new URL("http://localhost:3000"), api, timeoutMs: 10_000 });
  return findings.map(({ state, text, change }) => [state, text, change ?? ""].join(" | "));
}

const mail = { status: "up", waiting: 0, dead: 0, held_back_until: null };

test.each([
  [{}, /^ok \| is sent/],
  [
    { status: "held back by quota", waiting: 7, held_back_until: "2026-11-30T12:00:00.000Z" },
    /^warning \| is held back by quota until 2026-11-30T12:00:00.000Z; 7 wait \| .*MAIL_PER_HOUR/,
  ],
  [{ status: "retrying", waiting: 1 }, /^warning \| some was not taken .*1 wait \| .*npm run mail -- list/],
  [{ status: "overdue", waiting: 2 }, /^warning \| is not sent; 2 wait \| .*send-mail/],
  [{ status: "not configured" }, /^warning \| is not sent: there is no queue \| set AzureWebJobsStorage/],
  [{ status: "unknown" }, /^warning \| \/health does not say/],
  [{ dead: 3 }, /^warning \| 3 mails were given up \| .*resend/],
])("the doctor says of mail that stands as %j what to do", async (standing, told) => {
  expect(await examined({ ...mail, ...standing })).toEqual([expect.stringMatching(told)]);
});

test("the doctor calls a mailbox that everybody sees a fault, and one on this machine none", async () => {
  expect(await examined(mail, 200)).toEqual([expect.stringMatching(/^ok \| is not sent: \/dev\/mailbox/)]);
});

test("the doctor says of a service that tells nothing of mail that it does not", async () => {
  expect(await examined(undefined)).toEqual([expect.stringMatching(/^warning \| \/health does not say/)]);
});
