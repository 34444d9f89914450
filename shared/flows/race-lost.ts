import type { CallContext } from "../context.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import type { Transaction } from "../stores.ts";

/** Another call changed what this one had read, so it reads again. A call that keeps losing is answered as overloaded. */
export class RaceLost extends ApiError {
  constructor() {
    super("OVERLOADED", { retryAfterSeconds: 1 });
  }
}

export const decideRaceCodes = ["OVERLOADED"] as const;

const attempts = 4;

/** Runs an idempotent transaction, and repeats it when it loses a race. */
export async function decideRace<T>(context: CallContext, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let left = attempts; ; left -= 1) {
    try {
      return await context.services.transaction(context, work, { isRepeatable: true });
    } catch (error) {
      if (!(error instanceof RaceLost) || left <= 1) throw error;
    }
  }
}
