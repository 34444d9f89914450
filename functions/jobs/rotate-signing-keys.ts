import { timer } from "../../shared/jobs/timer.ts";

/**
 * Every night: publishes the next signing key when the current one is due, and removes keys that nobody needs any more.
 */
timer({
  name: "rotate-signing-keys",
  schedule: "0 0 3 * * *",
  async run({ context: { services, now } }) {
    if (!services.tokens.rotation) return { skipped: "HS256 has no keys of its own" };
    const { published, removed } = await services.tokens.rotation.maintain(now);
    return { published: published?.kid.slice(0, 8), signs_from: published?.signsFrom, removed };
  },
});
