import { activityPage, activityQuery, readActivity } from "../../shared/api/activity.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsOwnData } from "../../shared/http/leaves-nothing.ts";

export const activity = endpoint({
  name: "account-activity",
  method: "GET",
  route: "auth/me/activity",
  summary: "List what happened to the account",
  description: "Newest first. For the next page, send `next` as `after`.",
  access: "session",
  limits: ["reads"],
  ...readsOwnData,
  query: activityQuery,
  reply: activityPage,
  async handle({ query, principal, context }) {
    return { data: await readActivity(context, principal.account.id, query) };
  },
});
