import type { CallContext } from "../../context.ts";
import { log } from "../../platform/log.ts";

/**
 * Migrates accounts that an instance of an older release wrote after the migrations, and reports to operators accounts
 * that share a mailbox.
 * @returns how many accounts were updated
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function keepAccountsUpToDate({ services: { accounts } }: CallContext): Promise<number> {
  const { updated, collisions } = await accounts.bringUpToDate({ milliseconds });
  for (const { accountId, otherId } of collisions)
    log("warn", "account.address_collision", { account_id: accountId, other_account_id: otherId });
  return updated;
}

/** A minute: the rest waits for the next night. */
const milliseconds = 60_000;
