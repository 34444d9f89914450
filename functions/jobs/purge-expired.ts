import { keepAccountsUpToDate } from "../../shared/flows/maintenance/accounts-upkeep.ts";
import { purgeExpired } from "../../shared/flows/maintenance/purge.ts";
import { timer } from "../../shared/jobs/timer.ts";

/**
 * Every night: removes what has expired, so that tables grow with the number of people and not with time; and migrates
 * accounts written by an older release.
 */
timer({
  name: "purge-expired",
  schedule: "0 30 3 * * *",
  async run({ context }) {
    // A name such as that of tokens would get the figure redacted.
    const report = await purgeExpired(context);
    const { refreshTokens: expired, clientTokens, usedStates, oneTimeTokens: links, isComplete, ...others } = report;
    const freed = { expired, ...others, of_clients: clientTokens, used_states: usedStates, links };
    const figures = { ...freed, is_complete: isComplete };
    return { ...figures, accounts_updated: await keepAccountsUpToDate(context) };
  },
});
