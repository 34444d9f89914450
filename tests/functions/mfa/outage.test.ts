import { afterEach, describe, expect, test } from "vitest";
import { ApiError } from "../../../shared/platform/errors/api-error.ts";
import type { Services } from "../../../shared/services.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService } from "../../support/service.ts";

const service = await startService({ RATE_LIMITS: "on", RATE_LIMIT_CREDENTIALS: "off" });
const { protectedPerson, challenge, verify, totp } = createFactorCalls(service);
const services = service.services as { transaction: Services["transaction"] };
const keys = service.services.tokens.keys as { current: Services["tokens"]["keys"]["current"] };
const { transaction } = services;
const { current } = keys;

afterEach(() => {
  services.transaction = transaction;
  keys.current = current;
});

describe("20.1 while a right code cannot sign in", () => {
  test.each([
    ["because nothing can sign", 503, breakSigning],
    ["because the database goes away", 503, breakLastTransaction],
  ])("%s, it is no guess", async (_why, status, away) => {
    const person = await protectedPerson();
    const begun = await challenge(person.email);
    for (let count = 0; count < 6; count += 1) {
      away();
      expect((await verify(begun, totp(person))).status).toBe(status);
    }
    services.transaction = transaction;
    keys.current = current;
    expect((await verify(begun, totp(person))).status).toBe(200);
  });
});

function breakSigning(): void {
  keys.current = async () => {
    throw new ApiError("SIGNING_UNAVAILABLE", { retryAfterSeconds: 5 });
  };
}

/** The transactions of a verification count the try, count the attempt, and begin the session. */
function breakLastTransaction(): void {
  let left = 2;
  services.transaction = async (context, work, options) => {
    left -= 1;
    if (left === -1) throw new ApiError("DATABASE_UNAVAILABLE");
    return transaction(context, work, options);
  };
}
