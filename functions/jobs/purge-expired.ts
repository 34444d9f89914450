import { purgeExpired } from "../../shared/flows/purge.ts";
import { timer } from "../../shared/http/timer.ts";

/** Every night: what has expired is removed, so that the tables grow with the people and not with time. */
timer({
  name: "purge-expired",
  schedule: "0 30 3 * * *",
  async run({ services, now }) {
    const { refreshTokens: expired, sessions, batches, isComplete } = await purgeExpired(services, now);
    return { expired, sessions, batches, is_complete: isComplete };
  },
});
