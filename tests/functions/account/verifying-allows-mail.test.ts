import { expect, test } from "vitest";
import { latestMail } from "../../support/mails.ts";
import { password } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, services, clock } = await startService();

test("an address that mail came back from gets mail again once it is verified anew", async () => {
  const [email, normalised] = ["Ada@Bücher.example", "ada@xn--bcher-kva.example"];
  await api.post("/auth/register", { body: { email, username: "Ada", password } });
  const { data } = await latestMail(services, "verify_email", email);
  await services.suppressions.add(normalised, { reason: "Bounced", now: clock.now() });
  await services.suppressions.add("eve@example.com", { reason: "Bounced", now: clock.now() });
  expect((await api.post("/auth/email/verify", { body: { token: data.token } })).status).toBe(200);
  expect(await services.suppressions.has(normalised)).toBe(false);
  expect(await services.suppressions.has("eve@example.com")).toBe(true);
});
