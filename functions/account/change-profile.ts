import * as z from "zod";
import { locale, toUser, user, username } from "../../shared/api/account.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const changeProfile = endpoint({
  name: "account-change-profile",
  method: "PATCH",
  route: "auth/me",
  summary: "Change the profile",
  description:
    "Changes the members that are given. Mails are written in the language of `locale`, if there is a translation; `null` leaves the choice to the browser.",
  access: "session",
  recorded: ["account.profile_changed"],
  refused: "account.profile_change_refused",
  body: z.strictObject({ username: username.optional(), locale: locale.nullable().optional() }),
  reply: z.object({ user }),
  message: "Profile changed",
  errors: ["UNAUTHENTICATED"],
  async handle({ body, principal, context, fail }) {
    const { services, now } = context;
    const { account, sessionId } = principal;
    if (body.username === undefined && body.locale === undefined) return { data: { user: toUser(account) } };
    const changed = await services.change(context, ({ accounts }) => accounts.changeProfile(account.id, body, now), {
      type: "account.profile_changed",
      accountId: account.id,
      sessionId,
    });
    // The account was deactivated in the meantime.
    if (!changed) throw fail("UNAUTHENTICATED");
    return { data: { user: toUser(changed) } };
  },
});
