import { log } from "../platform/log.ts";
import type { Services } from "../services.ts";

/** A minute: what is left then waits for the next night. */
const milliseconds = 60_000;

/**
 * Brings accounts up to date that an instance of an older release has written after the migrations, and tells operators of
 * those that have one mailbox.
 * @returns how many accounts were brought up to date
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function keepAccountsUpToDate({ accounts }: Services): Promise<number> {
  const { updated, collisions } = await accounts.bringUpToDate({ milliseconds });
  for (const { accountId, otherId } of collisions)
    log("warn", "account.address_collision", { account_id: accountId, other_account_id: otherId });
  return updated;
}
