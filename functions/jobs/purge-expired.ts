import { keepAccountsUpToDate } from "../../shared/flows/maintenance/accounts-upkeep.ts";
import { purgeExpired } from "../../shared/flows/maintenance/purge.ts";
import { timer } from "../../shared/jobs/timer.ts";

/**
 * Every night: what has expired is removed, so that the tables grow with the people and not with time; and accounts that an
 * older release has written are brought up to date.
 */
timer({
  name: "purge-expired",
  schedule: "0 30 3 * * *",
  async run({ context }) {
    // A telling name, such as that of tokens, would hide the figure.
    const { refreshTokens: expired, clientTokens, usedStates, isComplete, ...others } = await purgeExpired(context);
    const figures = { expired, ...others, of_clients: clientTokens, used_states: usedStates, is_complete: isComplete };
    return { ...figures, accounts_updated: await keepAccountsUpToDate(context) };
  },
});
