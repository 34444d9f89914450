import type { CallContext } from "../context.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import type { Transaction } from "../services.ts";

export const decideRaceCodes = ["OVERLOADED"] as const;

const attempts = 4;

/** Runs a transaction that a second run leaves as it is, again when it has lost a race. */
export async function decideRace<T>(context: CallContext, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let left = attempts; ; left -= 1) {
    try {
      return await context.services.transaction(context, work, { isRepeatable: true });
    } catch (error) {
      if (!(error instanceof RaceLost) || left <= 1) throw error;
    }
  }
}

/** Another call has changed what this one has read: it reads again. Who loses every time is told that the service is busy. */
export class RaceLost extends ApiError {
  constructor() {
    super("OVERLOADED", { retryAfterSeconds: 1 });
  }
}
