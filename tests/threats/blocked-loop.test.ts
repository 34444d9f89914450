import { describe, expect, test } from "vitest";
import {
  bodyAttacks,
  createAttacker,
  headerAttacks,
  targetAttacks,
  targetsOf,
  type Target,
} from "../support/attacks.ts";
import { blocks, createRawClient } from "../support/blocking.ts";
import { newClient } from "../support/clients.ts";
import { jsonShapes, texts } from "../support/hostile.ts";
import { newDevice } from "../support/people.ts";
import { withSettings } from "../support/service.ts";
import { startSocialService } from "../support/social.ts";
import { whenDone } from "../support/when-done.ts";

const service = await startSocialService();
const { basic } = await newClient(service, "introspect");
const bearer = `Bearer ${(await newDevice(service.api)).accessToken}`;
const client = createRawClient(Number(new URL(service.url).port));
whenDone(client.close);
const { findBlocking, tryAll } = createAttacker(client.send);

const credentials: Readonly<Record<string, Target["credentials"]>> = {
  session: { Authorization: bearer },
  client: basic,
};
const { bodyLimitBytes: bodyBytes } = service.services.config.http;
const targets = await targetsOf(service.url, { credentials, bodyBytes });

describe.each(targets)("15.1 $method /$route", { timeout: 120_000 }, (route) => {
  test("with headers that expressions choke on blocks nobody", async () => {
    expect(await findBlocking(headerAttacks(route))).toEqual([]);
  });

  test("with such a path, query and body blocks nobody", async () => {
    expect(await findBlocking(targetAttacks(route))).toEqual([]);
    expect(await findBlocking(bodyAttacks(route))).toEqual([]);
  });
});

test("15.1 a body of the largest size that can be set blocks nobody", { timeout: 120_000 }, async () => {
  withSettings(service, { BODY_LIMIT_KIB: "256" });
  const attacks = Object.entries(jsonShapes(256 * 1024)).map(([what, body]) => ({
    what,
    request: { method: "POST", path: "/auth/login", headers: { "Content-Type": "application/json" }, body },
  }));
  expect(await tryAll(attacks)).toEqual([]);
});

test("15.1 what a provider says of a person blocks nobody", { timeout: 120_000 }, async () => {
  expect((await service.exchange({ sub: "somebody" })).status).toBe(200);
  const found: string[] = [];
  for (const { what, fill } of texts) {
    for (const [claim, before] of [
      ["name", ""],
      ["picture", "https://"],
      ["email", "a@"],
    ] as const) {
      // An id_token has 16 KiB at most.
      const person = { sub: `${claim} ${what}`, email_verified: true, [claim]: before + fill(3000).toWellFormed() };
      const milliseconds = await blocks(() => service.exchange(person));
      if (milliseconds !== undefined) found.push(`${claim} of (${what}): ${Math.round(milliseconds)} ms`);
    }
  }
  expect(found).toEqual([]);
});
