import { keepAccountsUpToDate } from "../../shared/flows/maintenance/accounts-upkeep.ts";
import { eraseDueAccounts } from "../../shared/flows/maintenance/erase-accounts.ts";
import { pruneAuditLog } from "../../shared/flows/maintenance/prune-audit-log.ts";
import { purgeExpired } from "../../shared/flows/maintenance/purge.ts";
import { timer } from "../../shared/jobs/timer.ts";

/**
 * Every night: removes what has expired, so that tables grow with the number of people and not with time, and old days of
 * the audit log; erases the accounts whose owners have deleted them; and migrates accounts written by an older release.
 */
timer({
  name: "purge-expired",
  schedule: "0 30 3 * * *",
  async run({ context }) {
    // A name such as that of tokens would get the figure redacted.
    const report = await purgeExpired(context);
    const {
      refreshTokens: expired,
      clientTokens,
      usedStates,
      oneTimeTokens: links,
      stoppedAddresses,
      formerEvents: former_events,
      isComplete,
      ...others
    } = report;
    const renamed = {
      of_clients: clientTokens,
      used_states: usedStates,
      links,
      stopped_addresses: stoppedAddresses,
      former_events,
    };
    const { events, isComplete: isPruned } = await pruneAuditLog(context);
    const freed = { expired, ...others, ...renamed, events };
    const { erased, failed, isComplete: isAllErased } = await eraseDueAccounts(context);
    const accounts = { accounts_erased: erased, erasures_failed: failed };
    const figures = { ...freed, ...accounts, is_complete: isComplete && isPruned && isAllErased };
    return { ...figures, accounts_updated: await keepAccountsUpToDate(context) };
  },
});
