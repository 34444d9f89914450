import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadProcessConfig } from "../../shared/config.ts";
import { addSeconds, systemClock } from "../../shared/platform/clock.ts";
import { newId } from "../../shared/platform/crypto/random.ts";
import { createServices, type Services } from "../../shared/services.ts";
import { mail } from "../../tools/mail.ts";
import { useCommandSettings } from "../support/command-settings.ts";
import { postMail, rowOf } from "../support/mail-service.ts";

const now = new Date("2026-01-15T12:00:00.000Z");
let services: Services;

useCommandSettings();
beforeEach(() => {
  services = createServices(loadProcessConfig(), { ...systemClock, now: () => now });
});
afterEach(() => services.close());

/** A mail that was given up, or that ended otherwise. @returns its id */
async function ended(status: "dead" | "suppressed", to = "ada@example.com"): Promise<string> {
  const claim = { id: await postMail(services, to), claimId: newId(now) };
  await services.outbox.claim(claim, now, addSeconds(now, 120));
  await services.outbox.end(claim, { status, failure: "The server said 550." });
  return claim.id;
}

describe("npm run mail", () => {
  test("list shows what was not sent and why, and nothing that is done with", async () => {
    expect(await mail(["list"], now)).toEqual(["every mail was sent"]);
    const [dead, waiting] = [await ended("dead"), await postMail(services)];
    await services.outbox.markSent(await postMail(services), { now, keepsData: false });
    const lines = await mail(["list"], now);
    expect(lines).toHaveLength(2);
    expect(lines).toContain(`${dead}  dead  2026-01-15T12:00:00Z  reset_password  1 attempt  The server said 550.`);
    expect(lines).toContain(`${waiting}  waiting  2026-01-15T12:00:00Z  reset_password  0 attempts`);
  });

  test("show tells all but the address and what the mail says", async () => {
    const text = (await mail(["show", (await ended("dead")).toUpperCase()], now)).join("\n");
    expect(text).toMatch(/^to +a…@example\.com$/m);
    expect(text).toMatch(/^can be resent +yes/m);
    expect(text).toMatch(/^last failure +The server said 550\.$/m);
    expect(text).not.toMatch(/ada@|a-canary-token/);
  });

  test("resend has a mail sent that was given up, and allows mail to its address", async () => {
    const id = await ended("suppressed");
    await services.suppressions.add("ada@example.com", { reason: "Bounced", now });
    expect(await mail(["resend", id], now)).toEqual([`${id} will be sent`]);
    expect(await rowOf(services, id)).toMatchObject({ status: "waiting", attempts: 0, due_at: now, failure: null });
    expect(await services.suppressions.has("ada@example.com")).toBe(false);
  });

  test("resend refuses a mail whose link has expired", async () => {
    const id = await ended("dead");
    await expect(mail(["resend", id], addSeconds(now, 30 * 60))).rejects.toThrow("its link has expired");
    expect((await rowOf(services, id)).status).toBe("dead");
    expect(await mail(["resend", id], addSeconds(now, 30 * 60 - 1))).toEqual([`${id} will be sent`]);
  });

  test("resend has a mail tried now that waits for its next attempt, which still counts the earlier ones", async () => {
    const claim = { id: await postMail(services), claimId: newId(now) };
    await services.outbox.claim(claim, now, addSeconds(now, 120));
    await services.outbox.retry(claim, { dueAt: addSeconds(now, 600), failure: "The server said 450." });
    const later = addSeconds(now, 60);
    expect(await mail(["resend", claim.id], later)).toEqual([`${claim.id} will be sent`]);
    expect(await rowOf(services, claim.id)).toMatchObject({ status: "waiting", attempts: 1, due_at: later });
  });

  test("resend leaves a mail that is being sent, or that has a later place in the quota", async () => {
    const claim = { id: await postMail(services), claimId: newId(now) };
    await services.outbox.claim(claim, now, addSeconds(now, 120));
    await expect(mail(["resend", claim.id], now)).rejects.toThrow("is being sent, or waits");
    const dueAt = addSeconds(now, 600);
    await services.outbox.holdBack(claim, { dueAt, slotAt: dueAt });
    await expect(mail(["resend", claim.id], now)).rejects.toThrow("quota at 2026-01-15T12:10:00Z");
    expect((await rowOf(services, claim.id)).due_at).toEqual(dueAt);
  });

  test("resend refuses what goes to nobody, and what is sent", async () => {
    const nobodys = await postMail(services, null);
    await expect(mail(["resend", nobodys], now)).rejects.toThrow("goes to nobody");
    const id = await postMail(services);
    await services.outbox.markSent(id, { now, keepsData: false });
    await expect(mail(["resend", id], now)).rejects.toThrow("cannot be resent: it is sent");
  });

  test.each([[], ["list", "x"], ["show"], ["resend"], ["drop", "x"], ["show", "a", "b"], ["list", "--all"]])(
    "with %j says how to use it",
    async (...words) => {
      await expect(mail(words.flat(), now)).rejects.toThrow("usage: npm run mail -- list | show ID | resend ID");
    },
  );

  test("names an id that is none, or of no mail", async () => {
    await expect(mail(["show", "7"], now)).rejects.toThrow("7 is not the id of a mail");
    const id = newId(now);
    await expect(mail(["resend", id], now)).rejects.toThrow(`There is no mail ${id}`);
  });
});
